import { ByteReader, type ByteWriter, type NodeId } from '@colony/host'
import type { CoreContext, Section } from '../component.ts'
import type { Verdict } from '../members/member.ts'
import { EchoScanner, type EchoTest } from '../wire/echo-scanner.ts'
import { type MemberUpdate, readUpdate, writeUpdate } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { RetransmitQueue } from './retransmit-queue.ts'
import { spreadLimit } from './spread-limit.ts'

/** Takes updates in by the rules of precedence: the table of members. */
export interface UpdateSink {
  apply(update: MemberUpdate, path: Verdict['path'], from: NodeId): void
  /** Whether taking in a member's word of itself would change nothing. */
  readonly isEcho: EchoTest
}

/** Most bytes of updates that wait: some ten thousand members that join at once. */
const MAX_NEWS_BYTES = 512 * 1024

/** How {@link News} spreads. */
export interface NewsOptions {
  /** Most bytes of news that wait. Default 512 KiB. */
  readonly maxBytes?: number
  /** Whether the accused hear of it first (Lifeguard's buddy system). Default `true`. */
  readonly buddy?: boolean
}

/**
 * News of members, spread by piggyback: at most one piece a member, since the newest one says all. Whoever learned something that changed its own table spreads
 * it on.
 */
export class News implements Section {
  readonly tag: number = TAGS.updates
  readonly #context: CoreContext
  readonly #sink: UpdateSink
  readonly #buddy: boolean
  readonly #queue: RetransmitQueue
  /** Members of which ill news waits: they hear it first when they are spoken to. */
  readonly #accused = new Set<NodeId>()
  readonly #echoes: EchoScanner
  readonly #reader = new ByteReader()

  constructor(context: CoreContext, sink: UpdateSink, options: NewsOptions = {}) {
    this.#context = context
    this.#sink = sink
    this.#buddy = options.buddy ?? true
    this.#queue = new RetransmitQueue(options.maxBytes ?? MAX_NEWS_BYTES)
    this.#echoes = new EchoScanner(sink.isEcho)
  }

  get backlog(): number {
    return this.#queue.bytes
  }

  /** How many pieces of news wait. */
  get size(): number {
    return this.#queue.size
  }

  /** Begins to spread a piece of news. It takes the place of what was spread of that member before. */
  spread(update: MemberUpdate): void {
    writeUpdate(SCRATCH, update, this.#context.self)
    if (update.status === 'suspect' || update.status === 'failed') this.#accused.add(update.id)
    else this.#accused.delete(update.id)
    const thrownOut = this.#queue.put(update.id, SCRATCH.finish().slice(), update.status === 'suspect')
    for (let count = 0; count < thrownOut; count++) this.#context.drop('news-overflow')
  }

  /**
   * Somebody was heard of who knows the same members at the same incarnations. What several in a row agree on need not be told on: after a mass join, when comparing has brought all names to all
   * faster than gossip could, that ends a minute of telling them over and over. Who missed something differs, and is found by that.
   */
  agreed(): void {
    this.#queue.agreed()
  }

  /** Stops spreading what is known of a member. */
  forget(id: NodeId): void {
    this.#accused.delete(id)
    this.#queue.delete(id)
  }

  /**
   * Whoever is suspected or was declared failed hears of that first (Lifeguard's buddy system, section 4.3), without it in its turn. Of good news about itself nobody
   * hears at all.
   */
  write(writer: ByteWriter, budget: number, to: NodeId): number {
    this.#queue.begin()
    const accused = this.#accused.has(to)
    const ahead = this.#buddy && accused ? this.#queue.writeFirst(writer, to, budget) : 0
    const except = accused ? undefined : to
    const written = ahead + this.#queue.write(writer, budget - ahead, spreadLimit(this.#context), except)
    if (this.#accused.size > 0) this.#forgetSpreadAccusations()
    return written
  }

  read(reader: ByteReader, from: NodeId): void {
    const body = reader.raw(reader.remaining)
    for (let at = 0; at < body.length;) {
      const next = this.#echoes.skip(body, at)
      if (next > at) {
        at = next
        continue
      }
      this.#reader.reset(body.subarray(at))
      const update = readUpdate(this.#reader, from)
      if (update === undefined) {
        this.#context.drop('malformed-update')
        return
      }
      at = body.length - this.#reader.remaining
      this.#sink.apply(update, 'gossip', from)
    }
  }

  #forgetSpreadAccusations(): void {
    for (const id of this.#accused) if (this.#queue.sends(id) === undefined) this.#accused.delete(id)
  }
}
