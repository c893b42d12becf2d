import { observe, type Host, type NodeId } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import type { RaftCore } from '../core/raft-core.ts'
import type { Input, Outputs } from '../core/step.ts'
import { RaftError } from '../errors.ts'
import type { RaftStorage } from '../storage/storage.ts'
import { Applier } from './applier.ts'
import { ApplyQueue } from './apply-queue.ts'
import { COMMAND_OVERHEAD_BYTES } from './command-entry.ts'
import { CoreChanges } from './core-changes.ts'
import type { NodeEvent, SharedNode } from './groups/shared-node.ts'
import type { DiskTrouble } from './disk-trouble.ts'
import type { DriverListener } from './driver-listener.ts'
import { createDiskTrouble, createSnapshots, createTransfers, type DriverControl } from './driver-parts.ts'
import { GroupCommit } from './group-commit.ts'
import { GroupMembers } from './group-members.ts'
import { Inbox } from './inbox.ts'
import { LocalRead } from './local-read.ts'
import { LocalProposals } from './local-proposals.ts'
import { LogTime } from './log-time.ts'
import { LoopShare } from './loop-share.ts'
import type { AnyMachine, ResultOf } from './machine.ts'
import { MessageRouter } from './message-router.ts'
import { ElectionCounters, SnapshotCounters, WriteMeter, type RaftMetrics } from './metrics.ts'
import { FRAME_OVERHEAD_BYTES } from './options.ts'
import { PeerChannel } from './peer-channel.ts'
import type { ResolvedOptions } from './raft-options.ts'
import { ProposalAppender } from './proposal-appender.ts'
import type { Role } from './raft.ts'
import { Pump } from './pump.ts'
import { Reads } from './reads.ts'
import { RemoteProposals } from './remote-proposals.ts'
import type { StartedFrom } from './snapshots/start-from-snapshot.ts'
import type { Snapshots } from './snapshots/snapshots.ts'
import type { ReadRoute } from './route.ts'
import { Sweep } from './sweep.ts'
import { WakeTimer } from './wake-timer.ts'
import type { Transfers } from './transfers.ts'
import type { DriverMessage } from './wire.ts'

const NOTHING_UNCOMMITTED = { entries: 0, bytes: 0 } as const

/**
 * Drives one core: feeds it messages, time, proposals and storage completions, and carries out what it asks.
 *
 * Everything that arrives is queued, and one `pump` per turn of the event loop works it off: so what came together is proposed, written,
 * sent and applied together. Nothing here awaits; the only promise is the write in {@link GroupCommit}.
 */
export class Driver<Machine extends AnyMachine> implements ReadRoute, DriverControl {
  readonly id: NodeId
  readonly life: number
  readonly core: RaftCore
  readonly proposals: LocalProposals<ResultOf<Machine>>
  readonly reads: Reads<Machine>
  readonly members: GroupMembers
  /** For calls that may end at once. */
  readonly share: LoopShare
  readonly logTime: LogTime
  readonly #host: Host
  readonly #peers: PeerChannel
  readonly #listener: DriverListener
  readonly #commits: GroupCommit
  readonly #writes: WriteMeter
  readonly #elections = new ElectionCounters()
  readonly #snapshotsMade = new SnapshotCounters()
  readonly transfers: Transfers
  readonly #trouble: DiskTrouble
  readonly #machine: ApplyQueue<Machine>
  readonly snapshots: Snapshots
  readonly #timer: WakeTimer
  readonly #pump: Pump
  readonly #sweep: Sweep
  readonly #remote: RemoteProposals<ResultOf<Machine>>
  readonly #appender: ProposalAppender<ResultOf<Machine>>
  readonly #router: MessageRouter<Machine, ResultOf<Machine>>
  readonly #changes: CoreChanges
  readonly #inbox: Inbox = new Inbox(() => this.wake())
  /** The node that this member shares with those of other groups. */
  readonly #shared: SharedNode | undefined
  #followersLeft = 0
  readonly #uncommitted = { entries: 0, bytes: 0 }
  #now: number
  #tickDue = false
  #durableSequence = 0
  #durableSeen = 0
  #appliedFreshAt = Number.NEGATIVE_INFINITY
  /** The backlog goes on after the next look at the inbox: asked for once, however many turns come before. */
  #resuming = false
  #stopped = false
  #wakeAt = 0

  constructor(
    options: ResolvedOptions<Machine>,
    storage: RaftStorage,
    core: RaftCore,
    started: StartedFrom | undefined,
    listener: DriverListener,
  ) {
    this.id = options.id
    this.core = core
    this.#host = options.host
    this.#peers = new PeerChannel(options.host, options.group, options.id)
    this.#listener = listener
    this.#shared = options.shared
    this.#now = options.host.clock.now()
    this.life = options.host.random.integer(1, 0xffffffff)
    this.#writes = new WriteMeter(() => options.host.clock.now())
    this.#commits = new GroupCommit(
      storage,
      (sequence) => this.#onDurable(sequence),
      (cause) => this.#onStorageFailed(cause),
      this.#writes,
      {
        full: () => this.#trouble.full(),
        promised: () => this.#peers.sendAll(this.#commits.release()),
      },
    )
    this.#trouble = createDiskTrouble(
      this,
      options,
      { meter: this.#writes, commits: this.#commits },
      (type, level, fields) => this.#observe(type, level, fields),
    )
    this.logTime = new LogTime(this, options)
    const { state: remembered } = this.logTime
    const applier = new Applier<Machine>(options.machine, options.codec, options.resultCodec, remembered)
    this.#machine = new ApplyQueue(applier, options.host.clock, core.commitIndex)
    const observer = this.#snapshotsMade.before(options.host.observer)
    const state = { storage, applier, machine: this.#machine, started, observer }
    this.snapshots = createSnapshots(this, options, state)
    this.#timer = new WakeTimer(options.host.clock, () => this.#tick())
    this.#pump = new Pump({
      turn: () => this.#turn(),
      after: () => this.#afterTurns(),
      failed: (cause) => this.#onThrown(cause),
    })
    this.share = new LoopShare(options.host.clock)
    this.proposals = new LocalProposals(this, options.resultCodec, options, this.share)
    const { maxFrameBytes } = options.host.transport.capabilities
    const encodeResult = (value: ResultOf<Machine>): Uint8Array | undefined =>
      applier.encodeResult(value, maxFrameBytes - FRAME_OVERHEAD_BYTES)
    const maxEntryBytes = options.maxCommandBytes + COMMAND_OVERHEAD_BYTES
    this.#remote = new RemoteProposals(this, encodeResult, maxEntryBytes, () => remembered.isTimed)
    this.reads = new Reads(this, options.machine, this.share)
    this.transfers = createTransfers(this)
    this.members = new GroupMembers(this, options.host, listener, { ...options, maxEntryBytes })
    const { awaited } = this.#machine
    this.#appender = new ProposalAppender(this, this.proposals, this.#remote, awaited, options)
    this.#router = this.#createRouter(options)
    this.#changes = new CoreChanges(core, {
      leading: (term) => listener.leading(term),
      changed: (termChanged) => this.#onChanged(termChanged),
      regained: ({ index, term }) => this.#observe('raft.entries-regained', 'info', { index, term }),
    })
    this.#sweep = new Sweep(
      options.host.clock,
      [this.proposals, this.reads, this.members.changes, this.transfers, this.logTime.upgrade],
      {
        before: () => (this.#now = this.#host.clock.now()),
        after: () => this.wake(),
      },
    )
  }

  #createRouter({ maxPendingBytes }: ResolvedOptions<Machine>): MessageRouter<Machine, ResultOf<Machine>> {
    const { proposals, reads, members, transfers, snapshots } = this
    return new MessageRouter({
      ...{ proposals, reads, members, transfers, snapshots },
      remote: this.#remote,
      appender: this.#appender,
      upgrade: this.logTime.upgrade,
      isFull: () => this.#commits.bytes >= maxPendingBytes,
      step: (input) => void this.step(input),
      learnCommit: ({ term, index }) => this.#carryOut(this.core.learnCommit(this.#now, term, index)),
    })
  }

  /** Begins to receive and to keep time. */
  start(): Disposable {
    const receiving = this.#inbox.open(this.#peers, this.#host.transport, this.#shared)
    // The first step tells when the core wants to be woken, and a lone voter's starts its election.
    this.#tick()
    return receiving
  }

  /** Stops feeding the core; resolves when the write under way has settled. Pending calls are the node's to end. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#leaveFollowers()
    this.#pump.stop()
    this.#timer.stop()
    this.#trouble.stop()
    this.#sweep.stop()
    await this.snapshots.stop()
    await this.#commits.settled()
  }

  get role(): Role {
    return this.core.role
  }

  get term(): number {
    return this.core.term
  }

  get leader(): NodeId | undefined {
    return this.core.leader
  }

  get now(): number {
    return this.#now
  }

  /** Last index that the machine has applied; -1 while it is being given a snapshot's state and no query may run. */
  get applied(): LogIndex {
    return this.snapshots.restoring === undefined ? this.#machine.applied : -1
  }

  /** Last index that the machine has applied. */
  get appliedIndex(): LogIndex {
    return this.#machine.applied
  }

  /** How old what the machine has applied can be, in milliseconds. */
  staleMs(): number {
    const current = this.applied === this.core.commitIndex
    const freshAt = current ? this.core.freshAt() : this.#appliedFreshAt
    return Math.max(0, this.#host.clock.now() - freshAt)
  }

  /** What was counted so far. */
  metrics(): RaftMetrics {
    return {
      ...this.reads.counters.snapshot(),
      ...this.#elections.snapshot(),
      proposals: { ...this.proposals.outcomes },
      storage: this.#writes.snapshot(),
      snapshots: this.#snapshotsMade.snapshot(),
      appliedEntries: this.#machine.count,
      wipedNodes: this.members.wiped.count,
      dropped: { ...this.core.drops, malformed: this.#peers.malformed, overloaded: this.#router.overloaded },
    }
  }

  /** On a leader: what a read under its lease must see, or -1. The clock is read anew: one that was read before a pause proves nothing after it. */
  leaseIndex(): LogIndex {
    return this.core.leaseIndex(this.#host.clock.now())
  }

  get uncommitted(): { readonly entries: number; readonly bytes: number } {
    const { role, lastIndex, commitIndex, uncommittedBytes } = this.core
    if (role !== 'leader') return NOTHING_UNCOMMITTED
    // One object for all answers, read at once and kept by nobody: it is asked for at every proposal.
    this.#uncommitted.entries = lastIndex - commitIndex
    this.#uncommitted.bytes = uncommittedBytes
    return this.#uncommitted
  }

  send(to: NodeId, message: DriverMessage): boolean {
    return this.#peers.send(to, message)
  }

  wake(): void {
    this.#pump.wake()
  }

  #onDurable(sequence: number): void {
    this.#durableSequence = sequence
    this.wake()
  }

  #onStorageFailed(cause: unknown): void {
    const message = 'the storage refused a write; this node stopped and acknowledges nothing more'
    const failure = new RaftError('RAFT_STORAGE_FAILED', message, { cause })
    this.#trouble.failed(cause instanceof RaftError ? cause : failure)
  }

  #afterTurns(): void {
    this.#commits.flush()
    this.#timer.set(this.#wakeAt)
    this.#sweep.arm()
    this.#trouble.arm()
    this.#listener.turned()
  }

  #onThrown(cause: unknown): void {
    if (cause instanceof RaftError) return this.fail(cause)
    const message = `${String(cause)}; this is a bug, please report it`
    this.fail(new RaftError('RAFT_INVARIANT_BROKEN', message, { cause }))
  }

  /** Works off everything that has come in, in the order: messages, what became durable, time, proposals, reads, application. */
  #turn(): void {
    this.#now = this.#host.clock.now()
    for (const { from, message } of this.#inbox.takeMessages()) this.#router.deliver(from, message)
    if (this.#durableSequence > this.#durableSeen) {
      this.#durableSeen = this.#durableSequence
      this.#peers.sendAll(this.#commits.release())
      this.step({ type: 'persisted', sequence: this.#durableSeen })
      this.#trouble.finished()
    }
    for (const event of this.#inbox.takeNodeEvents()) this.#onNodeEvent(event)
    if (this.#tickDue) {
      this.#tickDue = false
      this.step({ type: 'tick' })
    }
    this.#changes.look()
    if (this.core.role !== 'leader') this.proposals.forwardWaiting()
    else if (this.core.transferTarget === undefined) this.#appender.append()
    else this.#remote.handBack()
    this.logTime.upgrade.turn()
    this.transfers.dispatch()
    if (this.members.changes.size > 0) this.members.changes.dispatch()
    this.reads.dispatch((id) => this.step({ type: 'read', id }))
    this.snapshots.turn()
    this.#apply()
    this.snapshots.takeIfDue()
    this.members.onApplied(this.applied)
    this.reads.runReady(this.applied)
    this.#trouble.turn()
    this.#changes.look()
  }

  #onNodeEvent({ type, peer }: NodeEvent): void {
    if (type === 'closed') this.step({ type: 'peer-closed', peer })
    else if (type === 'silent') this.step({ type: 'peer-silent', peer })
    else if (this.core.leader === peer) this.step({ type: 'wake' })
  }

  /** Once this node has applied all that was committed anywhere before now, calls `run`; `reject` if that takes too long. */
  confirm(deadline: number, run: () => void, reject: (reason: unknown) => void): void {
    const demand = { consistency: 'linearizable', maxStalenessMs: 0, after: 0 } as const
    const caller = { resolve: run, reject, signal: undefined }
    this.reads.submit(new LocalRead(() => undefined, demand, deadline, caller, this.reads.abandon))
  }

  /** Takes the core one step, and carries out what it asks. */
  step(input: Input): Outputs {
    const outputs = this.core.step(this.#now, input)
    this.#carryOut(outputs)
    return outputs
  }

  #carryOut(outputs: Outputs): void {
    const { persist, sequence, apply } = outputs
    if (persist !== undefined) this.#commits.add(persist, sequence)
    this.#peers.sendAll(outputs.send)
    if (outputs.sendAfterPersist.length > 0 && !this.#commits.hold(outputs.sendAfterPersist, sequence)) {
      this.#peers.sendAll(outputs.sendAfterPersist)
    }
    this.#machine.push(apply, outputs.applyFrom)
    if (outputs.snapshotTo.length > 0) this.snapshots.send(outputs.snapshotTo)
    for (const answer of outputs.reads) this.reads.onAnswer(answer)
    this.#wakeAt = outputs.wakeAt
  }

  #apply(): void {
    if (this.snapshots.restoring !== undefined) return
    if (this.#machine.run()) {
      // The core hands out a long backlog in parts.
      if (this.#machine.applied === this.core.commitIndex) this.#appliedFreshAt = this.core.freshAt()
    } else if (!this.#resuming) {
      this.#resuming = true
      this.#host.clock.afterInput(() => {
        this.#resuming = false
        this.wake()
      })
    }
  }

  #onChanged(termChanged: boolean): void {
    const { role, term, leader } = this.core
    this.#elections.note(role, term, leader)
    if (this.core.quietFollowersLeft > this.#followersLeft) {
      this.#followersLeft = this.core.quietFollowersLeft
      this.#shared?.followersLeft()
    }
    if (termChanged) this.proposals.onTermChange()
    this.proposals.onLeaderChange()
    this.#remote.onChange()
    this.members.changes.onLeaderChange()
    this.reads.sweep()
    this.transfers.onChange()
    this.logTime.onChange()
    this.snapshots.onChange()
    this.#listener.changed()
    this.wake()
  }

  /** Followers that are quiet wait for no heartbeat: they are told by the node that this one leads them no more. */
  #leaveFollowers(): void {
    if (this.core.mayHaveQuietFollowers) this.#shared?.followersLeft()
  }

  #tick(): void {
    this.#tickDue = true
    this.wake()
  }

  fail(error: RaftError): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#leaveFollowers()
    this.#pump.stop()
    this.#timer.stop()
    this.#trouble.stop()
    this.#sweep.stop()
    // Not awaited: it is the work under way that may have failed.
    this.snapshots.stop().catch(() => undefined)
    this.#observe('raft.stopped', 'error', { code: error.code, reason: error.message })
    this.#listener.stopped(error)
  }

  #observe(type: string, level: 'info' | 'warn' | 'error', fields: Record<string, unknown>): void {
    observe(this.#host.observer, { type, level, node: this.id, channel: this.#peers.name, ...fields })
  }
}
