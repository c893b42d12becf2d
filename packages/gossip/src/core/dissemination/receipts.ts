import { type ByteReader, type NodeId, type Random } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import { MAX_EPOCH } from '../members/incarnation.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import type { SeenHistory, SeenMessages } from './seen-messages.ts'

/**
 * Receipts of all members for one sender are spread over so much time for each member: a sender gets at most 500 a second on average, however large the cluster is and however often
 * it broadcasts.
 */
const SPACING_MS = 2
/** Senders that wait for a receipt. More get none from here, and ask. */
const MAX_WAITING = 1024

/** Takes in who has what. */
export type ReceiptSink = (from: NodeId, history: SeenHistory) => void

/** How long receipts are held back at most: long enough that all those of a cluster do not meet at the sender. */
export function receiptWindowMs(context: Pick<CoreContext, 'members'>): number {
  return context.members.size * SPACING_MS
}

/**
 * Tells senders which of their broadcasts have arrived. Not one receipt a broadcast: after a random wait one packet says what was seen of the sender, the newest number and 32 before
 * it, so that many broadcasts cost no more than one, and a lost receipt is made good by the next.
 */
export class Receipts implements Component, Section {
  readonly tag: number = TAGS.receipts
  /** Receipts go to one member each; gossip carries none. */
  readonly backlog = 0
  readonly #context: CoreContext
  readonly #seen: SeenMessages
  readonly #sink: ReceiptSink
  readonly #random: Random
  /** When each sender is told. */
  readonly #due = new Map<NodeId, number>()
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, seen: SeenMessages, sink: ReceiptSink) {
    this.#context = context
    this.#seen = seen
    this.#sink = sink
    this.#random = context.random.fork('receipts')
  }

  get deadline(): number {
    return this.#deadline
  }

  /** The sender will be told what was seen of it; `asked`: at once, because it waits for this node and paces its asking itself. */
  owe(sender: NodeId, asked: boolean): void {
    const known = this.#due.get(sender)
    // One that is due already will tell of this broadcast too: drawing again would bring all of them forward.
    if (known === undefined ? this.#due.size >= MAX_WAITING : !asked) return
    const due = this.#context.now + (asked ? 0 : this.#random.float() * receiptWindowMs(this.#context))
    this.#due.set(sender, due)
    if (due < this.#deadline) this.#deadline = due
  }

  tick(): void {
    this.#deadline = Number.POSITIVE_INFINITY
    for (const [sender, due] of this.#due) {
      if (due > this.#context.now) {
        if (due < this.#deadline) this.#deadline = due
        continue
      }
      this.#due.delete(sender)
      this.#tell(sender)
    }
  }

  write(): number {
    return 0
  }

  read(reader: ByteReader, from: NodeId): void {
    const epoch = reader.count(MAX_EPOCH)
    const newest = reader.varint()
    const before = reader.u32()
    reader.end()
    if (reader.failed) this.#context.drop('malformed-receipt')
    else this.#sink(from, { epoch, newest, before })
  }

  #tell(sender: NodeId): void {
    const history = this.#seen.history(sender)
    if (history === undefined) return
    SCRATCH.varint(history.epoch)
    SCRATCH.varint(history.newest)
    SCRATCH.u32(history.before)
    this.#context.send(sender, TAGS.receipts, SCRATCH.finish())
  }
}
