/// <reference lib="esnext.disposable" preserve="true" />
import {
  Emitter,
  jsonCodec,
  requireInteger,
  requireMethods,
  requireName,
  type Address,
  type Codec,
  type NodeId,
} from '@colony/host'
import type { Verdict } from '../core/members/member.ts'
import { GossipError } from '../errors.ts'
import { Driver } from './driver.ts'
import type { DrivenCore } from './driven-core.ts'
import type { GossipEvent, GossipEvents, StreamedEvent } from './event.ts'
import { EventRouter } from './event-router.ts'
import { EventStreams } from './event-stream.ts'
import { explainText } from './explanation.ts'
import { Farewell } from './farewell.ts'
import type { FrameChannel } from './frame-channel.ts'
import type {
  EventsOptions,
  Explanation,
  Gossip,
  GossipHealth,
  LeaveOptions,
  ReadyOptions,
  SetOptions,
  Shared,
  StateChange,
  WatchOptions,
} from './gossip.ts'
import { countMajority, type Majority } from './majority.ts'
import type { MemberChange } from './member-changes.ts'
import { MemberStreams } from './member-stream.ts'
import { MessageCalls } from './message-calls.ts'
import type {
  Answer,
  AnswerOptions,
  BroadcastOptions,
  BroadcastResult,
  MessageMeta,
  QueryOptions,
  TopicOptions,
} from './messages.ts'
import type { GossipMetrics } from './metrics.ts'
import { invalidOption, requireTimeout, type ResolvedOptions } from './options.ts'
import type { Peer } from './peer.ts'
import { OwnState } from './own-state.ts'
import { PeerTable } from './peer-table.ts'
import { Readiness } from './readiness.ts'
import { Reports } from './reports.ts'
import type { KeyOf, SchemaShape, StateOf, ValueAt } from './schema.ts'
import { feedSeeds } from './seed-feed.ts'
import type { SeedSearch } from './seeds.ts'
import { SharedValues } from './shared-values.ts'
import { Watches } from './watches.ts'

const LONGEST_WAIT_MS = 600_000
const MOST_BUFFERED = 1_000_000
/** What a node is made of. */
export interface NodeParts<Shape extends SchemaShape> {
  readonly options: ResolvedOptions<Shape>
  readonly address: Address
  readonly core: DrivenCore
  readonly frames: FrameChannel
  /** The use of the host, which ends with the node. */
  readonly lease: AsyncDisposable
}

/** The public face of one node: checks what callers pass, and turns what the core says into promises, events and snapshots. */
export class GossipNode<Shape extends SchemaShape> implements Gossip<Shape> {
  readonly id: NodeId
  readonly peers: PeerTable<Shape>
  readonly #parts: NodeParts<Shape>
  readonly #driver: Driver
  readonly #reports: Reports
  readonly #emitter: Emitter<GossipEvents<Shape>>
  readonly #streams = new EventStreams<GossipEvent<Shape>>()
  readonly #members: MemberStreams<Shape>
  readonly #watches: Watches<StateChange<Shape>>
  readonly #shared: SharedValues
  readonly #messages: MessageCalls
  readonly #own: OwnState
  readonly #farewell: Farewell
  readonly #readiness: Readiness
  readonly #router: EventRouter<Shape>
  #search: SeedSearch | undefined
  #receiving: Disposable | undefined
  #majority: Majority
  #leaving: Promise<number> | undefined
  #closing: Promise<void> | undefined
  #error: GossipError | undefined

  constructor(parts: NodeParts<Shape>) {
    const { options, core, frames } = parts
    const { id, host } = options
    this.id = id
    this.#parts = parts
    this.#reports = new Reports(host, id)
    this.#emitter = new Emitter((error, event) => this.#reports.listenerFailed(error, event))
    this.peers = new PeerTable(core, id, options.schema, (from, key, error) =>
      this.#reports.undecodableFrom(from, `the value of '${key}'`, error),
    )
    this.#members = new MemberStreams({ all: () => this.#everybody(), get: (who) => this.peers.get(who) })
    this.#watches = new Watches((error) => this.#reports.listenerFailed(error, 'watch'))
    this.#readiness = new Readiness(host.clock, () => this.peers.size)
    this.#messages = new MessageCalls({
      clock: host.clock,
      feed: (input) => this.#driver.feed(input),
      reports: this.#reports,
      others: () => this.peers.size,
      requireRunning: () => this.#requireRunning(),
    })
    this.#own = new OwnState({
      schema: options.schema,
      send: (what, input) => this.#messages.send(what, input),
      requireRunning: () => this.#requireRunning(),
    })
    this.#farewell = new Farewell(host.clock)
    this.#shared = new SharedValues({
      core,
      share: (key, value) => this.#own.share(key, value),
      undecodable: (by, key, error) => this.#reports.undecodableFrom(by, `the shared value '${key}'`, error),
      listenerFailed: (error) => this.#reports.listenerFailed(error, 'shared'),
    })
    this.#router = this.#createRouter()
    this.#majority = countMajority(core.members)
    this.#driver = new Driver(core, host, id, frames, {
      changed: (event) => {
        const subject = EventRouter.subject(event)
        if (subject !== undefined) this.peers.changed(subject)
      },
      event: (event) => this.#router.route(event),
      settled: () => this.#settled(),
      failed: (cause) => this.#failed(cause),
    })
  }

  #createRouter(): EventRouter<Shape> {
    return new EventRouter<Shape>({
      self: this.id,
      peers: this.peers,
      members: this.#members,
      watches: this.#watches,
      shared: this.#shared,
      messages: this.#messages,
      readiness: this.#readiness,
      reports: this.#reports,
      listens: (type) => this.#streams.active || this.#emitter.listenerCount(type) > 0,
      emit: (event) => this.#emit(event),
      removed: () => void this.close(),
      left: (count) => this.#farewell.end(count),
    })
  }

  /** @internal Begins to take part, with `initial` said before anybody hears of this node. */
  start(): void {
    const { options } = this.#parts
    const { signal } = options
    this.#own.begin(options.initial)
    this.#receiving = this.#driver.start()
    this.#search = feedSeeds(options, {
      feed: (input) => this.#driver.feed(input),
      readiness: this.#readiness,
      reports: this.#reports,
    })
    const leave = (): void => void this.leave()
    signal?.addEventListener('abort', leave, { once: true })
    this.#unbind = () => signal?.removeEventListener('abort', leave)
  }

  #unbind = (): void => {}

  get address(): Address {
    return this.#parts.address
  }

  get self(): Peer<StateOf<Shape>> {
    const self = this.peers.get(this.id)
    if (self === undefined) throw this.#error ?? closed()
    return self
  }

  ready({ minPeers = 1, timeoutMs = 10_000, signal }: ReadyOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      requireInteger(invalidOption, 'minPeers', minPeers, 0, 1_000_000)
      requireTimeout('timeoutMs', timeoutMs)
      this.#requireRunning()
      const demand = { minPeers, timeoutMs, ...(signal && { signal }) }
      this.#readiness.wait(demand).then(resolve, reject)
    })
  }

  set<Key extends KeyOf<Shape>>(key: Key, value: ValueAt<Shape, Key>, { ttlMs }: SetOptions = {}): void {
    this.#own.set(key, value, ttlMs)
  }

  delete(key: KeyOf<Shape>): void {
    this.#own.delete(key)
  }

  watch(
    prefix: string,
    listener: (change: StateChange<Shape>) => void,
    { signal, initial = false }: WatchOptions = {},
  ): Disposable {
    if (typeof prefix !== 'string') throw invalidOption(`a prefix is a string, not ${typeof prefix}`)
    return this.#watches.add(prefix, listener, signal, initial ? this.#present(prefix) : [])
  }

  shared<Value>(key: string, codec: Codec<Value> = jsonCodec<Value>()): Shared<Value> {
    requireName(invalidOption, 'key', key)
    return this.#shared.handle(key, requireMethods(invalidOption, 'codec', codec, ['encode', 'decode']))
  }

  events({ signal, bufferedEvents = 1024 }: EventsOptions = {}): AsyncIterableIterator<StreamedEvent<Shape>> {
    const limit = requireInteger(invalidOption, 'bufferedEvents', bufferedEvents, 1, MOST_BUFFERED)
    return this.#streams.open(limit, signal)
  }

  on<Type extends GossipEvent<Shape>['type']>(
    type: Type,
    listener: (event: GossipEvents<Shape>[Type]) => void,
    options: { readonly signal?: AbortSignal } = {},
  ): Disposable {
    return this.#emitter.on(type, listener, options)
  }

  members({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<MemberChange<Shape>> {
    return this.#members.open(signal)
  }

  broadcast<Value>(
    topic: string,
    value: Value,
    options: BroadcastOptions<Value> = {},
  ): Promise<BroadcastResult> {
    return this.#messages.broadcast(topic, value, options)
  }

  onMessage<Value = unknown>(
    topic: string,
    listener: (value: Value, meta: MessageMeta) => void,
    options: TopicOptions<Value> = {},
  ): Disposable {
    return this.#messages.listen(topic, listener, options)
  }

  query<Question, Reply = unknown>(
    topic: string,
    value: Question,
    options: QueryOptions<Question, Reply> = {},
  ): AsyncIterableIterator<Answer<Reply>> {
    return this.#messages.query(topic, value, options)
  }

  answer<Question = unknown, Reply = unknown>(
    topic: string,
    handler: (value: Question, meta: MessageMeta) => Reply | undefined | Promise<Reply | undefined>,
    options: AnswerOptions<Question, Reply> = {},
  ): Disposable {
    return this.#messages.answer(topic, handler, options)
  }

  health(): GossipHealth {
    const { core, options } = this.#parts
    const { score, reasons } = core.health
    const peers = { alive: 0, suspect: 0, failed: 0, left: 0 }
    for (const { id, status } of core.members.all()) if (id !== this.id) peers[status] += 1
    const { seeds } = options
    const joined = this.peers.size > 0 || (Array.isArray(seeds) && seeds.length === 0)
    return {
      score,
      loopLagMs: this.#driver.lag.current(options.host.clock.now()),
      reasons: [...reasons],
      peers,
      joined,
    }
  }

  explain(id: NodeId): Explanation<Shape> | undefined {
    const peer = this.peers.get(id)
    if (peer === undefined) return undefined
    const { core, options } = this.#parts
    const verdicts: readonly Verdict[] = [...core.explain(id)]
    return { peer, verdicts, text: explainText(peer, verdicts, this.id, options.host.clock.now()) }
  }

  isMajority({ of }: { readonly of?: readonly NodeId[] } = {}): boolean {
    return countMajority(this.#parts.core.members, of).held
  }

  metrics(): GossipMetrics {
    const { core, frames } = this.#parts
    return {
      packets: frames.counts(),
      dropped: { ...core.drops, sealed: frames.unopened },
      stalls: this.#driver.lag.stalls,
      droppedEvents: this.#streams.dropped,
      undecodable: this.#reports.undecodable,
    }
  }

  remove(id: NodeId): void {
    requireName(invalidOption, 'id', id)
    if (id === this.id) throw invalidOption('a node cannot remove itself: it leaves')
    this.#requireRunning()
    if (this.#parts.core.members.get(id) === undefined) throw invalidOption(`'${id}' is not known here`)
    this.#driver.feed({ type: 'remove', id })
  }

  async leave({ timeoutMs = 3000, acknowledgements = 3 }: LeaveOptions = {}): Promise<number> {
    requireTimeout('timeoutMs', timeoutMs, LONGEST_WAIT_MS)
    requireInteger(invalidOption, 'acknowledgements', acknowledgements, 0, 100)
    return await (this.#leaving ??= this.#leave(timeoutMs, acknowledgements))
  }

  async close(): Promise<void> {
    await (this.#closing ??= this.#close(closed()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  async #leave(timeoutMs: number, acknowledgements: number): Promise<number> {
    const say = (): void => void this.#driver.feed({ type: 'leave', acknowledgements, timeoutMs })
    const known = this.#closing === undefined ? await this.#farewell.wait(timeoutMs, say) : 0
    await this.close()
    return known
  }

  async #close(error: GossipError): Promise<void> {
    this.#error = error
    this.#driver.stop()
    this.#search?.stop()
    this.#unbind()
    this.#receiving?.[Symbol.dispose]()
    this.#farewell.end(0)
    this.#readiness.close(error)
    this.#messages.close(error)
    this.#shared.clear()
    this.#watches.clear()
    this.#streams.end()
    this.#members.end()
    this.#emitter.clear()
    await this.#parts.lease[Symbol.asyncDispose]()
  }

  #emit(event: GossipEvent<Shape>): void {
    this.#streams.push(event)
    // The type of an event is the name that it is told by.
    this.#emitter.emit(event.type, event as never)
  }

  #settled(): void {
    this.#readiness.look()
    const majority = countMajority(this.#parts.core.members)
    const changed = majority.held !== this.#majority.held
    this.#majority = majority
    if (!changed) return
    this.#reports.majority(majority)
    this.#emit({ type: 'majority', ...majority })
  }

  #failed(cause: unknown): void {
    const message = `${String(cause)}; this is a bug, please report it`
    const error = new GossipError('GOSSIP_INVARIANT_BROKEN', message, { cause })
    this.#reports.tell('stopped', 'error', { error })
    this.#closing ??= this.#close(error)
  }

  *#present(prefix: string): Iterable<StateChange<Shape>> {
    for (const peer of this.#everybody()) {
      for (const [key, value] of Object.entries(peer.state)) {
        if (key.startsWith(prefix)) yield { peer, key, value } as StateChange<Shape>
      }
    }
  }

  *#everybody(): Iterable<Peer<StateOf<Shape>>> {
    const self = this.peers.get(this.id)
    if (self !== undefined) yield self
    yield* this.peers.all()
  }

  #requireRunning(): void {
    if (this.#error !== undefined) throw this.#error
    if (this.#leaving !== undefined) throw closed()
  }
}

function closed(): GossipError {
  return new GossipError('GOSSIP_CLOSED', 'this node has left, or was closed: make a new one')
}
