import { ByteReader, ByteWriter, createRandom, type NodeId, type Random } from '@colony/host'
import type { Component, Path, Section } from '../../../src/core/component.ts'
import type { Member } from '../../../src/core/members/member.ts'
import { SharedState } from '../../../src/core/state/shared-state.ts'
import type { StateLimits } from '../../../src/core/state/state-limits.ts'
import { VersionedState } from '../../../src/core/state/versioned-state.ts'
import { compareStanding, standingOf } from '../../../src/core/sync/digest-codec.ts'
import { Fingerprint } from '../../../src/core/sync/fingerprint.ts'
import { Sync } from '../../../src/core/sync/sync.ts'
import type { Timing } from '../../../src/core/timing.ts'
import type { MemberUpdate } from '../../../src/core/wire/member-update.ts'
import { FakeContext, LAN } from '../fake-context.ts'

/** What a net is made of. */
export interface NetOptions {
  readonly seed?: number | string
  /** Part of the datagrams that are lost. */
  readonly loss?: number
  readonly timing?: Partial<Timing>
  readonly limits?: Partial<StateLimits>
  readonly bytesPerSecond?: number
  /** Everybody begins by knowing everybody. Default true. */
  readonly acquainted?: boolean
}

/** Bytes that were sent, by what for. */
export interface Traffic {
  datagrams: number
  streams: number
  bytes: number
  largest: number
}

/** A node with state, shared values and anti-entropy over a table of members that knows nothing of probes. */
export class StateNode extends FakeContext {
  readonly fingerprint = new Fingerprint()
  readonly state: VersionedState
  readonly shared: SharedState
  readonly sync: Sync
  readonly contradicted: NodeId[] = []
  /** What anti-entropy gave to the table. */
  readonly applied: MemberUpdate[] = []
  /** Tells processes with one id apart. */
  readonly process: number
  readonly #net: StateNet
  readonly #rows = new Map<NodeId, Member>()
  readonly #parts: Component[]

  constructor(net: StateNet, id: NodeId, epoch: number, options: NetOptions) {
    super(id, [], { ...LAN, ...options.timing })
    this.#net = net
    this.process = epoch
    this.now = net.now
    this.state = new VersionedState(this, this.fingerprint, options.limits)
    this.shared = new SharedState(this, this.fingerprint, {
      limits: options.limits ?? {},
      wallOffsetMs: 1_700_000_000_000,
    })
    const register = {
      all: () => this.#rows.values(),
      record: (of: NodeId) => this.#record(of),
      applyAll: (updates: readonly MemberUpdate[]) => this.#apply(updates),
    }
    const knowledge = { self: id, register, state: this.state, shared: this.shared }
    this.sync = new Sync(this, this.fingerprint, knowledge, {
      contradicted: (of) => this.contradicted.push(of),
      ...(options.bytesPerSecond === undefined ? {} : { bytesPerSecond: options.bytesPerSecond }),
    })
    this.#parts = [this.state, this.shared, this.sync]
    this.learn(id, 'alive', epoch)
  }

  get rows(): ReadonlyMap<NodeId, Member> {
    return this.#rows
  }

  /** The table says so from now on. */
  learn(id: NodeId, status: Member['status'], epoch: number, counter = 0): void {
    const before = this.#rows.get(id)
    const after = this.members.set(id, status, { epoch, counter })
    this.#rows.set(id, after)
    this.sync.memberChanged(before, after)
  }

  /** The table does not know it any more. */
  forget(id: NodeId): void {
    const before = this.#rows.get(id)
    this.#rows.delete(id)
    this.members.remove(id)
    this.sync.memberChanged(before, undefined)
  }

  override send(to: NodeId, tag: number, body: Uint8Array, path: Path = 'datagram'): boolean {
    if (!super.send(to, tag, body, path)) return false
    this.sent = []
    this.#net.post(this.self, to, tag, body, path)
    return true
  }

  sections(): Section[] {
    return [this.state.deltas, this.shared, this.sync.digest, this.sync.chunk, this.sync.summary]
  }

  /** Whether anything was due. */
  tick(): boolean {
    const due = this.#parts.filter((part) => part.deadline <= this.now)
    for (const part of due) part.tick()
    return due.length > 0
  }

  /** Keys and values of an owner as text. */
  copyOf(owner: NodeId): Record<string, string> {
    return Object.fromEntries([...this.state.store.entries(owner)].map(([key, value]) => [key, text(value)]))
  }

  sharedCopy(): Record<string, string> {
    const keys = [...this.shared.values.keys()].sort()
    return Object.fromEntries(keys.map((key) => [key, text(this.shared.values.value(key))]))
  }

  #record(of: NodeId): MemberUpdate | undefined {
    const row = this.#rows.get(of)
    return row && { ...row, accuser: of }
  }

  #apply(updates: readonly MemberUpdate[]): boolean {
    this.applied.push(...updates)
    for (const update of updates) {
      const row = this.#rows.get(update.id)
      const told = { incarnation: update.incarnation, standing: standingOf(update.status) }
      const known = row && { incarnation: row.incarnation, standing: standingOf(row.status) }
      if (update.id === this.self || (known && compareStanding(told, known) <= 0)) continue
      this.learn(update.id, update.status, update.incarnation.epoch, update.incarnation.counter)
    }
    return true
  }
}

/** Nodes in one process: gossip each 200 ms, a summary of somebody each second, messages that arrive one step later. */
export class StateNet {
  now = 1000
  loss: number
  readonly nodes = new Map<NodeId, StateNode>()
  readonly traffic: Traffic = { datagrams: 0, streams: 0, bytes: 0, largest: 0 }
  /** Links that are cut, as `from>to`. */
  readonly cut = new Set<string>()
  /** Called after every message that was taken in, and every tick. */
  check: (node: StateNode) => void = () => {}
  readonly random: Random
  readonly #options: NetOptions
  #mail: { from: NodeId; to: NodeId; tag: number; body: Uint8Array }[] = []

  constructor(count: number, options: NetOptions = {}) {
    this.#options = options
    this.loss = options.loss ?? 0
    this.random = createRandom(options.seed ?? 1, 'state-net')
    for (let index = 0; index < count; index++) this.add(`node-${index}`, 7)
    if (options.acquainted !== false) this.acquaint()
  }

  node(index: number): StateNode {
    return this.nodes.get(`node-${index}`)!
  }

  all(): StateNode[] {
    return [...this.nodes.values()]
  }

  add(id: NodeId, epoch: number): StateNode {
    const node = new StateNode(this, id, epoch, this.#options)
    this.nodes.set(id, node)
    return node
  }

  /** Everybody hears of everybody. */
  acquaint(): void {
    for (const node of this.all()) {
      for (const other of this.all()) {
        const { incarnation } = other.rows.get(other.self)!
        const { self } = other
        if (node.rows.get(self)?.incarnation.epoch !== incarnation.epoch) {
          node.learn(self, 'alive', incarnation.epoch)
        }
      }
    }
  }

  post(from: NodeId, to: NodeId, tag: number, body: Uint8Array, path: Path): void {
    this.traffic[path === 'datagram' ? 'datagrams' : 'streams']++
    this.traffic.bytes += body.length
    if (path === 'datagram') this.traffic.largest = Math.max(this.traffic.largest, body.length)
    if (this.cut.has(`${from}>${to}`) || (path === 'datagram' && this.random.float() < this.loss)) return
    this.#mail.push({ from, to, tag, body })
  }

  /** Lets time pass, in steps of 50 ms. */
  run(ms: number): void {
    for (const end = this.now + ms; this.now < end;) this.step()
  }

  /** Lets time pass until `done`, at most `ms`; how long it took. */
  until(done: () => boolean, ms: number): number {
    const start = this.now
    while (!done() && this.now < start + ms) this.step()
    return this.now - start
  }

  step(): void {
    this.now += 50
    for (const node of this.all()) node.now = this.now
    const mail = this.#mail
    this.#mail = []
    for (const { from, to, tag, body } of mail) this.#deliver(from, to, tag, body)
    for (const node of this.all()) {
      if (node.tick()) this.check(node)
      if (this.now % node.timing.gossipIntervalMs === 0) this.#gossip(node)
      if (this.now % node.timing.probeIntervalMs === 0) this.#probe(node)
    }
  }

  #deliver(from: NodeId, to: NodeId, tag: number, body: Uint8Array): void {
    const node = this.nodes.get(to)
    const section = node?.sections().find((one) => one.tag === tag)
    if (node === undefined || section === undefined) return
    section.read(new ByteReader(body), from)
    this.check(node)
  }

  #gossip(node: StateNode): void {
    for (const peer of node.members.pick(node.timing.gossipFanout)) {
      for (const section of [node.state.deltas, node.shared]) {
        if (section.backlog === 0) continue
        const writer = new ByteWriter()
        section.write(writer, node.packetBytes / 2, peer)
        if (writer.length > 0) node.send(peer, section.tag, writer.finish())
      }
    }
  }

  /** Somebody answers a probe, with a summary. */
  #probe(node: StateNode): void {
    const [peer] = node.members.pick(1)
    const other = peer === undefined ? undefined : this.nodes.get(peer)
    if (other === undefined) return
    const writer = new ByteWriter()
    other.sync.summary.write(writer, 100)
    other.send(node.self, other.sync.summary.tag, writer.finish())
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function text(value: Uint8Array | undefined): string {
  return new TextDecoder().decode(value)
}
