/// <reference lib="esnext.disposable" preserve="true" />
import { Emitter, type ListenOptions, observe } from '@colony/host'
import { GossipError } from '../../errors.ts'
import type { SerfCore, SerfInput } from '../serf/serf-core.ts'
import type { SerfCoreEvent, SerfMember } from '../serf/serf-event.ts'
import type { SerfTags } from '../serf/tags.ts'
import { utf8 } from '../wire/text.ts'
import type { SerfDriver } from './driver.ts'
import { Answers } from './answers.ts'
import { invalidOption, requireTags, type ResolvedSerfOptions } from './options.ts'
import { followMembers } from './follow-members.ts'
import type { SerfMemberEvent } from './member-event.ts'
import type { SerfAnswer, SerfEventOptions, SerfNode, SerfQueryOptions, SerfRemoveOptions } from './serf.ts'
import type { SerfEvents } from './serf-events.ts'

/** The longest event, its name included: what peers accept by default. */
const MAX_EVENT_BYTES = 512
const MAX_QUERY_BYTES = 1024
const DAY_MS = 86_400_000

/** What a running node is made of. */
export interface SerfNodeParts {
  readonly options: ResolvedSerfOptions
  readonly core: SerfCore
  readonly driver: SerfDriver
  readonly address: string
}

/** A running member. */
export class RunningSerfNode implements SerfNode {
  readonly #parts: SerfNodeParts
  readonly #emitter: Emitter<SerfEvents>
  readonly #answers = new Answers()
  #closing: Promise<void> | undefined
  #leaving: Promise<void> | undefined
  #hasLeft: () => void = () => {}

  constructor(parts: SerfNodeParts) {
    this.#parts = parts
    const { observer, name } = parts.options
    this.#emitter = new Emitter((error, event) => {
      observe(observer, { type: 'serf.listener-failed', level: 'error', node: name, event, error })
    })
  }

  get id(): string {
    return this.#parts.options.name
  }

  get address(): string {
    return this.#parts.address
  }

  get healthScore(): number {
    return this.#parts.core.memberlist.healthScore
  }

  members(): SerfMember[] {
    return [...this.#parts.core.members.all()]
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#parts.core.memberlist.counts)
  }

  on<Name extends keyof SerfEvents & string>(
    name: Name,
    listener: (payload: SerfEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#emitter.on(name, listener, options)
  }

  once<Name extends keyof SerfEvents & string>(
    name: Name,
    options?: ListenOptions,
  ): Promise<SerfEvents[Name]> {
    return this.#emitter.once(name, options)
  }

  readonly follow = (listener: (event: SerfMemberEvent) => void): Disposable => {
    return followMembers(this, listener)
  }

  setTags(tags: SerfTags): void {
    this.#feed({ type: 'tags', tags: { ...requireTags(tags) } })
  }

  event(name: string, payload: Uint8Array | string = '', options: SerfEventOptions = {}): void {
    const bytes = bytesOf(payload)
    requireSize('an event', name, bytes, MAX_EVENT_BYTES)
    this.#feed({ type: 'event', name, payload: bytes, coalesce: options.coalesce ?? false })
  }

  async query(
    name: string,
    payload: Uint8Array | string = '',
    options: SerfQueryOptions = {},
  ): Promise<SerfAnswer[]> {
    const bytes = bytesOf(payload)
    requireSize('a query', name, bytes, MAX_QUERY_BYTES - 200)
    const { timeoutMs = this.#queryTimeout(), to = [] } = options
    if (!(timeoutMs > 0 && timeoutMs <= DAY_MS)) throw invalidOption('timeoutMs must be 1 to 86,400,000')
    this.#requireOpen()
    const { question, answers } = this.#answers.open(to.length)
    this.#parts.driver.feed({ type: 'query', question, name, payload: bytes, to, timeoutMs })
    return await answers
  }

  remove(id: string, options: SerfRemoveOptions = {}): void {
    const member = this.#parts.core.members.get(id)
    if (member === undefined || id === this.id)
      throw invalidOption('remove(id) takes another member that is known')
    this.#feed({ type: 'remove', id, prune: options.prune ?? false })
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#closing ?? this.#leave()
    return this.#leaving
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  /** What the core tells. */
  told(event: SerfCoreEvent): void {
    switch (event.type) {
      case 'answer':
        this.#answers.answer(event.question, event.from, event.payload)
        return
      case 'answered':
        this.#answers.end(event.question)
        return
      case 'query':
        this.#offer(event)
        return
      case 'event':
        this.#emitter.emit('event', event)
        return
      case 'suspect':
        this.#emitter.emit('suspect', event)
        return
      case 'conflict':
        this.#emitter.emit('conflict', event)
        return
      case 'keys':
        this.#emitter.emit('keys', event)
        return
      default:
        this.#emitter.emit(event.type, event)
    }
  }

  /** The core has left. */
  left(): void {
    this.#hasLeft()
  }

  #offer({ question, name, payload, from }: Extract<SerfCoreEvent, { type: 'query' }>): void {
    const respond = (answer: Uint8Array | string): void => {
      const bytes = bytesOf(answer)
      requireSize('an answer', '', bytes, MAX_QUERY_BYTES - 200)
      this.#parts.driver.feed({ type: 'respond', question, payload: bytes })
    }
    this.#emitter.emit('query', { name, payload, from, respond })
  }

  async #leave(): Promise<void> {
    const { driver, options } = this.#parts
    const { clock, timing } = options
    await new Promise<void>((resolve) => {
      // Both words of the farewell have their time; then it was tried for long enough.
      const timeout = clock.after(2 * timing.leaveTimeoutMs, resolve)
      this.#hasLeft = () => {
        timeout[Symbol.dispose]()
        resolve()
      }
      driver.feed({ type: 'leave' })
    })
    const hasOthers = this.members().some(({ id, status }) => id !== this.id && status === 'alive')
    // Those who do not know it yet still ask whether this node is there, and should not take it for failed.
    if (hasOthers) await new Promise<void>((resolve) => void clock.after(timing.leaveDelayMs, resolve))
    await this.close()
  }

  async #close(): Promise<void> {
    this.#parts.driver.stop()
    await this.#parts.options.transport.close()
    this.#hasLeft()
    this.#answers.endAll()
    this.#emitter.clear()
  }

  #feed(input: SerfInput): void {
    this.#requireOpen()
    this.#parts.driver.feed(input)
  }

  #requireOpen(): void {
    if (this.#closing === undefined && this.#leaving === undefined) return
    throw new GossipError('GOSSIP_CLOSED', 'this node has left, or was closed')
  }

  /** Long enough for gossip to reach everybody and for the answers: sixteen rounds for each power of ten of members. */
  #queryTimeout(): number {
    const { memberlist } = this.#parts.core
    return (
      this.#parts.options.timing.gossipIntervalMs * 16 * Math.ceil(Math.log10(memberlist.members.size + 1))
    )
  }
}

function bytesOf(payload: Uint8Array | string): Uint8Array {
  return typeof payload === 'string' ? utf8(payload) : new Uint8Array(payload)
}

function requireSize(what: string, name: string, payload: Uint8Array, max: number): void {
  const bytes = utf8(name).length + payload.length
  if (bytes <= max) return
  throw new GossipError(
    'GOSSIP_TOO_LARGE',
    `${what} is at most ${max} bytes, its name included, not ${bytes}`,
  )
}
