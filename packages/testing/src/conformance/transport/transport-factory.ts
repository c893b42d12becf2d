import type { Clock, NodeId, Observer, Transport } from '@colony/host'
import type { ConformancePlace } from '../conformance-case.ts'

/**
 * What a transport may be able to do beyond the least that the interface asks for. A factory lists what holds; the cases that need
 * anything else are left out.
 *
 * - `ordered`, `reliable`: as the transport's own `capabilities` say.
 * - `addresses`: it knows which nodes there are, so `send` to a stranger returns `false`.
 * - `connections`: it notices that a peer is gone, so that `send` to it returns `false` sooner or later.
 * - `bounded`: what waits for a peer is limited, so that `send` returns `false` when too much does.
 * - `observer`: it reports to the observer that it is given.
 * - `contact`: it has addresses, and reaches whoever listens at one: it has `contact` and `localAddress`.
 * - `stream`: it sends datagrams, and streams when asked to: it has `stream`.
 * - `occupied`: {@link TransportNetwork.occupied} can make listening impossible for a while.
 * @category Conformance
 */
export type TransportAbility =
  | 'ordered'
  | 'reliable'
  | 'addresses'
  | 'connections'
  | 'bounded'
  | 'observer'
  | 'contact'
  | 'stream'
  | 'occupied'

/**
 * A transport that cannot listen yet.
 * @category Conformance
 */
export interface OccupiedTransport {
  /** `open` of it must reject until `free` has resolved. */
  readonly transport: Transport
  /** Lets `open` succeed from now on. */
  free(): Promise<void> | void
}

/**
 * Where the nodes of one case meet, with nobody else there.
 * @category Conformance
 */
export interface TransportNetwork extends ConformancePlace {
  /**
   * Makes the transport of a node, not open yet. Asked again for the same id after that node closed, it stands for the restarted node.
   * The suite closes what it opened.
   */
  transport(id: NodeId, observer: Observer): Promise<Transport> | Transport
  /** Makes a transport that cannot listen yet. Needed for the ability `occupied`. */
  occupied?(id: NodeId): Promise<OccupiedTransport> | OccupiedTransport
  /**
   * Resolves when no frame is on its way any more: everything sent has arrived or is lost. Default: a probe between any two open nodes,
   * in both directions, which is enough where all channels between two nodes share one ordered stream. Required without `ordered`.
   */
  settle?(): Promise<void>
  /** For deadlines and pauses. Default: `systemClock`. */
  readonly clock?: Clock
}

/**
 * Makes transports for {@link transportConformance}.
 * @category Conformance
 */
export interface TransportFactory {
  /** What the transports can do. A claim that does not hold fails the cases that need it. */
  readonly supports: readonly TransportAbility[]
  /**
   * How long a case waits in vain for a frame, an opening or a closing, in milliseconds of the network's clock, 1 to 10^9.
   * Default 4000: just below the five seconds after which many test runners give up, with a worse message.
   */
  readonly deadlineMs?: number
  /**
   * Makes a network without nodes; called once a case. The suite sends frames as large as `maxFrameBytes`, and fills queues
   * to their limit: give small limits where they can be chosen.
   */
  network(): Promise<TransportNetwork> | TransportNetwork
}
