import { createRandom, type NodeId, type Random } from '@colony/host'
import { type CoreEvent, type CoreOutputs, GossipCore, type Timing, timingOf } from '@colony/gossip'
import { TimeWheel } from './time-wheel.ts'

/** One core, and its process. */
export interface NetworkNode {
  readonly id: NodeId
  readonly core: GossipCore
  up: boolean
  /** When the earliest wake-up under way comes. */
  wakeAt: number
}

interface NetworkEvent {
  readonly node: NetworkNode
  readonly from: NodeId
  /** Without bytes: a wake-up. */
  readonly bytes: Uint8Array | undefined
  readonly path: 'datagram' | 'stream'
}

/** Told of every event of a core. */
export type NetworkListener = (node: NetworkNode, event: CoreEvent, now: number) => void

/**
 * Cores stepped directly, without a promise in between, on a network that takes 1 to 3 ms and loses so many of the datagrams. Addresses are ids. Time is whole milliseconds; the
 * same seed gives the same run.
 */
export class CoreNetwork {
  /** Milliseconds since the beginning. */
  now = 0
  /** Packets sent. */
  packets = 0
  /** Their bytes, as a transport is given them. */
  bytes = 0
  /** Told of events, where anybody wants to know. */
  listener: NetworkListener | undefined
  readonly nodes: Map<NodeId, NetworkNode> = new Map()
  readonly #random: Random
  readonly #loss: number
  readonly #wheel = new TimeWheel<NetworkEvent>()
  readonly #timing: Timing = timingOf('lan')

  constructor(seed: number, loss = 0) {
    this.#random = createRandom(seed, 'bench-network')
    this.#loss = loss
  }

  /** Starts a node that looks for others at `seeds`. */
  add(id: NodeId, seeds: readonly NodeId[]): NetworkNode {
    const core = new GossipCore(
      {
        id,
        address: id,
        cluster: 'bench',
        epoch: 1,
        random: this.#random.fork(id),
        timing: this.#timing,
        seeds: seeds.map((address) => ({ address })),
      },
      this.now,
    )
    const node: NetworkNode = { id, core, up: true, wakeAt: Infinity }
    this.nodes.set(id, node)
    this.#carryOut(node, core.step(this.now, { type: 'tick' }))
    return node
  }

  /** Starts `n1` to `n<count>` at once, all of which know `n1` alone; runs until all know all. Milliseconds that took; NaN when it took longer. */
  join(count: number, withinMs: number): number {
    for (let number = 1; number <= count; number++) this.add(`n${number}`, number === 1 ? [] : ['n1'])
    const started = this.now
    while (this.now - started < withinMs) {
      this.run(10)
      if ([...this.nodes.values()].every(({ core }) => core.members.size === count)) return this.now - started
    }
    return Number.NaN
  }

  /** Lets time pass. */
  run(ms: number): void {
    const end = this.now + ms
    while (this.now < end) {
      this.now += 1
      for (const event of this.#wheel.advance()) this.#happen(event)
    }
  }

  #happen({ node, from, bytes, path }: NetworkEvent): void {
    if (!node.up) return
    if (bytes !== undefined) {
      this.#carryOut(node, node.core.step(this.now, { type: 'packet', from, bytes, path }))
      return
    }
    if (node.wakeAt > this.now) return
    node.wakeAt = Infinity
    if (node.core.deadline <= this.now) this.#carryOut(node, node.core.step(this.now, { type: 'tick' }))
    else this.#wake(node)
  }

  #carryOut(node: NetworkNode, { sends, events }: CoreOutputs): void {
    if (this.listener !== undefined) for (const event of events) this.listener(node, event, this.now)
    for (const send of sends) {
      this.packets += 1
      this.bytes += send.bytes.length
      const target = this.nodes.get('to' in send ? send.to : send.at)
      const drawn = this.#random.float()
      if (target === undefined || (send.path === 'datagram' && this.#random.float() < this.#loss)) continue
      this.#wheel.push(this.now + 1 + 2 * drawn, {
        node: target,
        from: node.id,
        bytes: send.bytes,
        path: send.path,
      })
    }
    this.#wake(node)
  }

  #wake(node: NetworkNode): void {
    const { deadline } = node.core
    if (deadline >= node.wakeAt || deadline === Infinity) return
    node.wakeAt = Math.max(this.now + 1, Math.ceil(deadline))
    this.#wheel.push(node.wakeAt, { node, from: '', bytes: undefined, path: 'datagram' })
  }
}
