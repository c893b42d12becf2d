import { observe, type Host, type NodeId, type Observer } from '@colony/host'
import type { LogIndex, SnapshotMeta } from '../../core/entry.ts'
import type { RaftCore } from '../../core/raft-core.ts'
import type { Input } from '../../core/step.ts'
import { RaftError } from '../../errors.ts'
import type { RaftStorage, StoredSnapshot } from '../../storage/storage.ts'
import type { RememberedKey } from '../applier.ts'
import type { AnyMachine } from '../machine.ts'
import type { Route } from '../route.ts'
import { Pace } from './pace.ts'
import { restoreSnapshot } from './restore-snapshot.ts'
import { SnapshotContent } from './snapshot-content.ts'
import type { SnapshotSum } from './snapshot-format.ts'
import { SnapshotReceiver } from './snapshot-receiver.ts'
import { SnapshotSenders } from './snapshot-senders.ts'
import { type SnapshotId, type SnapshotMessage } from './snapshot-wire.ts'
import { supportsSnapshots, type SnapshotOptions } from './snapshot-options.ts'

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

/** What snapshots need of the node that they are of. */
export interface SnapshotParts {
  readonly route: Route
  readonly host: Host
  /** Told of what is done. */
  readonly observer: Observer
  readonly core: RaftCore
  readonly storage: RaftStorage
  readonly machine: AnyMachine
  readonly options: Required<SnapshotOptions>
  /** The newest one, if the node started from it. */
  readonly started: (SnapshotSum & { readonly index: LogIndex }) | undefined
  /** Last index that the machine has applied. */
  applied(): LogIndex
  /** Bytes of commands that it has applied in this life. */
  appliedBytes(): number
  /** The keys that are remembered just now. */
  remembered(): readonly RememberedKey[]
  /** The machine and the keys are now those of a snapshot. */
  restored(index: LogIndex, keys: readonly RememberedKey[]): void
  /** Feeds the core, within a turn. */
  step(input: Input): void
  /** This node cannot go on. */
  fail(error: RaftError): void
}

/** Makes snapshots, cuts the log behind them, sends them to followers that need them, and installs those that a leader sends. */
export class Snapshots {
  readonly #parts: SnapshotParts
  readonly #isAble: boolean
  readonly #receiver: SnapshotReceiver
  readonly #senders: SnapshotSenders
  /** What to tell the core in the next turn. */
  #inputs: (() => void)[] = []
  /** The newest that is stored. */
  #newest: (SnapshotSum & { readonly index: LogIndex }) | undefined
  #bytesAtNewest = 0
  #taking: Promise<SnapshotTaken> | undefined
  /** Says to the snapshot that is being made that it should leave off, and why. */
  #giveWay: ((reason: string) => void) | undefined
  #notBefore = 0
  #restoring: Promise<void> | undefined
  /** Ends the wait for the turn that takes over what was restored. */
  #letGo: (() => void) | undefined
  #stopped = false

  constructor(parts: SnapshotParts) {
    this.#parts = parts
    this.#isAble = supportsSnapshots(parts.storage, parts.machine)
    this.#newest = parts.started
    const { route, host } = parts
    this.#senders = new SnapshotSenders({
      ...parts,
      newest: () => this.#newest,
      enqueue: (input) => this.#enqueue(() => parts.step(input)),
    })
    this.#receiver = new SnapshotReceiver({
      route,
      clock: host.clock,
      observer: parts.observer,
      isAble: this.#isAble,
      commitIndex: () => parts.core.commitIndex,
      mustWait: () => this.#mustWait(),
      save: async (meta, chunks) => await parts.storage.saveSnapshot?.(meta, chunks),
      install: (meta, id) => this.#install(meta, id),
    })
  }

  /** Set while the machine is being given another state, and neither commands nor queries may run. */
  get restoring(): Promise<void> | undefined {
    return this.#restoring
  }

  /** Takes what another node says. */
  onMessage(from: NodeId, m: SnapshotMessage): void {
    if (m.type === 'snapshot-offer') this.#receiver.onOffer(from, m)
    else if (m.type === 'snapshot-chunk') this.#receiver.onChunk(from, m)
    else this.#senders.onStatus(from, m)
  }

  /** Followers that the core wants the newest snapshot sent to. */
  send(followers: readonly NodeId[]): void {
    for (const to of followers) this.#senders.start(to)
  }

  /** In every turn, before anything is applied: tells the core what became of snapshots. */
  turn(): void {
    const inputs = this.#inputs
    this.#inputs = []
    for (const input of inputs) input()
  }

  /** After something was applied: begins a snapshot when one is due. */
  takeIfDue(): void {
    this.#receiver.sweep()
    if (!this.#isAble || this.#taking !== undefined || this.#receiver.isBusy || this.#stopped) return
    if (!this.#isDue() || this.#parts.host.clock.now() < this.#notBefore) return
    // Reported where it fails.
    this.take().catch(() => undefined)
  }

  /** Makes one of what is applied now, or gives the newest, if it is of that. */
  async take(): Promise<SnapshotTaken> {
    if (!this.#isAble) throw unsupported()
    while (this.#taking !== undefined) await this.#taking.catch(() => undefined)
    // Two at once would end in either order, and the older could take the place of the newer, for which the log was cut.
    if (this.#receiver.isBusy) throw receiving()
    const index = this.#parts.applied()
    // One from the leader may be ahead of what is applied here.
    if (this.#newest !== undefined && this.#newest.index >= index) {
      return { index: this.#newest.index, bytes: this.#newest.bytes }
    }
    this.#taking = this.#take()
    try {
      return await this.#taking
    } finally {
      this.#taking = undefined
    }
  }

  /** Role, term or leader changed. */
  onChange(): void {
    this.#senders.onChange()
  }

  /** Nothing more is begun; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#giveWay?.('the node stopped')
    this.#letGo?.()
    this.#senders.stop()
    await this.#receiver.stop()
    await this.#taking?.catch(() => undefined)
  }

  #isDue(): boolean {
    const applied = this.#parts.applied()
    const logBytes = this.#parts.appliedBytes() - this.#bytesAtNewest
    const many = applied - (this.#newest?.index ?? 0) >= this.#parts.options.everyEntries
    const large = logBytes >= Math.max(LEAST_LOG_BYTES, MOST_LOG_PER_SNAPSHOT * (this.#newest?.bytes ?? 0))
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
      this.#onSaved(meta, content.sum)
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
    if (this.#restoring !== undefined) throw new Error('the machine is being given another state')
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

  /** What the leader sends stands for more than anything that this node could save. */
  #mustWait(): boolean {
    this.#giveWay?.('one from the leader is more useful')
    return this.#taking !== undefined
  }

  #onSaved(meta: SnapshotMeta, sum: SnapshotSum): void {
    this.#newest = { index: meta.index, ...sum }
    this.#senders.renew()
    this.#enqueue(() => this.#cutLog(meta))
  }

  /** The snapshot is durable, so the log is needed only by followers: by those a little behind, and by those that are being sent an older snapshot. */
  #cutLog(snapshot: SnapshotMeta): void {
    const { core, storage, options } = this.#parts
    const last = Math.min(snapshot.index - options.keepEntries, this.#senders.oldestIndex())
    const firstIndex = Math.max(core.firstIndex, last + 1)
    this.#parts.step({ type: 'compacted', snapshot, firstIndex })
    storage.forgetLogBefore?.(core.firstIndex).catch((error: unknown) => {
      this.#observe('raft.snapshot-failed', 'warn', {
        index: snapshot.index,
        doing: 'cutting the log',
        reason: String(error),
      })
    })
  }

  async #install(meta: SnapshotMeta, id: SnapshotId): Promise<void> {
    this.#newest = id
    if (this.#stopped || meta.index <= this.#parts.core.commitIndex)
      return this.#enqueue(() => this.#cutLog(meta))
    this.#restoring = this.#restore(meta)
    try {
      await this.#restoring
    } catch (error) {
      const message = `the snapshot at index ${meta.index} can't be read back: ${String(error)}`
      const known =
        error instanceof RaftError ? error : new RaftError('RAFT_STORAGE_FAILED', message, { cause: error })
      this.#parts.fail(known)
      throw known
    }
  }

  async #restore(meta: SnapshotMeta): Promise<void> {
    const { storage, machine, host } = this.#parts
    let stored: StoredSnapshot | undefined
    try {
      stored = await storage.openSnapshot?.()
      if (stored === undefined) throw new Error('it is gone')
      const { keys } = await restoreSnapshot(stored, machine, new Pace(host.clock))
      await this.#takeOver(meta, keys)
    } finally {
      await stored?.close()
    }
  }

  /** The machine holds the snapshot; in one turn, so does everything else. */
  async #takeOver(meta: SnapshotMeta, keys: readonly RememberedKey[]): Promise<void> {
    if (this.#stopped) return
    await new Promise<void>((resolve) => {
      this.#letGo = resolve
      this.#enqueue(() => {
        this.#restoring = undefined
        this.#parts.restored(meta.index, keys)
        this.#parts.step({ type: 'snapshot-installed', snapshot: meta })
        this.#bytesAtNewest = this.#parts.appliedBytes()
        this.#cutLog(meta)
        resolve()
      })
    })
  }

  #enqueue(input: () => void): void {
    if (this.#stopped) return
    this.#inputs.push(input)
    this.#parts.route.wake()
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
