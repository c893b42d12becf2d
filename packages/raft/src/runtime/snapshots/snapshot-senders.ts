import { observe, type Host, type NodeId, type Observer } from '@colony/host'
import type { LogIndex } from '../../core/entry.ts'
import type { RaftCore } from '../../core/raft-core.ts'
import type { Input } from '../../core/step.ts'
import type { RaftStorage, StoredSnapshot } from '../../storage/storage.ts'
import type { Route } from '../route.ts'
import type { SnapshotSum } from './snapshot-format.ts'
import { NOT_NEEDED, SnapshotSender } from './snapshot-sender.ts'
import type { SnapshotStatus } from './snapshot-wire.ts'
import { TokenBucket } from './token-bucket.ts'
import type { SnapshotOptions } from './snapshot-options.ts'

/** Chunks are this long where frames may be: long against their overhead, short against what a heartbeat may wait behind. */
const PREFERRED_CHUNK_BYTES = 64 * 1024
/** What a frame holds beside a chunk. */
const CHUNK_OVERHEAD_BYTES = 128
/** After a failed attempt, how long before the next one to the same follower. */
const RETRY_AFTER_MS = 1000

/** What sending snapshots needs. */
export interface SendersParts {
  readonly route: Route
  readonly host: Host
  /** Told of what is done. */
  readonly observer: Observer
  readonly core: RaftCore
  readonly storage: RaftStorage
  readonly options: Required<SnapshotOptions>
  /** The newest that is stored. */
  newest(): (SnapshotSum & { readonly index: LogIndex }) | undefined
  /** Tells the core, in the next turn. */
  enqueue(input: Input): void
}

interface Sending {
  readonly term: number
  /** Until the snapshot is open: that of the newest. */
  index: LogIndex
  sender: SnapshotSender | undefined
}

/** Everything that this node, as leader, is sending: at most one snapshot to each follower, and all of them within one limit. */
export class SnapshotSenders {
  readonly #parts: SendersParts
  readonly #bucket: TokenBucket
  readonly #chunkBytes: number
  readonly #sending = new Map<NodeId, Sending>()
  #stopped = false

  constructor(parts: SendersParts) {
    this.#parts = parts
    const { host, options } = parts
    this.#bucket = new TokenBucket(host.clock, options.bytesPerSecond)
    const most = host.transport.capabilities.maxFrameBytes - CHUNK_OVERHEAD_BYTES
    this.#chunkBytes = Math.max(1, Math.min(PREFERRED_CHUNK_BYTES, most))
  }

  /** The oldest snapshot that is being sent: entries behind it will be asked for. `Infinity` when there is none. */
  oldestIndex(): LogIndex {
    let oldest = Number.POSITIVE_INFINITY
    for (const { index } of this.#sending.values()) oldest = Math.min(oldest, index)
    return oldest
  }

  /** Begins to send the newest to a follower. */
  start(to: NodeId): void {
    if (this.#sending.has(to) || this.#stopped) return
    const sending: Sending = {
      term: this.#parts.route.term,
      index: this.#parts.newest()?.index ?? 0,
      sender: undefined,
    }
    this.#sending.set(to, sending)
    this.#open(to, sending).catch((error: unknown) => this.#failed(to, sending, undefined, String(error)))
  }

  /** There is a newer snapshot: whoever has not answered for the one before is offered this one, and the entries between need not be kept for it. */
  renew(): void {
    for (const [to, sending] of this.#sending) {
      if (sending.sender === undefined || sending.sender.answered) continue
      this.#end(to, sending)
      this.start(to)
    }
  }

  /** A follower says how far it is. */
  onStatus(from: NodeId, status: SnapshotStatus): void {
    this.#sending.get(from)?.sender?.onStatus(status)
  }

  /** Role or term changed: what was begun in another term is left off. */
  onChange(): void {
    for (const [to, sending] of this.#sending) if (!this.#isWanted(to, sending)) this.#end(to, sending)
  }

  /** Leaves off. */
  stop(): void {
    this.#stopped = true
    for (const [to, sending] of this.#sending) this.#end(to, sending)
  }

  async #open(to: NodeId, sending: Sending): Promise<void> {
    const stored = await this.#parts.storage.openSnapshot?.()
    const newest = this.#parts.newest()
    if (this.#sending.get(to) !== sending) return await stored?.close()
    if (stored === undefined || newest?.index !== stored.meta.index) {
      await stored?.close()
      throw new Error('there is no snapshot to send')
    }
    sending.index = newest.index
    this.#begin(to, sending, stored, newest)
  }

  #begin(to: NodeId, sending: Sending, stored: StoredSnapshot, { bytes, checksum }: SnapshotSum): void {
    const { route, host } = this.#parts
    const started = host.clock.now()
    const close = (): void => void stored.close().catch(() => undefined)
    const sender = new SnapshotSender(
      to,
      stored,
      { bytes, checksum },
      {
        route,
        clock: host.clock,
        bucket: this.#bucket,
        chunkBytes: this.#chunkBytes,
        isWanted: () => this.#isWanted(to, sending),
        closed: close,
        over: (problem) => {
          if (problem !== undefined && problem !== NOT_NEEDED)
            return this.#failed(to, sending, bytes, problem)
          this.#sending.delete(to)
          if (problem === NOT_NEEDED) return
          const { index } = sending
          this.#observe('raft.snapshot-sent', 'info', { to, index, bytes, ms: host.clock.now() - started })
          this.#parts.enqueue({ type: 'snapshot-sent', to, index })
        },
      },
    )
    sending.sender = sender
    sender.start()
  }

  #isWanted(to: NodeId, { term }: Sending): boolean {
    const { route, core } = this.#parts
    return route.role === 'leader' && route.term === term && core.awaitsSnapshot(to)
  }

  #failed(to: NodeId, sending: Sending, bytes: number | undefined, reason: string): void {
    const { index } = sending
    this.#observe('raft.snapshot-failed', 'warn', { to, index, bytes, doing: 'sending', reason })
    // Kept until then, so that it is not begun anew at once, with the same result.
    this.#parts.host.clock.after(RETRY_AFTER_MS, () => {
      if (this.#sending.get(to) !== sending) return
      this.#sending.delete(to)
      this.#parts.enqueue({ type: 'snapshot-failed', to })
    })
  }

  #end(to: NodeId, sending: Sending): void {
    this.#sending.delete(to)
    sending.sender?.stop()
  }

  #observe(type: string, level: 'info' | 'warn', fields: Record<string, unknown>): void {
    observe(this.#parts.observer, { type, level, node: this.#parts.route.id, ...fields })
  }
}
