import { observe, type NodeId } from '@colony/host'
import type { LogIndex, SnapshotMeta } from '../../core/entry.ts'
import type { Input } from '../../core/step.ts'
import { RaftError } from '../../errors.ts'
import type { StoredSnapshot } from '../../storage/storage.ts'
import type { Remembered } from '../remembered.ts'
import { Pace } from './pace.ts'
import { restoreSnapshot } from './restore-snapshot.ts'
import type { SnapshotSum } from './snapshot-format.ts'
import { type MakerParts, SnapshotMaker, type SnapshotTaken } from './snapshot-maker.ts'
import { SnapshotReceiver } from './snapshot-receiver.ts'
import { SnapshotSenders } from './snapshot-senders.ts'
import { type SnapshotId, type SnapshotMessage } from './snapshot-wire.ts'
import { supportsSnapshots } from './snapshot-options.ts'

export type { SnapshotTaken } from './snapshot-maker.ts'

/** What snapshots need of the node that they are of. */
export interface SnapshotParts extends Omit<
  MakerParts,
  'isAble' | 'newest' | 'isReceiving' | 'isRestoring' | 'saved'
> {
  /** The newest one, if the node started from it. */
  readonly started: (SnapshotSum & { readonly index: LogIndex }) | undefined
  /** The machine, and what is remembered, are now those of a snapshot. */
  restored(index: LogIndex, remembered: Remembered): void
  /** Feeds the core, within a turn. */
  step(input: Input): void
  /** This node cannot go on. */
  fail(error: RaftError): void
}

/** Has snapshots made, cuts the log behind them, sends them to followers that need them, and installs those that a leader sends. */
export class Snapshots {
  readonly #parts: SnapshotParts
  readonly #maker: SnapshotMaker
  readonly #receiver: SnapshotReceiver
  readonly #senders: SnapshotSenders
  /** What to tell the core in the next turn. */
  #inputs: (() => void)[] = []
  /** The newest that is stored. */
  #newest: (SnapshotSum & { readonly index: LogIndex }) | undefined
  #restoring: Promise<void> | undefined
  /** Ends the wait for the turn that takes over what was restored. */
  #letGo: (() => void) | undefined
  #stopped = false

  constructor(parts: SnapshotParts) {
    this.#parts = parts
    this.#newest = parts.started
    const isAble = supportsSnapshots(parts.storage, parts.machine)
    const { route, host } = parts
    const newest = (): (SnapshotSum & { readonly index: LogIndex }) | undefined => this.#newest
    this.#maker = new SnapshotMaker({
      ...parts,
      isAble,
      newest,
      isReceiving: () => this.#receiver.isBusy,
      isRestoring: () => this.#restoring !== undefined,
      saved: (meta, sum) => this.#onSaved(meta, sum),
    })
    this.#senders = new SnapshotSenders({
      ...parts,
      newest,
      enqueue: (input) => this.#enqueue(() => parts.step(input)),
    })
    this.#receiver = new SnapshotReceiver({
      route,
      clock: host.clock,
      observer: parts.observer,
      isAble,
      commitIndex: () => parts.core.commitIndex,
      // What the leader sends stands for more than anything that this node could save.
      mustWait: () => this.#maker.giveWay('one from the leader is more useful'),
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
    this.#maker.takeIfDue()
  }

  /** Makes one of what is applied now, or gives the newest, if it is of that. */
  take(): Promise<SnapshotTaken> {
    return this.#maker.take()
  }

  /** Role, term or leader changed. */
  onChange(): void {
    this.#senders.onChange()
  }

  /** Nothing more is begun; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#maker.stop()
    this.#letGo?.()
    this.#senders.stop()
    await this.#receiver.stop()
    await this.#maker.settled()
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
      const { remembered } = await restoreSnapshot(stored, machine, new Pace(host.clock))
      await this.#takeOver(meta, remembered)
    } finally {
      await stored?.close()
    }
  }

  /** The machine holds the snapshot; in one turn, so does everything else. */
  async #takeOver(meta: SnapshotMeta, remembered: Remembered): Promise<void> {
    if (this.#stopped) return
    await new Promise<void>((resolve) => {
      this.#letGo = resolve
      this.#enqueue(() => {
        this.#restoring = undefined
        this.#parts.restored(meta.index, remembered)
        this.#parts.step({ type: 'snapshot-installed', snapshot: meta })
        this.#maker.restored()
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
