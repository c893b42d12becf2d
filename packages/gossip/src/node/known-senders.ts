import type { NodeId } from '@colony/host'
import type { GossipKey } from './gossip-key.ts'
import { compareStarts, type SealStart } from './nonce.ts'
import { ReplayWindow } from './replay-window.ts'

/** Senders that are kept; each has proved that it has a key. */
const MAX_SENDERS = 16_384

/** One start of a sender, and what came of it. */
interface SenderLife {
  readonly start: SealStart
  readonly window: ReplayWindow
}

interface Sender {
  /** What it sends in now. */
  life: SenderLife
  /** The latest start that it was ever heard in: kept, so that what came of it is never taken twice. */
  latest: SenderLife
  heardAtMs: number
  key: GossipKey
  secret: Buffer
}

/** What is known of a frame that was opened. */
export interface OpenedFrame {
  readonly from: NodeId
  readonly start: SealStart
  readonly counter: number
  readonly key: GossipKey
  /** What `from` seals with under `key`. */
  readonly secret: Buffer
}

/**
 * What came from whom. A frame of an earlier start than the one that its sender is heard in is a replay, and so is a counter that came before. A sender that was
 * silent for a while may be heard in an earlier start, too: its clock was set back.
 */
export class KnownSenders {
  readonly #senders = new Map<NodeId, Sender>()
  readonly #replayWindowMs: number

  constructor(replayWindowMs: number) {
    this.#replayWindowMs = replayWindowMs
  }

  /** How many there are. */
  get size(): number {
    return this.#senders.size
  }

  /** Whether a frame that claims this may be new: a look at a table, before anything is deciphered. */
  mayBeNew(from: NodeId, start: SealStart, counter: number, nowMs: number): boolean {
    const sender = this.#senders.get(from)
    if (sender === undefined) return true
    const { life, latest, heardAtMs } = sender
    const order = compareStarts(start, life.start)
    if (order === 0) return life.window.isNew(counter)
    if (order < 0 && nowMs - heardAtMs <= this.#replayWindowMs) return false
    return compareStarts(start, latest.start) !== 0 || latest.window.isNew(counter)
  }

  /** What `from` seals with under `key`, if that is known. */
  secretOf(from: NodeId, key: GossipKey): Buffer | undefined {
    const sender = this.#senders.get(from)
    return sender?.key === key ? sender.secret : undefined
  }

  /** A frame was opened, so `from` has really sent it. */
  accept({ from, start, counter, key, secret }: OpenedFrame, nowMs: number): void {
    const sender = this.#senders.get(from)
    if (sender === undefined) {
      if (this.#senders.size >= MAX_SENDERS) this.#forgetOne(nowMs)
      const life = { start, window: new ReplayWindow() }
      life.window.add(counter)
      this.#senders.set(from, { life, latest: life, heardAtMs: nowMs, key, secret })
      return
    }
    if (compareStarts(start, sender.life.start) !== 0) changeLife(sender, start)
    sender.life.window.add(counter)
    sender.heardAtMs = nowMs
    sender.key = key
    sender.secret = secret
  }

  /** One that has been silent for long, or else the one that has been known for longest. */
  #forgetOne(nowMs: number): void {
    const [oldest] = this.#senders.keys()
    for (const [id, { heardAtMs }] of this.#senders) {
      if (nowMs - heardAtMs <= this.#replayWindowMs) continue
      this.#senders.delete(id)
      return
    }
    if (oldest !== undefined) this.#senders.delete(oldest)
  }
}

function changeLife(sender: Sender, start: SealStart): void {
  const order = compareStarts(start, sender.latest.start)
  sender.life = order === 0 ? sender.latest : { start, window: new ReplayWindow() }
  if (order > 0) sender.latest = sender.life
}
