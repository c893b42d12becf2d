/// <reference lib="esnext.disposable" preserve="true" />
import type { Address, Host, NodeId } from '@colony/host'
import type { Path } from '../core/component.ts'
import type { CoreSend } from '../core/input.ts'
import type { FrameSealer } from './keyring.ts'
import type { PacketMetrics } from './metrics.ts'

/** The name of gossip's channel on a transport. */
export const CHANNEL = 'gossip'

/** Receives one opened packet. */
export type PacketHandler = (from: NodeId, bytes: Uint8Array, path: Path) => void

type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] }

/** Gossip's channel on the host's transport: packets out and in, sealed and opened, counted. */
export class FrameChannel {
  readonly #host: Host
  readonly #sealer: FrameSealer | undefined
  /** Largest packet that is taken for a datagram where the transport does not tell. */
  readonly #packetBytes: number
  readonly #counts: Mutable<PacketMetrics> = {
    sent: 0,
    received: 0,
    bytesSent: 0,
    bytesReceived: 0,
    streamsSent: 0,
    notTaken: 0,
  }
  #unopened = 0

  constructor(host: Host, sealer: FrameSealer | undefined, packetBytes: number) {
    this.#host = host
    this.#sealer = sealer
    this.#packetBytes = packetBytes
  }

  /** What was counted so far. */
  counts(): PacketMetrics {
    return { ...this.#counts }
  }

  /** Frames that the keyring could not open. */
  get unopened(): number {
    return this.#unopened
  }

  /** Hands on every frame that can be opened. */
  receive(handler: PacketHandler): Disposable {
    return this.#host.transport.receive(CHANNEL, (from, frame, path) => {
      this.#counts.received += 1
      this.#counts.bytesReceived += frame.byteLength
      const bytes = this.#sealer === undefined ? frame : this.#sealer.open(frame, from)
      if (bytes === undefined) this.#unopened += 1
      else handler(from, bytes, path ?? (bytes.byteLength <= this.#packetBytes ? 'datagram' : 'stream'))
    })
  }

  /** Sends what a core says. One that is not taken is the network's ordinary weather: the protocol repairs it. */
  send(packet: CoreSend): void {
    const frame = this.#sealed(packet)
    const taken =
      'to' in packet ? this.#sendTo(packet.to, frame, packet.path) : this.#contact(packet.at, frame)
    this.#counts.sent += 1
    this.#counts.bytesSent += frame.byteLength
    if (packet.path === 'stream') this.#counts.streamsSent += 1
    if (!taken) this.#counts.notTaken += 1
  }

  #sealed(packet: CoreSend): Uint8Array {
    if (this.#sealer === undefined) return packet.bytes
    return this.#sealer.seal(packet.bytes, 'to' in packet ? packet.to : undefined)
  }

  #sendTo(to: NodeId, frame: Uint8Array, path: Path): boolean {
    const { transport } = this.#host
    if (path === 'stream' && transport.stream !== undefined) return transport.stream(to, CHANNEL, frame)
    return transport.send(to, CHANNEL, frame)
  }

  /** Where a transport knows no addresses, nodes are found by their ids. */
  #contact(address: Address, frame: Uint8Array): boolean {
    const { transport } = this.#host
    if (transport.contact !== undefined) return transport.contact(address, CHANNEL, frame)
    return transport.send(address, CHANNEL, frame)
  }
}
