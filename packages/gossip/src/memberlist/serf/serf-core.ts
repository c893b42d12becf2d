import type { MemberlistDelegate } from '../core/context.ts'
import type { MemberlistInput, MemberlistOutputs } from '../core/input.ts'
import { MemberlistCore, type MemberlistCoreOptions } from '../core/memberlist-core.ts'
import { isPresent, type MemberRecord } from '../core/member-table.ts'
import { RetransmitQueue } from '../core/retransmit-queue.ts'
import { EventLog } from './event-log.ts'
import type { OperatedKeys } from './key-queries.ts'
import { LamportClock } from './lamport.ts'
import { Querying } from './querying.ts'
import type { SerfCoreEvent } from './serf-event.ts'
import { SerfMembers } from './serf-members.ts'
import type { SerfMessage } from './serf-messages.ts'
import { decodeSerf, decodeState } from './serf-reader.ts'
import { asUser, encodeSerf, encodeState } from './serf-writer.ts'
import { encodeTags, type SerfTags } from './tags.ts'

/** What a Serf core is made with, beside what the protocol below needs. */
export interface SerfCoreOptions extends Omit<MemberlistCoreOptions, 'queues'> {
  readonly tags: SerfTags
  /** Whether events from before this node joined are handed on as well. */
  readonly replay: boolean
  /** What operators may change through queries; without it the cluster is not encrypted. */
  readonly keys?: OperatedKeys | undefined
  /** Whether somebody may be a member. */
  readonly admit?: ((name: string, address: string, tags: Uint8Array) => boolean) | undefined
}

/** What happens to the protocol below. */
type BelowInput = Exclude<MemberlistInput, { type: 'leave' | 'within' }>

/** What happens to a Serf core: all that happens to one of memberlist, and what its user wants. */
export type SerfInput = BelowInput | SerfCommand

/** What a user wants of a Serf core. */
export type SerfCommand =
  /** This node says something else of itself. */
  | { readonly type: 'tags'; readonly tags: SerfTags }
  /** A message for everybody. */
  | {
      readonly type: 'event'
      readonly name: string
      readonly payload: Uint8Array
      readonly coalesce: boolean
    }
  /** A question to everybody, or to those named. */
  | {
      readonly type: 'query'
      readonly question: number
      readonly name: string
      readonly payload: Uint8Array
      readonly to: readonly string[]
      readonly timeoutMs: number
    }
  /** The answer to a `query` event. */
  | { readonly type: 'respond'; readonly question: number; readonly payload: Uint8Array }
  /** Calls a member that failed gone; with `prune` it is forgotten at once. */
  | { readonly type: 'remove'; readonly id: string; readonly prune: boolean }
  /** Says goodbye. */
  | { readonly type: 'leave' }

/** What a step of a Serf core asks for. */
export interface SerfOutputs extends MemberlistOutputs {
  /** What happened, in order. */
  readonly events: readonly SerfCoreEvent[]
}

/** The versions of Serf's messages that are understood, and the one spoken: 3 has tags, 4 coordinates, 5 relays. */
const VERSIONS = [2, 5, 5] as const
const REAP_INTERVAL_MS = 15_000

/** Serf as a pure state machine, on top of one of memberlist, whose delegate it is. */
export class SerfCore implements MemberlistDelegate {
  readonly versions: typeof VERSIONS = VERSIONS
  readonly #options: SerfCoreOptions
  readonly #clock = new LamportClock()
  readonly #eventClock = new LamportClock()
  readonly #events = new EventLog(this.#eventClock)
  readonly #intents: RetransmitQueue
  readonly #eventNews: RetransmitQueue
  readonly #members: SerfMembers
  readonly #core: MemberlistCore
  readonly #querying: Querying
  #told: SerfCoreEvent[] = []
  #tags: SerfTags
  #meta: Uint8Array
  #nextReap: number
  #leaveBy = Infinity
  #isMember = false

  constructor(options: SerfCoreOptions, now: number) {
    this.#options = options
    this.#tags = options.tags
    this.#meta = encodeTags(options.tags) ?? new Uint8Array(0)
    this.#nextReap = now + REAP_INTERVAL_MS
    this.#intents = new RetransmitQueue(options.queueBytes)
    const queries = new RetransmitQueue(options.queueBytes)
    this.#eventNews = new RetransmitQueue(options.queueBytes)
    this.#members = new SerfMembers({
      self: options.name,
      clock: this.#clock,
      maxMembers: options.maxMembers,
      reapAfterMs: options.timing.reapAfterMs,
      emit: (event) => this.#told.push(event),
      refute: () => this.#sayJoin(),
    })
    const queues = [this.#intents, queries, this.#eventNews]
    this.#core = new MemberlistCore({ ...options, queues }, () => this, now)
    this.#querying = new Querying(this.#core, {
      members: this.#members,
      news: queries,
      tags: () => this.#tags,
      keys: options.keys,
      emit: (event) => this.#told.push(event),
    })
    this.#members.joined(this.#core.me)
    // Of oneself nobody needs to be told.
    this.#told = []
  }

  /** The protocol below. */
  get memberlist(): MemberlistCore {
    return this.#core
  }

  /** Everybody who is known, this node included. */
  get members(): SerfMembers {
    return this.#members
  }

  /** What happens, and what is to be done about it. */
  step(now: number, input: SerfInput): SerfOutputs {
    this.#told = []
    const outputs = this.#core.step(now, isBelow(input) ? input : this.#within(input))
    return { ...outputs, events: this.#told }
  }

  /** @inheritdoc */
  meta(): Uint8Array {
    return this.#meta
  }

  /** @inheritdoc */
  get deadline(): number {
    return Math.min(this.#nextReap, this.#leaveBy, this.#querying.deadline)
  }

  /** @inheritdoc */
  tick(): void {
    const { now } = this.#core
    if (this.#nextReap <= now) {
      this.#nextReap = now + REAP_INTERVAL_MS
      this.#members.reap(now)
    }
    if (this.#leaveBy <= now) this.#leaveBelow()
    this.#querying.tick()
  }

  /** @inheritdoc */
  localState(): Uint8Array {
    return encodeState({
      time: this.#clock.time,
      statusTimes: this.#members.statusTimes(),
      left: this.#members.left(),
      eventTime: this.#eventClock.time,
      events: this.#events.recent(),
      queryTime: this.#querying.time,
    })
  }

  /** @inheritdoc */
  mergeState(bytes: Uint8Array, join: boolean): void {
    const state = decodeState(bytes)
    if (state === undefined) {
      this.#core.count('malformed')
      return
    }
    // Nothing was said yet at the time that a clock shows.
    this.#clock.witness(state.time - 1)
    this.#eventClock.witness(state.eventTime - 1)
    this.#querying.witness(state.queryTime - 1)
    const { now } = this.#core
    const left = new Set(state.left)
    for (const node of left) {
      // Known already: taken for news, its time would be counted up in every exchange, for ever.
      if (this.#members.get(node)?.status === 'left') continue
      // When it said so is not told: after the last thing that is known of it, or it would not be in the list.
      this.#leaveIntent((state.statusTimes.get(node) ?? 0) + 1, node)
    }
    for (const [node, time] of state.statusTimes) {
      if (!left.has(node)) this.#members.joinIntent({ time, node }, now)
    }
    // Once: what a second seed knows that the first did not was said since this node came.
    if (join && !this.#options.replay && !this.#isMember) this.#events.ignoreBefore(state.eventTime)
    this.#isMember ||= join
    for (const event of state.events) this.#takeEvent(event)
  }

  /** @inheritdoc */
  reached(): void {
    this.#sayJoin()
  }

  /** @inheritdoc */
  userMessage(bytes: Uint8Array): void {
    const message = decodeSerf(bytes)
    if (message === undefined) this.#core.count('malformed')
    else this.#message(message, bytes)
  }

  /** @inheritdoc */
  joined(record: MemberRecord): void {
    this.#members.joined(record)
  }

  /** @inheritdoc */
  updated(record: MemberRecord): void {
    this.#members.updated(record)
  }

  /** @inheritdoc */
  suspected(record: MemberRecord, from: string): void {
    this.#members.doubted(record, from)
  }

  /** @inheritdoc */
  recovered(record: MemberRecord): void {
    this.#members.doubted(record, undefined)
  }

  /** @inheritdoc */
  gone(record: MemberRecord): void {
    this.#members.gone(record, this.#core.now)
    if (this.#members.get(record.name)?.status === 'left') this.#core.giveUp(record.name)
  }

  /** @inheritdoc */
  conflict(record: MemberRecord, address: string): void {
    const member = this.#members.get(record.name)
    if (member !== undefined) this.#told.push({ type: 'conflict', member, address })
  }

  /** @inheritdoc */
  admit(name: string, endpoint: string, meta: Uint8Array): boolean {
    return this.#options.admit?.(name, endpoint, meta) ?? true
  }

  #within(input: SerfCommand): MemberlistInput {
    return { type: 'within', task: () => this.#take(input) }
  }

  #take(input: SerfCommand): void {
    switch (input.type) {
      case 'tags':
        this.#tags = input.tags
        this.#meta = encodeTags(input.tags) ?? this.#meta
        this.#core.renew()
        this.#members.updated(this.#core.me)
        break
      case 'event': {
        const { name, payload, coalesce } = input
        const event = { type: 'event', time: this.#eventClock.take(), name, payload, coalesce } as const
        this.#takeEvent(event)
        this.#eventNews.add(asUser(encodeSerf(event)))
        break
      }
      case 'query':
        this.#querying.ask(input)
        break
      case 'respond':
        this.#querying.respond(input.question, input.payload)
        break
      case 'remove':
        this.#sayLeave(input.id, input.prune)
        break
      case 'leave':
        this.#leave()
        break
      default:
        input satisfies never
    }
  }

  #message(message: SerfMessage, bytes: Uint8Array): void {
    const { now } = this.#core
    switch (message.type) {
      case 'leave':
        if (this.#leaveIntent(message.time, message.node, message.prune)) this.#intents.add(asUser(bytes))
        break
      case 'join':
        if (this.#members.joinIntent(message, now)) this.#intents.add(asUser(bytes))
        break
      case 'event':
        if (this.#takeEvent(message)) this.#eventNews.add(asUser(bytes))
        break
      case 'query':
        this.#querying.query(message, bytes)
        break
      case 'response':
        this.#querying.response(message)
        break
      case 'relay':
        this.#querying.relay(message)
        break
      default:
        message satisfies never
    }
  }

  #takeEvent(event: Extract<SerfMessage, { type: 'event' }>): boolean {
    if (!this.#events.take(event)) return false
    const { name, payload, coalesce, time } = event
    this.#told.push({ type: 'event', name, payload: payload.slice(), coalesce, time })
    return true
  }

  #leaveIntent(time: number, node: string, prune = false): boolean {
    const isNews = this.#members.leaveIntent({ time, node, prune }, this.#core.now)
    const status = this.#members.get(node)?.status
    if (status === 'left' || status === undefined) this.#core.giveUp(node)
    return isNews
  }

  #sayJoin(): void {
    const { self, now } = this.#core
    const time = this.#clock.take()
    this.#members.joinIntent({ time, node: self }, now)
    this.#intents.add(asUser(encodeSerf({ type: 'join', time, node: self })), `intent:${self}`)
  }

  #sayLeave(node: string, prune: boolean, done?: () => void): void {
    const time = this.#clock.take()
    this.#leaveIntent(time, node, prune)
    const bytes = encodeSerf({ type: 'leave', time, node, prune })
    this.#intents.add(asUser(bytes), `intent:${node}`, done)
  }

  /** First the intent, for without it others would take this node for failed; once that has got around, the farewell itself. */
  #leave(): void {
    if (this.#members.leaving) return
    this.#members.leaving = true
    const others = [...this.#core.members.all()].filter((record) => {
      return isPresent(record) && record.name !== this.#core.self
    })
    this.#leaveBy = this.#core.now + this.#options.timing.leaveTimeoutMs
    this.#sayLeave(this.#core.self, false, () => this.#leaveSoon())
    if (others.length === 0) this.#leaveSoon()
  }

  #leaveSoon(): void {
    if (this.#leaveBy !== Infinity) this.#leaveBy = this.#core.now
  }

  #leaveBelow(): void {
    this.#leaveBy = Infinity
    this.#core.leave()
  }
}

function isBelow(input: SerfInput): input is BelowInput {
  return BELOW.has(input.type)
}

const BELOW: ReadonlySet<string> = new Set<BelowInput['type']>([
  'tick',
  'packet',
  'request',
  'answer',
  'join',
])
