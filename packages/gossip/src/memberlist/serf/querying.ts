import type { MemberlistCore } from '../core/memberlist-core.ts'
import { isPresent } from '../core/member-table.ts'
import type { RetransmitQueue } from '../core/retransmit-queue.ts'
import { formatEndpoint, parseEndpoint } from '../wire/address.ts'
import { MsgpackWriter } from '../wire/msgpack-writer.ts'
import { readUtf8 } from '../wire/text.ts'
import { passesFilters } from './filters.ts'
import { answerKeyQuery, type OperatedKeys } from './key-queries.ts'
import { LamportClock } from './lamport.ts'
import { QueryLog } from './query-log.ts'
import { type OpenQuery, Questions } from './questions.ts'
import type { SerfCoreEvent } from './serf-event.ts'
import type { SerfMembers } from './serf-members.ts'
import type { Query, QueryResponse, Relay } from './serf-messages.ts'
import { asUser, encodeConflictResponse, encodeSerf } from './serf-writer.ts'
import type { SerfTags } from './tags.ts'

/** Queries whose names begin with it are Serf's own. */
const INTERNAL = '_serf_'
/** The longest answer. Peers refuse longer ones. */
const MAX_RESPONSE_BYTES = 1024
const MAX_RELAYS = 8

/** What queries need of Serf. */
export interface QueryingParts {
  readonly members: SerfMembers
  readonly news: RetransmitQueue
  readonly tags: () => SerfTags
  readonly keys: OperatedKeys | undefined
  readonly emit: (event: SerfCoreEvent) => void
}

/** Asks questions, and answers those of others: Serf's own at once, the rest by the user. */
export class Querying {
  readonly #core: MemberlistCore
  readonly #parts: QueryingParts
  readonly #clock = new LamportClock()
  readonly #log = new QueryLog(this.#clock)
  readonly #questions = new Questions()

  constructor(core: MemberlistCore, parts: QueryingParts) {
    this.#core = core
    this.#parts = parts
  }

  /** The time of the next query. */
  get time(): number {
    return this.#clock.time
  }

  get deadline(): number {
    return this.#questions.deadline
  }

  tick(): void {
    for (const question of this.#questions.expire(this.#core.now)) {
      this.#parts.emit({ type: 'answered', question })
    }
  }

  /** Somebody's clock showed this. */
  witness(time: number): void {
    this.#clock.witness(time)
  }

  /** Asks everybody, or those named. Too many at a time are over at once. */
  ask(input: {
    readonly question: number
    readonly name: string
    readonly payload: Uint8Array
    readonly to: readonly string[]
    readonly timeoutMs: number
  }): void {
    const { question, name, payload, timeoutMs } = input
    const time = this.#clock.take()
    const id = this.#core.random.integer(0, 0xffff_ffff)
    if (!this.#questions.ask(question, time, id, this.#core.now + timeoutMs)) {
      this.#parts.emit({ type: 'answered', question })
      return
    }
    const { ip, port } = this.#core.me
    const filters = input.to.length > 0 ? [nodeFilter(input.to)] : []
    const flags = { wantsAck: false, isPrivate: false, relayFactor: 0 }
    const source = this.#core.self
    const query: Query = {
      type: 'query',
      time,
      id,
      ip,
      port,
      source,
      filters,
      ...flags,
      timeoutMs,
      name,
      payload,
    }
    const bytes = encodeSerf(query)
    // It is answered here as well: whoever asks everybody asks himself too.
    this.query(query, bytes)
  }

  /** A query came. */
  query(query: Query, bytes: Uint8Array): void {
    if (!this.#log.take(query)) return
    if (!query.isPrivate) this.#parts.news.add(asUser(bytes))
    if (!passesFilters(query.filters, this.#core.self, this.#parts.tags())) return
    const endpoint = formatEndpoint(query.ip, query.port)
    // Only a member is answered: else one small message could make a cluster flood anybody.
    if (endpoint === undefined || this.#core.members.at(endpoint) === undefined) {
      this.#core.count('query-of-stranger')
      return
    }
    const { time, id, source, relayFactor } = query
    const open: OpenQuery = {
      time,
      id,
      endpoint,
      source,
      relayFactor,
      until: this.#core.now + query.timeoutMs,
    }
    if (query.wantsAck) this.#respond(open, new Uint8Array(0), true)
    if (query.name.startsWith(INTERNAL)) this.#answerInternal(query, open)
    else this.#offer(query, open)
  }

  /** The user answers. */
  respond(question: number, payload: Uint8Array): void {
    const open = this.#questions.close(question)
    if (open !== undefined && open.until >= this.#core.now) this.#respond(open, payload, false)
  }

  /** An answer came. */
  response(response: QueryResponse): void {
    if (response.isAck) return
    const question = this.#questions.answered(response)
    if (question === undefined) {
      this.#core.count('late-answer')
      return
    }
    const { from, payload } = response
    this.#parts.emit({ type: 'answer', question, from, payload: payload.slice() })
  }

  /** Hands a message on to a member; to nobody else. */
  relay({ ip, port, node, message }: Relay): void {
    const endpoint = formatEndpoint(ip, port)
    const target = endpoint === undefined ? undefined : this.#core.members.at(endpoint)
    if (
      target === undefined ||
      (node !== '' && target.name !== node) ||
      message.length > MAX_RESPONSE_BYTES
    ) {
      this.#core.count('relay-refused')
      return
    }
    this.#core.send(target.endpoint, { type: 'user', bytes: message })
  }

  #answerInternal({ name, payload }: Query, open: OpenQuery): void {
    const verb = name.slice(INTERNAL.length)
    if (verb === 'ping') return // that it came was acknowledged, and is all that is asked
    if (verb === 'conflict') {
      this.#answerConflict(payload, open)
      return
    }
    const answer = answerKeyQuery(verb, payload, this.#parts.keys)
    if (answer === undefined) {
      this.#core.count('unknown-query')
      return
    }
    this.#respond(open, answer.response, false)
    if (answer.change !== undefined) this.#parts.emit({ type: 'keys', change: answer.change })
  }

  /** Two claim one name, and ask everybody whom they know by it. Not oneself: both would answer for themselves. */
  #answerConflict(payload: Uint8Array, open: OpenQuery): void {
    const name = readUtf8(payload) ?? ''
    if (name === this.#core.self) return
    const endpoint = parseEndpoint(this.#parts.members.get(name)?.address ?? '')
    this.#respond(open, encodeConflictResponse(endpoint && { name, ...endpoint }), false)
  }

  #offer({ name, payload, source: from }: Query, open: OpenQuery): void {
    const question = this.#questions.open(open)
    if (question === undefined) {
      this.#core.count('too-many-queries')
      return
    }
    this.#parts.emit({ type: 'query', question, name, payload: payload.slice(), from })
  }

  #respond(open: OpenQuery, payload: Uint8Array, isAck: boolean): void {
    const { time, id, endpoint, source, relayFactor } = open
    const response: QueryResponse = { type: 'response', time, id, from: this.#core.self, isAck, payload }
    if (endpoint === this.#core.me.endpoint) {
      this.response(response)
      return
    }
    const bytes = encodeSerf(response)
    if (bytes.length > MAX_RESPONSE_BYTES) {
      this.#core.count('answer-too-long')
      return
    }
    this.#core.send(endpoint, { type: 'user', bytes })
    if (relayFactor > 0) this.#relayResponse(bytes, endpoint, source, Math.min(relayFactor, MAX_RELAYS))
  }

  /** Once more through others, for where a datagram straight to the asker is lost. */
  #relayResponse(message: Uint8Array, endpoint: string, node: string, factor: number): void {
    const to = parseEndpoint(endpoint)
    if (to === undefined || this.#core.members.size < factor + 1) return
    const bytes = encodeSerf({ type: 'relay', ...to, node, message })
    const helpers = this.#core.members.pick(factor, (record) => {
      return isPresent(record) && record.name !== this.#core.self && record.endpoint !== endpoint
    })
    for (const helper of helpers) this.#core.send(helper.endpoint, { type: 'user', bytes })
  }
}

function nodeFilter(names: readonly string[]): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(0)
  writer.array(names.length)
  for (const name of names) writer.string(name)
  return writer.finish()
}
