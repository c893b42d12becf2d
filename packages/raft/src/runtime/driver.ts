import { observe, type Host, type NodeId } from '@colony/host'
import type { Entry, LogIndex } from '../core/entry.ts'
import type { Message } from '../core/message.ts'
import type { RaftCore } from '../core/raft-core.ts'
import type { Input, Outputs } from '../core/step.ts'
import { RaftError } from '../errors.ts'
import type { RaftStorage } from '../storage/storage.ts'
import { Applier } from './applier.ts'
import { AwaitedEntries } from './awaited-entries.ts'
import { GroupCommit } from './group-commit.ts'
import { LocalProposals } from './local-proposals.ts'
import type { AnyMachine, ResultOf } from './machine.ts'
import type { ResolvedOptions } from './options.ts'
import type { Role } from './raft.ts'
import { Reads } from './reads.ts'
import { RemoteProposals } from './remote-proposals.ts'
import type { Route } from './route.ts'
import { decodeFrame, encodeDriverMessage, encodeMessage, type DriverMessage } from './wire.ts'

/** How many entries are applied between two looks at the clock, and how long before the inbox gets its turn again. */
const APPLY_CHUNK = 256
const APPLY_BUDGET_MS = 10

/** How often what waits is looked through for deadlines and for what to send again. */
const SWEEP_INTERVAL_MS = 50

/** What a driver tells its node. */
export interface DriverListener {
  /** Role, term or leader changed. */
  changed(): void
  /** The driver stopped for good. */
  stopped(error: RaftError): void
}

/**
 * Drives one core: feeds it messages, time, proposals and storage completions, and carries out what it asks.
 *
 * Everything that arrives is queued, and one `pump` per turn of the event loop works it off: so what came together is proposed, written,
 * sent and applied together. Nothing here awaits; the only promise is the write in {@link GroupCommit}.
 */
export class Driver<Machine extends AnyMachine> implements Route {
  readonly id: NodeId
  readonly life: number
  readonly core: RaftCore
  readonly proposals: LocalProposals<ResultOf<Machine>>
  readonly reads: Reads
  readonly #host: Host
  readonly #channel: string
  readonly #listener: DriverListener
  readonly #commits: GroupCommit
  readonly #applier: Applier<Machine>
  readonly #remote: RemoteProposals<ResultOf<Machine>>
  readonly #awaited = new AwaitedEntries<ResultOf<Machine>>()
  readonly #limits: { readonly maxPendingProposals: number; readonly maxPendingBytes: number }

  #now: number
  #inbox: { readonly from: NodeId; readonly message: Message | DriverMessage }[] = []
  #tickDue = false
  #durableSequence = 0
  #durableSeen = 0
  #toApply: { entries: readonly Entry[]; from: LogIndex; done: number }[] = []
  #applied: LogIndex
  #appliedFreshAt = Number.NEGATIVE_INFINITY
  #pumpScheduled = false
  #pumping = false
  #stopped = false
  #timer: Disposable | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #wakeAt = 0
  #sweepTimer: Disposable | undefined
  #seenRole: Role
  #seenTerm: number
  #seenLeader: NodeId | undefined
  #malformed = 0

  constructor(
    options: ResolvedOptions<Machine>,
    storage: RaftStorage,
    core: RaftCore,
    listener: DriverListener,
  ) {
    this.id = options.id
    this.core = core
    this.#host = options.host
    this.#channel = `raft:${options.group}`
    this.#listener = listener
    this.#limits = options
    this.#now = options.host.clock.now()
    this.life = options.host.random.integer(1, 0xffffffff)
    this.#applied = core.commitIndex
    this.#seenRole = core.role
    this.#seenTerm = core.term
    this.#commits = new GroupCommit(
      storage,
      (sequence) => this.#onDurable(sequence),
      (cause) => this.#onStorageFailed(cause),
    )
    this.#applier = new Applier(options.machine, options.codec, options.resultCodec)
    this.proposals = new LocalProposals(this, options.resultCodec, options)
    this.#remote = new RemoteProposals(this, (value) => this.#applier.encodeResult(value))
    this.reads = new Reads(this)
  }

  /** Begins to receive and to keep time. */
  start(): Disposable {
    const { clock, transport } = this.#host
    const receiving = transport.receive(this.#channel, (from, frame) => this.#onFrame(from, frame))
    // The first step tells when the core wants to be woken.
    this.#carryOut(this.core.step(clock.now(), { type: 'tick' }))
    this.#armTimer()
    return receiving
  }

  /** Stops feeding the core; resolves when the write under way has settled. Pending calls are the node's to end. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
    this.#sweepTimer?.[Symbol.dispose]()
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

  /** Last index that the machine has applied. */
  get applied(): LogIndex {
    return this.#applied
  }

  /** How old what the machine has applied can be, in milliseconds. */
  staleMs(): number {
    const current = this.#applied === this.core.commitIndex
    const freshAt = current ? this.core.freshAt() : this.#appliedFreshAt
    return Math.max(0, this.#host.clock.now() - freshAt)
  }

  send(to: NodeId, message: DriverMessage): boolean {
    return this.#host.transport.send(to, this.#channel, encodeDriverMessage(message))
  }

  wake(): void {
    if (this.#pumpScheduled || this.#pumping || this.#stopped) {
      this.#pumpScheduled = true
      return
    }
    this.#pumpScheduled = true
    // A microtask: after the callback that brings input, so that one read of a socket, or one loop of calls, is one batch.
    queueMicrotask(() => this.#pump())
  }

  #onFrame(from: NodeId, frame: Uint8Array): void {
    const decoded = decodeFrame(frame, from, this.id)
    if (!decoded.ok) {
      this.#malformed++
      this.#observe('raft.frame-malformed', 'warn', {
        from,
        reason: decoded.error.message,
        count: this.#malformed,
      })
      return
    }
    this.#inbox.push({ from, message: decoded.value })
    this.wake()
  }

  #onDurable(sequence: number): void {
    this.#durableSequence = sequence
    this.wake()
  }

  #onStorageFailed(cause: unknown): void {
    if (cause instanceof RaftError) return this.#fail(cause)
    this.#fail(
      new RaftError(
        'RAFT_STORAGE_FAILED',
        'the storage refused a write; this node stopped and acknowledges nothing more',
        {
          cause,
        },
      ),
    )
  }

  #pump(): void {
    if (this.#stopped || this.#pumping) return
    this.#pumping = true
    try {
      do {
        this.#pumpScheduled = false
        this.#turn()
      } while (this.#pumpScheduled)
      this.#commits.flush()
      this.#armTimer()
      this.#armSweep()
    } catch (cause) {
      this.#fail(
        cause instanceof RaftError
          ? cause
          : new RaftError('RAFT_INVARIANT_BROKEN', 'an internal invariant broke; please report this', {
              cause,
            }),
      )
    } finally {
      this.#pumping = false
    }
  }

  /** Works off everything that has come in, in the order: messages, what became durable, time, proposals, reads, application. */
  #turn(): void {
    this.#now = this.#host.clock.now()
    const inbox = this.#inbox
    this.#inbox = []
    for (const { from, message } of inbox) this.#receive(from, message)
    if (this.#durableSequence > this.#durableSeen) {
      this.#durableSeen = this.#durableSequence
      this.#sendAll(this.#commits.release())
      this.#step({ type: 'persisted', sequence: this.#durableSeen })
    }
    if (this.#tickDue) {
      this.#tickDue = false
      this.#step({ type: 'tick' })
    }
    this.#noteChanges()
    if (this.core.role === 'leader') this.#append()
    else this.proposals.forwardWaiting()
    this.reads.dispatch((id) => this.#step({ type: 'read', id }))
    this.#apply()
    this.reads.runReady(this.#applied)
    this.#noteChanges()
  }

  #receive(from: NodeId, message: Message | DriverMessage): void {
    switch (message.type) {
      case 'forward':
        return this.#remote.onForward(from, message, this.#hasRoom(message.data.length))
      case 'forward-reply':
        return this.proposals.onReply(message)
      case 'read':
        return this.reads.onRequest(from, message, (id) => this.#step({ type: 'read', id }))
      case 'read-reply':
        if (this.reads.onReply(message)) {
          this.#carryOut(this.core.learnCommit(this.#now, message.term, message.index))
        }
        return
      default:
        this.#step({ type: 'message', message })
    }
  }

  #hasRoom(bytes: number): boolean {
    const { maxPendingProposals, maxPendingBytes } = this.#limits
    return (
      this.#remote.size + this.proposals.size < maxPendingProposals &&
      this.#remote.bytes + this.proposals.bytes + bytes <= maxPendingBytes
    )
  }

  #append(): void {
    const local = this.proposals.takeWaiting()
    const remote = this.#remote.takeWaiting()
    if (local.length + remote.length === 0) return
    const { term } = this.core
    const data = [...local, ...remote].map((proposal) => proposal.data)
    let index = this.#step({ type: 'propose', kind: 'command', data }).appendedAt
    for (const proposal of local) {
      proposal.place = 'appended'
      proposal.term = term
      this.#awaited.add(index++, term, proposal)
    }
    for (const proposal of remote) this.#awaited.add(index++, term, proposal)
  }

  #step(input: Input): Outputs {
    const outputs = this.core.step(this.#now, input)
    this.#carryOut(outputs)
    return outputs
  }

  #carryOut(outputs: Outputs): void {
    const { persist, sequence, apply } = outputs
    if (persist !== undefined) this.#commits.add(persist, sequence)
    this.#sendAll(outputs.send)
    if (outputs.sendAfterPersist.length > 0 && !this.#commits.hold(outputs.sendAfterPersist, sequence)) {
      this.#sendAll(outputs.sendAfterPersist)
    }
    if (apply.length > 0) this.#toApply.push({ entries: apply, from: outputs.applyFrom, done: 0 })
    for (const answer of outputs.reads) this.reads.onAnswer(answer)
    this.#wakeAt = outputs.wakeAt
  }

  #sendAll(messages: readonly Message[]): void {
    // A dropped message is the network's ordinary weather: the core repairs it, so the result does not matter.
    for (const message of messages)
      this.#host.transport.send(message.to, this.#channel, encodeMessage(message))
  }

  /** Applies what is committed; a long backlog in slices, so that heartbeats are answered in between. */
  #apply(): void {
    const { clock } = this.#host
    while (this.#toApply.length > 0) {
      const [batch] = this.#toApply
      if (batch === undefined) return
      const end = Math.min(batch.entries.length, batch.done + APPLY_CHUNK)
      for (; batch.done < end; batch.done++) {
        const entry = batch.entries[batch.done]
        if (entry === undefined) break
        const index = batch.from + batch.done
        const outcome = this.#applier.apply(entry, index)
        this.#applied = index
        this.#awaited.settle(index, entry.term, outcome)
      }
      if (batch.done === batch.entries.length) this.#toApply.shift()
      if (this.#toApply.length > 0 && clock.now() - this.#now > APPLY_BUDGET_MS) {
        clock.afterInput(() => this.wake())
        return
      }
    }
    this.#appliedFreshAt = this.core.freshAt()
  }

  #noteChanges(): void {
    const { role, term, leader } = this.core
    const termChanged = term !== this.#seenTerm
    if (!termChanged && role === this.#seenRole && leader === this.#seenLeader) return
    this.#seenRole = role
    this.#seenTerm = term
    this.#seenLeader = leader
    if (termChanged) this.proposals.onTermChange()
    this.#remote.onChange()
    this.reads.sweep()
    this.#listener.changed()
    this.#pumpScheduled = true
  }

  /** One timer for the core, set anew only when it must ring earlier: heartbeats push the election away far more often than it comes. */
  #armTimer(): void {
    if (this.#stopped || this.#wakeAt >= this.#timerAt) return
    this.#timer?.[Symbol.dispose]()
    const { clock } = this.#host
    this.#timerAt = this.#wakeAt
    this.#timer = clock.after(Math.max(0, this.#wakeAt - clock.now()), () => {
      this.#timer = undefined
      this.#timerAt = Number.POSITIVE_INFINITY
      if (clock.now() < this.#wakeAt) this.#armTimer()
      // Never straight from the timer: a heartbeat may be waiting in the inbox of a process that was stalled.
      else clock.afterInput(() => this.#tick())
    })
  }

  #tick(): void {
    this.#tickDue = true
    this.wake()
  }

  #armSweep(): void {
    if (this.#sweepTimer !== undefined || this.proposals.size + this.reads.size === 0) return
    this.#sweepTimer = this.#host.clock.after(SWEEP_INTERVAL_MS, () => {
      this.#sweepTimer = undefined
      this.#now = this.#host.clock.now()
      this.proposals.sweep()
      this.reads.sweep()
      this.wake()
    })
  }

  #fail(error: RaftError): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
    this.#sweepTimer?.[Symbol.dispose]()
    this.#observe('raft.stopped', 'error', { code: error.code, reason: error.message })
    this.#listener.stopped(error)
  }

  #observe(type: string, level: 'info' | 'warn' | 'error', fields: Record<string, unknown>): void {
    observe(this.#host.observer, { type, level, node: this.id, channel: this.#channel, ...fields })
  }
}
