/// <reference lib="esnext.disposable" preserve="true" />
import { Emitter, observe, requireName, type Fail, type NodeId } from '@colony/host'
import type { RaftCore } from '../core/raft-core.ts'
import { backupOfSnapshot } from '../recovery/backup-snapshot.ts'
import { RaftError, type RaftErrorOptions } from '../errors.ts'
import type { RaftStorage } from '../storage/storage.ts'
import { encodeCommandEntry } from './command-entry.ts'
import { Driver } from './driver.ts'
import { Leaderships, type LeadershipCallback } from './leaderships.ts'
import { LocalProposal } from './local-proposal.ts'
import { LocalRead } from './local-read.ts'
import type { AnyMachine, CommandOf, ResultOf } from './machine.ts'
import { MemberControl } from './member-control.ts'
import type { RaftMembers } from './members.ts'
import type { RaftMetrics } from './metrics.ts'
import type { RaftSession, SessionStartOptions, SessionSubmit } from './session.ts'
import { SessionControl } from './session-control.ts'
import { invalidOption, invalidProposal, requireTimeout } from './options.ts'
import type { ResolvedOptions } from './raft-options.ts'
import type {
  Applied,
  ProposeOptions,
  Raft,
  RaftEvents,
  RaftStatus,
  ReadOptions,
  ReadResult,
  NewLeader,
  TransferOptions,
} from './raft.ts'
import type { StartedFrom } from './snapshots/start-from-snapshot.ts'
import type { SnapshotTaken } from './snapshots/snapshots.ts'
import { StatusWatches } from './status-watch.ts'
import { readDemand } from './read-demand.ts'

const NO_OPTIONS: ProposeOptions = {}
const NO_READ_OPTIONS: ReadOptions = {}

/** The public face of one node: checks what callers pass, and turns the driver's bookkeeping into promises and events. */
export class RaftNode<Machine extends AnyMachine> implements Raft<Machine> {
  readonly id: NodeId
  readonly members: RaftMembers
  readonly #options: ResolvedOptions<Machine>
  readonly #storage: RaftStorage
  readonly #lease: AsyncDisposable
  readonly #driver: Driver<Machine>
  readonly #receiving: Disposable
  readonly #emitter: Emitter<RaftEvents>
  readonly #leaderships: Leaderships
  readonly #sessions: SessionControl<Machine>
  readonly #watches: StatusWatches = new StatusWatches(() => this.status())
  #last: { role: RaftStatus['role']; term: number; leader: NodeId | undefined }
  #error: RaftError | undefined
  #closing: Promise<void> | undefined

  constructor(
    options: ResolvedOptions<Machine>,
    core: RaftCore,
    started: StartedFrom | undefined,
    lease: AsyncDisposable,
  ) {
    this.id = options.id
    this.#options = options
    this.#storage = options.storage
    this.#lease = lease
    this.#emitter = new Emitter((error, event) => {
      observe(options.host.observer, {
        type: 'raft.listener-failed',
        level: 'error',
        node: options.id,
        event,
        error,
      })
    })
    this.#leaderships = new Leaderships((error) => {
      observe(options.host.observer, {
        type: 'raft.listener-failed',
        level: 'error',
        node: options.id,
        event: 'leadership',
        error,
      })
    })
    this.#last = { role: core.role, term: core.term, leader: core.leader }
    this.#driver = new Driver(options, this.#storage, core, started, {
      changed: () => this.#announce(),
      leading: (term) => this.#leaderships.update(term),
      turned: () => this.#watches.notify(),
      stopped: (error) => this.#onStopped(error),
      members: (members) => this.#emitter.emit('members', { members }),
      removed: (index) => this.#emitter.emit('removed', { index }),
    })
    this.members = new MemberControl({
      membership: () => core.membership.membership,
      changes: this.#driver.members.changes,
      requireRunning: () => this.#requireRunning('rejected'),
      deadline: (timeoutMs) => this.#deadline(timeoutMs, invalidProposal),
    })
    this.#sessions = new SessionControl({
      encode: (command) => this.#encode(command),
      submit: (data, options) => this.#submitOfSession(data, options),
      deadline: (timeoutMs) => this.#deadline(timeoutMs, invalidProposal),
      now: () => options.host.clock.now(),
      ready: (deadline, signal) => this.#driver.logTime.upgrade.done(deadline, signal),
      requireRunning: () => this.#requireRunning('rejected'),
    })
    this.#receiving = this.#driver.start()
  }

  /** @internal The core, for checks of what no caller can see. */
  get core(): RaftCore {
    return this.#driver.core
  }

  // The hot path of a leader: not `async`, which would cost a second promise and a suspended frame for every command in flight. What
  // the executor throws rejects the promise all the same.
  propose(
    command: CommandOf<Machine>,
    options: ProposeOptions = NO_OPTIONS,
  ): Promise<Applied<ResultOf<Machine>>> {
    return new Promise((resolve, reject) => {
      const { signal, idempotencyKey } = options
      const deadline = this.#deadline(options.timeoutMs, invalidProposal)
      if (idempotencyKey !== undefined) requireName(invalidProposal, 'idempotencyKey', idempotencyKey)
      const data = encodeCommandEntry(this.#encode(command), idempotencyKey)
      // After the codec, which is the user's: it may have closed the node or aborted the signal.
      this.#requireRunning('rejected')
      signal?.throwIfAborted()
      const { proposals, share } = this.#driver
      if (!proposals.hasRoom(data.length)) {
        share.run(() => reject(proposals.overloaded()))
        return
      }
      const settle = { resolve, reject, signal }
      proposals.submit(new LocalProposal(data, idempotencyKey !== undefined, deadline, settle, proposals))
    })
  }

  async session(options: SessionStartOptions = {}): Promise<RaftSession<Machine>> {
    return await this.#sessions.start(options)
  }

  #submitOfSession(
    data: Uint8Array,
    { signal, timeoutMs, mayRepeat = false }: SessionSubmit,
  ): Promise<Applied<ResultOf<Machine>>> {
    return new Promise((resolve, reject) => {
      const deadline = this.#deadline(timeoutMs, invalidProposal)
      this.#requireRunning('rejected')
      signal?.throwIfAborted()
      const { proposals, share } = this.#driver
      if (!proposals.hasRoom(data.length)) {
        share.run(() => reject(proposals.overloaded()))
        return
      }
      const proposal = new LocalProposal(data, true, deadline, { resolve, reject, signal }, proposals)
      proposal.maybeApplied = mayRepeat
      proposals.submit(proposal)
    })
  }

  // Not `async`, for the reason above: a leader answers hundreds of thousands of reads a second.
  read<Value>(
    query: (machine: Machine) => Value,
    options: ReadOptions = NO_READ_OPTIONS,
  ): Promise<ReadResult<Value>> {
    return new Promise((resolve, reject) => {
      this.#requireRunning()
      if (typeof query !== 'function') throw invalidOption('read takes a function of the machine')
      const { machine, maxClockDrift } = this.#options
      const demand = readDemand(options, maxClockDrift !== undefined)
      const deadline = this.#deadline(options.timeoutMs, invalidOption)
      const { signal } = options
      signal?.throwIfAborted()
      const { reads, share } = this.#driver
      const staleMs = reads.ageNow(demand)
      if (staleMs === undefined) {
        if (reads.size >= this.#options.maxPendingProposals) share.run(() => reject(this.#tooManyReads()))
        else reads.submit(new LocalRead(query, demand, deadline, { resolve, reject, signal }, reads.abandon))
        return
      }
      reads.counters.served(demand.consistency)
      const index = this.#driver.applied
      resolve({ value: query(machine), index, staleMs })
    })
  }

  transferLeadership(to?: NodeId, options: TransferOptions = {}): Promise<NewLeader> {
    return new Promise((resolve, reject) => {
      this.#requireRunning()
      if (to !== undefined) requireName(invalidOption, 'to', to)
      const deadline = this.#deadline(options.timeoutMs, invalidOption)
      const { signal } = options
      signal?.throwIfAborted()
      const release = (): void => signal?.removeEventListener('abort', onAbort)
      const abandon = this.#driver.transfers.submit({
        ...{ to, deadline },
        resolve: (done) => {
          release()
          resolve(done)
        },
        reject: (reason) => {
          release()
          reject(reason)
        },
      })
      const onAbort = (): void => abandon(signal?.reason)
      signal?.addEventListener('abort', onAbort)
    })
  }

  onLeadership(callback: LeadershipCallback): Disposable {
    this.#requireRunning()
    if (typeof callback !== 'function') throw invalidOption('onLeadership takes a function')
    return this.#leaderships.add(callback)
  }

  watch({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterable<RaftStatus> {
    return this.#watches.watch(signal)
  }

  status(): RaftStatus {
    const { role, term, leader, lastIndex, commitIndex, voters } = this.#driver.core
    const { appliedIndex, proposals, reads, members } = this.#driver
    const pending = proposals.size + reads.size + members.changes.size
    const membership = members.role
    return {
      id: this.id,
      role,
      membership,
      term,
      leader,
      lastIndex,
      commitIndex,
      appliedIndex,
      voters,
      pending,
    }
  }

  metrics(): RaftMetrics {
    return this.#driver.metrics()
  }

  async snapshot(): Promise<SnapshotTaken> {
    this.#requireRunning()
    return await this.#driver.snapshots.take()
  }

  async *backup(): AsyncGenerator<Uint8Array, void> {
    await this.snapshot()
    const stored = await this.#storage.openSnapshot?.()
    if (stored === undefined)
      throw new RaftError('RAFT_SNAPSHOT_FAILED', 'the storage does not give back its snapshot')
    const { host, group } = this.#options
    yield* backupOfSnapshot({ clusterId: host.clusterId, group }, stored)
  }

  on<Name extends keyof RaftEvents>(
    name: Name,
    listener: (event: RaftEvents[Name]) => void,
    options: { readonly signal?: AbortSignal } = {},
  ): Disposable {
    return this.#emitter.on(name, listener, options)
  }

  async close({ handOver = false }: { readonly handOver?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(handOver)
    return await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(handOver: boolean): Promise<void> {
    if (handOver && this.#driver.role === 'leader' && this.#error === undefined) await this.#handOver()
    this.#leaderships.update(undefined, 'the node was closed')
    this.#watches.end()
    this.#receiving[Symbol.dispose]()
    const stopped = this.#driver.stop()
    this.#rejectPending('RAFT_CLOSED', 'the node was closed')
    this.#emitter.clear()
    await stopped
    try {
      await this.#storage.close()
    } finally {
      await this.#lease[Symbol.asyncDispose]()
    }
  }

  /** Resolves when another node leads, or that has taken too long. */
  #handOver(): Promise<void> {
    const deadline = this.#options.host.clock.now() + 2 * this.#options.electionTimeoutMs
    return new Promise((resolve) => {
      const done = (): void => resolve()
      this.#driver.transfers.submit({ to: undefined, deadline, resolve: done, reject: done })
    })
  }

  #onStopped(error: RaftError): void {
    this.#error = error
    this.#leaderships.update(undefined, `the node stopped: ${error.message}`)
    this.#watches.end()
    this.#receiving[Symbol.dispose]()
    this.#rejectPending('RAFT_STOPPED', `the node stopped: ${error.message}`, error)
    this.#emitter.emit('stopped', { error })
  }

  #rejectPending(code: 'RAFT_CLOSED' | 'RAFT_STOPPED', message: string, cause?: RaftError): void {
    const base: RaftErrorOptions = cause === undefined ? {} : { cause }
    this.#driver.proposals.rejectAll((outcome) => new RaftError(code, message, { ...base, outcome }))
    this.#driver.reads.rejectAll(new RaftError(code, message, base))
    this.#driver.transfers.rejectAll(new RaftError(code, message, base))
    this.#driver.logTime.upgrade.rejectAll(new RaftError(code, message, { ...base, outcome: 'rejected' }))
    this.#driver.members.changes.rejectAll((outcome) => new RaftError(code, message, { ...base, outcome }))
  }

  #requireRunning(outcome?: 'rejected'): void {
    const options: RaftErrorOptions = outcome === undefined ? {} : { outcome }
    if (this.#closing !== undefined) throw new RaftError('RAFT_CLOSED', 'the node was closed', options)
    if (this.#error === undefined) return
    const { message } = this.#error
    throw new RaftError('RAFT_STOPPED', `the node stopped: ${message}`, { ...options, cause: this.#error })
  }

  #tooManyReads(): RaftError {
    const { size } = this.#driver.reads
    const { maxPendingProposals } = this.#options
    const problem = `${size} reads are pending on this node, maxPendingProposals allows ${maxPendingProposals}`
    return new RaftError('RAFT_OVERLOADED', `${problem}; wait for some to settle`, { retryable: true })
  }

  #deadline(timeoutMs: number | undefined, fail: Fail): number {
    const timeout =
      timeoutMs === undefined ? this.#options.proposalTimeoutMs : requireTimeout('timeoutMs', timeoutMs, fail)
    return this.#options.host.clock.now() + timeout
  }

  #encode(command: CommandOf<Machine>): Uint8Array {
    const { codec, maxCommandBytes } = this.#options
    let bytes: Uint8Array
    try {
      bytes = codec.encode(command)
    } catch (cause) {
      throw new RaftError(
        'RAFT_COMMAND_NOT_ENCODABLE',
        'the codec refused the command; nothing was proposed',
        {
          cause,
          outcome: 'rejected',
        },
      )
    }
    if (bytes.length <= maxCommandBytes) return bytes
    throw new RaftError(
      'RAFT_COMMAND_TOO_LARGE',
      `the command takes ${bytes.length} bytes, maxCommandBytes allows 1 to ${maxCommandBytes}; nothing was proposed`,
      { outcome: 'rejected' },
    )
  }

  #announce(): void {
    const { role, term, leader } = this.#driver.core
    const last = this.#last
    this.#last = { role, term, leader }
    const { observer } = this.#options.host
    if (role !== last.role || term !== last.term) {
      observe(observer, { type: 'raft.role', level: 'info', node: this.id, role, term })
      this.#emitter.emit('role', { role, term })
    }
    if (leader !== last.leader || (term !== last.term && leader !== undefined)) {
      observe(observer, { type: 'raft.leader', level: 'info', node: this.id, leader, term })
      this.#emitter.emit('leader', { leader, term })
    }
  }
}
