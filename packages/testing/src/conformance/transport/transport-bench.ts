import type { Channel, Clock, NodeId, ObservedEvent, Transport } from '@colony/host'
import { systemClock } from '@colony/host'
import { TestingError } from '../../errors.ts'
import type { CaseSpec } from '../conformance-case.ts'
import { Mismatch } from '../conformance-error.ts'
import type { Inbox } from './inbox.ts'
import { numberOf, testFrame } from './test-frame.ts'
import type {
  OccupiedTransport,
  TransportAbility,
  TransportFactory,
  TransportNetwork,
} from './transport-factory.ts'
import { TransportNode } from './transport-node.ts'

/** A case of the suite. */
export type TransportCase = CaseSpec<TransportBench, TransportAbility>

const DEFAULT_DEADLINE_MS = 4000
const PROBE_CHANNEL = 'conformance:probe'
/** Probes are numbered far above what cases send, so that a message that shows a number shows what it is of. */
const FIRST_PROBE = 0x7000_0000
/** Between two tries of a frame that was refused. */
const REFUSED_PAUSE_MS = 5

/** The nodes of one case, the ways between them, and the patience to wait for what may come late, twice or only at the second try. */
export class TransportBench {
  readonly clock: Clock
  /** How long anything may take. */
  readonly deadlineMs: number
  /** What the factory claims. */
  readonly supports: readonly TransportAbility[]
  readonly #network: TransportNetwork
  readonly #open = new Map<NodeId, TransportNode>()
  readonly #made: Transport[] = []
  #probes = FIRST_PROBE

  constructor(factory: TransportFactory, network: TransportNetwork) {
    this.clock = network.clock ?? systemClock
    this.deadlineMs = factory.deadlineMs ?? DEFAULT_DEADLINE_MS
    this.supports = factory.supports
    this.#network = network
  }

  /** A node that is not open. */
  async make(id: NodeId): Promise<TransportNode> {
    const events: ObservedEvent[] = []
    const transport = await this.#network.transport(id, (event) => events.push(event))
    this.#made.push(transport)
    return new TransportNode(id, transport, events)
  }

  /** Opens a node that was made. */
  async open(node: TransportNode): Promise<TransportNode> {
    await this.within(node.transport.open(node.id), `open of '${node.id}'`)
    node.transport.receive(PROBE_CHANNEL, node.probes.handler)
    this.#open.set(node.id, node)
    return node
  }

  /** Makes a node and opens it. */
  async node(id: NodeId): Promise<TransportNode> {
    return await this.open(await this.make(id))
  }

  /** Two open nodes that have heard from each other. */
  async pair(): Promise<{ readonly a: TransportNode; readonly b: TransportNode }> {
    const [a, b] = [await this.node('a'), await this.node('b')]
    await this.connect(a, b)
    return { a, b }
  }

  /** Three open nodes, each of which has heard from the others. */
  async trio(): Promise<{ readonly a: TransportNode; readonly b: TransportNode; readonly c: TransportNode }> {
    const { a, b } = await this.pair()
    const c = await this.node('c')
    await this.connect(a, c)
    await this.connect(b, c)
    return { a, b, c }
  }

  /** A transport that cannot listen yet. */
  async occupied(id: NodeId): Promise<OccupiedTransport> {
    const occupied = await this.#network.occupied?.(id)
    if (occupied === undefined) throw wrongFactory("the ability 'occupied' needs a network with occupied()")
    this.#made.push(occupied.transport)
    return occupied
  }

  /** Closes a node for good; it takes part in nothing any more. */
  async close(node: TransportNode): Promise<void> {
    this.#open.delete(node.id)
    await this.within(node.transport.close(), `close of '${node.id}'`)
  }

  /** Resolves when both nodes have heard from each other. */
  async connect(one: TransportNode, other: TransportNode): Promise<void> {
    await Promise.all([this.#probe(one, other), this.#probe(other, one)])
  }

  /**
   * Sends frames, each again and again until it has arrived: with pauses while it is refused, and once more after a long silence.
   * Frames must differ from each other. What `send` is given is a copy, so a transport that spoils it is found out where that is looked for.
   */
  async carry(
    from: TransportNode,
    to: TransportNode,
    channel: Channel,
    inbox: Inbox,
    frames: readonly Uint8Array[],
  ): Promise<void> {
    const end = this.clock.now() + this.deadlineMs
    const resendMs = this.deadlineMs / 10
    const sentAt = new Map<Uint8Array, number>()
    for (;;) {
      const missing = frames.filter((frame) => !inbox.has(frame))
      if (missing.length === 0) return
      const now = this.clock.now()
      if (now > end) throw this.#neverArrived(from, to, channel, missing, sentAt.size)
      let refused = false
      for (const frame of missing) {
        if (now - (sentAt.get(frame) ?? -Infinity) < resendMs) continue
        if (from.transport.send(to.id, channel, frame.slice())) sentAt.set(frame, now)
        else refused = true
      }
      const count = inbox.received.length
      await inbox.wait(this.clock, refused ? REFUSED_PAUSE_MS : resendMs, () => {
        return inbox.received.length >= count + missing.length
      })
    }
  }

  /** Resolves when nothing that was sent is on its way any more. */
  async settle(): Promise<void> {
    if (this.#network.settle !== undefined) {
      await this.#network.settle()
      return
    }
    if (!this.supports.includes('ordered'))
      throw wrongFactory("a network without the ability 'ordered' needs settle()")
    const nodes = [...this.#open.values()]
    const ways = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => this.#probe(from, to)))
    await Promise.all(ways)
  }

  /** Waits for a promise, not longer than the deadline. */
  async within<Value>(work: Promise<Value>, what: string): Promise<Value> {
    let timer: Disposable | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = this.clock.after(this.deadlineMs, () => {
        reject(new Mismatch(`${what} took longer than ${this.deadlineMs} ms`))
      })
    })
    try {
      return await Promise.race([work, late])
    } finally {
      timer?.[Symbol.dispose]()
    }
  }

  /** Tries `condition` again and again until it holds. */
  async eventually(condition: () => boolean, what: string): Promise<void> {
    const end = this.clock.now() + this.deadlineMs
    while (!condition()) {
      if (this.clock.now() > end) throw new Mismatch(`${what}: not within ${this.deadlineMs} ms`)
      await this.pause(REFUSED_PAUSE_MS)
    }
  }

  /** Lets time pass. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => void this.clock.after(ms, resolve))
  }

  /** Closes everything, whatever state it is in. */
  async tidyUp(): Promise<void> {
    const closings = this.#made.map(async (transport) => await transport.close())
    await this.within(Promise.allSettled(closings), 'closing everything').catch(() => undefined)
  }

  async #probe(from: TransportNode, to: TransportNode): Promise<void> {
    this.#probes += 1
    await this.carry(from, to, PROBE_CHANNEL, to.probes, [testFrame(this.#probes)])
  }

  #neverArrived(
    from: TransportNode,
    to: TransportNode,
    channel: Channel,
    missing: readonly Uint8Array[],
    accepted: number,
  ): Mismatch {
    const [first] = missing
    const what = first === undefined ? 'a frame' : `number ${numberOf(first)} of ${first.length} bytes`
    const why = accepted === 0 ? 'send never returned true' : 'send returned true'
    return new Mismatch(
      `${missing.length} frames from '${from.id}' to '${to.id}' on channel '${channel}' did not arrive within ` +
        `${this.deadlineMs} ms, ${what} among them; ${why}`,
    )
  }
}

function wrongFactory(told: string): TestingError {
  return new TestingError('TESTING_INVALID_OPTION', told)
}
