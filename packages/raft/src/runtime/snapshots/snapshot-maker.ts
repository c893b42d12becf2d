import { observe, type Host, type Observer } from '@colony/host'
import type { LogIndex, SnapshotMeta } from '../../core/entry.ts'
import type { RaftCore } from '../../core/raft-core.ts'
import { RaftError } from '../../errors.ts'
import type { RaftStorage } from '../../storage/storage.ts'
import type { AnyMachine } from '../machine.ts'
import type { Remembered } from '../remembered.ts'
import type { Route } from '../route.ts'
import { Pace } from './pace.ts'
import { SnapshotContent } from './snapshot-content.ts'
import type { SnapshotSum } from './snapshot-format.ts'
import type { SnapshotOptions } from './snapshot-options.ts'

/** After a failed attempt, how long before the next one. */
const RETRY_AFTER_MS = 5000
/** However small the state is, it is not written again before so many bytes of commands were applied (or so many entries). */
const LEAST_LOG_BYTES = 16 * 1024 * 1024
/** The log may take so many times as much as the snapshot. */
const MOST_LOG_PER_SNAPSHOT = 4

/** A snapshot that was made. */
export interface SnapshotTaken {
  /** Last index whose effect it contains. */
  readonly index: LogIndex
  /** Its length in bytes. */
  readonly bytes: number
}

/** What making snapshots needs. */
export interface MakerParts {
  readonly route: Route
  readonly host: Host
  /** Told of what is done. */
  readonly observer: Observer
  readonly core: RaftCore
  readonly storage: RaftStorage
  readonly machine: AnyMachine
  readonly options: Required<SnapshotOptions>
  /** Whether machine and storage know snapshots at all. */
  readonly isAble: boolean
  /** The newest that is stored. */
  newest(): (SnapshotSum & { readonly index: LogIndex }) | undefined
  /** Last index that the machine has applied. */
  applied(): LogIndex
  /** Bytes of commands that it has applied in this life. */
  appliedBytes(): number
  /** What is remembered beside the machine just now. */
  remembered(): Remembered
  /** Whether one from the leader is arriving. */
  isReceiving(): boolean
  /** Whether the machine is being given another state. */
  isRestoring(): boolean
  /** One was made and is durable. */
  saved(meta: SnapshotMeta, sum: SnapshotSum): void
}

/** Makes snapshots of this node's own machine, one at a time. */
export class SnapshotMaker {
  readonly #parts: MakerParts
  /** What had been applied in this life when the newest one was made. */
  #bytesAtNewest = 0
  #taking: Promise<SnapshotTaken> | undefined
  /** Says to the snapshot that is being made that it should leave off, and why. */
  #giveWay: ((reason: string) => void) | undefined
  #notBefore = 0
  #stopped = false

  constructor(parts: MakerParts) {
    this.#parts = parts
  }

  /** After something was applied: begins one when it is due. */
  takeIfDue(): void {
    const { isAble, host } = this.#parts
    if (!isAble || this.#taking !== undefined || this.#stopped || this.#parts.isReceiving()) return
    if (!this.#isDue() || host.clock.now() < this.#notBefore) return
    // Reported where it fails.
    this.take().catch(() => undefined)
  }

  /** Makes one of what is applied now, or gives the newest, if it is of that. */
  async take(): Promise<SnapshotTaken> {
    if (!this.#parts.isAble) throw unsupported()
    while (this.#taking !== undefined) await this.#taking.catch(() => undefined)
    // Two at once would end in either order, and the older could take the place of the newer, for which the log was cut.
    if (this.#parts.isReceiving()) throw receiving()
    const newest = this.#parts.newest()
    // One from the leader may be ahead of what is applied here.
    if (newest !== undefined && newest.index >= this.#parts.applied()) {
      return { index: newest.index, bytes: newest.bytes }
    }
    this.#taking = this.#take()
    try {
      return await this.#taking
    } finally {
      this.#taking = undefined
    }
  }

  /** Asks the one that is being made, if there is one, to leave off. Returns whether there is. */
  giveWay(reason: string): boolean {
    this.#giveWay?.(reason)
    return this.#taking !== undefined
  }

  /** The machine was given the state of a snapshot: the next one is due so much later. */
  restored(): void {
    this.#bytesAtNewest = this.#parts.appliedBytes()
  }

  /** Begins none any more, and gives up the one under way. */
  stop(): void {
    this.#stopped = true
    this.giveWay('the node stopped')
  }

  /** Resolves when none is being made. */
  async settled(): Promise<void> {
    await this.#taking?.catch(() => undefined)
  }

  #isDue(): boolean {
    const applied = this.#parts.applied()
    const newest = this.#parts.newest()
    const logBytes = this.#parts.appliedBytes() - this.#bytesAtNewest
    const many = applied - (newest?.index ?? 0) >= this.#parts.options.everyEntries
    const large = logBytes >= Math.max(LEAST_LOG_BYTES, MOST_LOG_PER_SNAPSHOT * (newest?.bytes ?? 0))
    return (many || large) && this.#knowsMembers(applied)
  }

  /** A node that joins has nothing to say about members before it has heard of any. */
  #knowsMembers(index: LogIndex): boolean {
    return this.#parts.core.membershipAt(index).membership.voters.length > 0
  }

  async #take(): Promise<SnapshotTaken> {
    const { host, storage, core } = this.#parts
    const started = host.clock.now()
    const index = this.#parts.applied()
    const appliedBytes = this.#parts.appliedBytes()
    try {
      const meta = { index, term: core.termAt(index), membership: core.membershipAt(index).membership }
      if (!this.#knowsMembers(index)) throw new Error('this node has not heard of any members yet')
      const content = this.#content(meta)
      await storage.saveSnapshot?.(meta, this.#interruptible(content.chunks()))
      this.#bytesAtNewest = appliedBytes
      this.#parts.saved(meta, content.sum)
      const { bytes } = content.sum
      this.#observe('raft.snapshot-saved', 'info', { index, bytes, ms: host.clock.now() - started })
      return { index, bytes }
    } catch (cause) {
      this.#notBefore = host.clock.now() + RETRY_AFTER_MS
      this.#observe('raft.snapshot-failed', 'warn', { index, doing: 'saving', reason: String(cause) })
      const message = `no snapshot was made at index ${index}: ${String(cause)}; the one before and the log are as they were`
      throw new RaftError('RAFT_SNAPSHOT_FAILED', message, { cause, retryable: true })
    }
  }

  #content(meta: SnapshotMeta): SnapshotContent {
    const { host, machine } = this.#parts
    if (this.#parts.isRestoring()) throw new Error('the machine is being given another state')
    const chunks = machine.snapshot?.()
    if (chunks === undefined) throw new TypeError('the machine gave no snapshot')
    return new SnapshotContent(meta, this.#parts.remembered(), chunks, new Pace(host.clock))
  }

  /** The same chunks, until this node has something better to do: also when the machine never gives the next one. */
  async *#interruptible(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    const givenUp = new Promise<string>((resolve) => {
      this.#giveWay = resolve
    })
    try {
      for (;;) {
        const next = await Promise.race([chunks.next(), givenUp])
        if (typeof next === 'string') throw new Error(next)
        if (next.done === true) return
        yield next.value
      }
    } finally {
      this.#giveWay = undefined
      // Not awaited: it waits for a chunk that may never come.
      chunks.return(undefined).catch(() => undefined)
    }
  }

  #observe(type: string, level: 'info' | 'warn', fields: Record<string, unknown>): void {
    observe(this.#parts.observer, { type, level, node: this.#parts.route.id, ...fields })
  }
}

function unsupported(): RaftError {
  return new RaftError(
    'RAFT_SNAPSHOT_UNSUPPORTED',
    'snapshots need a machine with snapshot and restore and a storage with saveSnapshot, openSnapshot and forgetLogBefore',
  )
}

function receiving(): RaftError {
  const message = 'no snapshot was made: one from the leader, which stands for more, is being received'
  return new RaftError('RAFT_SNAPSHOT_FAILED', message, { retryable: true })
}
