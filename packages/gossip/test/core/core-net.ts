import { type Address, createRandom, type NodeId, type Random } from '@colony/host'
import type { CoreEvent } from '../../src/core/core-event.ts'
import { GossipCore } from '../../src/core/gossip-core.ts'
import type { CoreInput, CoreOutputs } from '../../src/core/input.ts'
import type { CoreOptions } from '../../src/core/options.ts'
import { timingOf } from '../../src/core/profiles.ts'
import type { Path } from '../../src/core/component.ts'
import { EventHeap } from './event-heap.ts'

/** An event with who told it, and when. */
export type NetEvent = CoreEvent & { readonly at: number; readonly node: NodeId }

export interface NetOptions {
  readonly seed: number
  /** Least and most one-way latency in milliseconds; default 1 to 2. */
  readonly latency?: readonly [number, number]
  /** Part of the datagrams that are lost; default 0. Streams lose nothing but what is cut. */
  readonly loss?: number
  /** For every core that is added. */
  readonly core?: Partial<CoreOptions>
  /** Whether events are kept; default true. Turn it off for large runs. */
  readonly record?: boolean
}

/** A core in the net, and what happens to its process. */
export interface NetNode {
  readonly id: NodeId
  core: GossipCore
  state: 'up' | 'paused' | 'down'
  /** When the earliest wake-up that is under way comes. */
  wakeAt: number
  pausedAt: number
  life: number
  readonly inbox: { from: NodeId; bytes: Uint8Array; path: Path }[]
}

/**
 * Cores on a network in virtual time: seeded latency and loss, cut links, crashes and pauses. Addresses are ids. Same seed, same run.
 */
export class CoreNet {
  now = 0
  packets = 0
  bytes = 0
  loss: number
  readonly events: NetEvent[] = []
  readonly nodes = new Map<NodeId, NetNode>()
  readonly #options: NetOptions
  readonly #random: Random
  readonly #heap = new EventHeap<NetNode>()
  /** Links that lose everything: 'from>to'. */
  readonly #cut = new Set<string>()
  /** Sees every packet; `false` loses it. */
  filter: ((from: NodeId, to: NodeId, bytes: Uint8Array, path: Path) => boolean) | undefined

  constructor(options: NetOptions) {
    this.#options = options
    this.#random = createRandom(options.seed, 'core-net')
    this.loss = options.loss ?? 0
  }

  /** Adds a node that looks for others at `seeds`. */
  add(id: NodeId, seeds: readonly NodeId[] = [], options: Partial<CoreOptions> = {}): GossipCore {
    const node: NetNode = {
      id,
      core: this.#makeCore(id, 1, seeds, options),
      state: 'up',
      wakeAt: Infinity,
      pausedAt: 0,
      life: 1,
      inbox: [],
    }
    this.nodes.set(id, node)
    this.#step(node, { type: 'tick' })
    return node.core
  }

  /** Adds n1 … n<count>, all of which know n1 as a seed, and runs until all know all or `withinMs` have passed. */
  addMany(count: number, withinMs = 120_000, options: Partial<CoreOptions> = {}): NodeId[] {
    const ids = Array.from({ length: count }, (_, index) => `n${index + 1}`)
    for (const id of ids) this.add(id, id === 'n1' ? [] : ['n1'], options)
    this.runUntil(() => ids.every((id) => this.core(id).members.size === count), withinMs)
    return ids
  }

  core(id: NodeId): GossipCore {
    return this.#node(id).core
  }

  /** What a node counts as present, itself included, sorted. */
  present(id: NodeId): NodeId[] {
    return [id, ...this.core(id).members.present()].sort()
  }

  /** Gives a core an input. */
  input(id: NodeId, input: CoreInput): void {
    this.#step(this.#node(id), input)
  }

  /** Goes on for `ms`. */
  run(ms: number): void {
    const end = this.now + ms
    while (this.#heap.size > 0 && this.#heap.earliest <= end) this.#next()
    this.now = end
  }

  /** Goes on until `done`, which is looked at every 10 ms, or for `withinMs`. Whether it was done. */
  runUntil(done: () => boolean, withinMs: number): boolean {
    const end = this.now + withinMs
    while (!done()) {
      if (this.now >= end) return false
      this.run(10)
    }
    return true
  }

  /** Its process ends without a word. */
  crash(id: NodeId): void {
    this.#node(id).state = 'down'
  }

  /** A new process under the same id, with a newer life. */
  restart(id: NodeId, seeds: readonly NodeId[], options: Partial<CoreOptions> = {}): GossipCore {
    const node = this.#node(id)
    node.life++
    node.core = this.#makeCore(id, node.life, seeds, options)
    node.state = 'up'
    node.inbox.length = 0
    this.#step(node, { type: 'tick' })
    return node.core
  }

  /** Its process stands still; what comes waits. */
  pause(id: NodeId): void {
    const node = this.#node(id)
    node.state = 'paused'
    node.pausedAt = this.now
  }

  /** It goes on: it reads what waits, and learns how long it stood still. */
  resume(id: NodeId): void {
    const node = this.#node(id)
    node.state = 'up'
    this.#step(node, { type: 'stalled', ms: this.now - node.pausedAt })
    for (const { from, bytes, path } of node.inbox.splice(0)) {
      this.#step(node, { type: 'packet', from, bytes, path })
    }
    this.#step(node, { type: 'tick' })
  }

  /** Nothing that `from` sends reaches `to` any more. */
  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(`${from}>${to}`)
  }

  /** Those in `group` and all others do not hear each other any more. */
  isolate(group: readonly NodeId[]): void {
    for (const inside of group) {
      for (const outside of this.nodes.keys()) {
        if (group.includes(outside)) continue
        this.cut(inside, outside)
        this.cut(outside, inside)
      }
    }
  }

  /** All links work again. */
  heal(): void {
    this.#cut.clear()
  }

  #makeCore(id: NodeId, life: number, seeds: readonly NodeId[], options: Partial<CoreOptions>): GossipCore {
    const defaults: CoreOptions = {
      id,
      address: id,
      cluster: 'net',
      epoch: life,
      random: this.#random.fork(`${id}:${life}`),
      timing: timingOf('lan'),
      seeds: seeds.map((seed) => ({ address: seed as Address })),
    }
    return new GossipCore({ ...defaults, ...this.#options.core, ...options }, this.now)
  }

  #node(id: NodeId): NetNode {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  #next(): void {
    const event = this.#heap.pop()
    this.now = event.at
    const { node } = event
    if (event.bytes !== undefined) {
      if (node.state === 'paused') node.inbox.push({ from: event.from, bytes: event.bytes, path: event.path })
      else if (node.state === 'up') {
        this.#step(node, { type: 'packet', from: event.from, bytes: event.bytes, path: event.path })
      }
      return
    }
    if (event.at === node.wakeAt) node.wakeAt = Infinity
    if (node.state === 'up' && node.core.deadline <= this.now) this.#step(node, { type: 'tick' })
    else if (node.state === 'up') this.#wake(node)
  }

  #step(node: NetNode, input: CoreInput): void {
    const outputs: CoreOutputs = node.core.step(this.now, input)
    if (this.#options.record !== false) {
      for (const event of outputs.events) this.events.push({ ...event, at: this.now, node: node.id })
    }
    for (const send of outputs.sends) {
      this.#send(node.id, 'to' in send ? send.to : send.at, send.bytes, send.path)
    }
    this.#wake(node)
  }

  #wake(node: NetNode): void {
    const at = Math.max(this.now, node.core.deadline)
    if (at >= node.wakeAt || at === Infinity) return
    node.wakeAt = at
    this.#heap.push({ at, node, from: '', bytes: undefined, path: 'datagram' })
  }

  #send(from: NodeId, to: NodeId, bytes: Uint8Array, path: Path): void {
    this.packets++
    this.bytes += bytes.length
    const node = this.nodes.get(to)
    if (node === undefined || node.state === 'down') return
    if (this.#cut.size > 0 && this.#cut.has(`${from}>${to}`)) return
    if (path === 'datagram' && this.loss > 0 && this.#random.float() < this.loss) return
    if (this.filter !== undefined && !this.filter(from, to, bytes, path)) return
    const [least, most] = this.#options.latency ?? [1, 2]
    const at = this.now + least + this.#random.float() * (most - least)
    this.#heap.push({ at, node, from, bytes, path })
  }
}
