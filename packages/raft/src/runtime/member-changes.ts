import type { NodeId } from '@colony/host'
import type { LogIndex, Term } from '../core/entry.ts'
import { progressOf, type MembershipChange } from '../core/membership-change.ts'
import type { MembershipRecord } from '../core/membership-log.ts'
import { RaftError } from '../errors.ts'
import { membersView, type Members } from './members.ts'
import type { Route } from './route.ts'
import type { MembersReply } from './wire.ts'

/** How long a change that was sent to the leader goes unanswered before it is sent again; repeating it is harmless. */
const RESEND_AFTER_MS = 250
/** How soon a leader that cannot take it just now is asked again: another change is on its way to being decided. */
const RETRY_AFTER_MS = 50

/** What a leader says to a change: see `MembersReply`. */
export type Verdict = Pick<MembersReply, 'status' | 'index' | 'term' | 'problem'>

/** One call that changes members. */
export interface LocalChange {
  readonly change: MembershipChange
  /** When to give up, on the clock of the host. */
  readonly deadline: number
  readonly resolve: (members: Members) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Where a call stands. `waiting`: to be given to the leader. `sent`: given, unanswered. `appended`: in the leader's log at `index`, committed or not.
 * `confirming`: the leader says that it is so already, and a read is to prove that it leads. `watching`: committed, being worked towards.
 */
type Stage = 'waiting' | 'sent' | 'appended' | 'confirming' | 'watching'

interface Pending extends LocalChange {
  stage: Stage
  request: number
  /** When it is to be sent, or sent again. */
  askAt: number
  index: LogIndex
  term: Term
  /** It left this node, or its log: a leader may work towards it. */
  told: boolean
}

/** What the changes of a node need to know of its group. */
export interface ChangesGroup {
  /** As leader: what becomes of a change. */
  decide(change: MembershipChange): Verdict
  /** What held at a log index, as this node knows it. */
  membershipAt(index: LogIndex): MembershipRecord
  /** Calls `run` once this node has applied what was committed anywhere before now, or `reject`. */
  confirm(deadline: number, run: () => void, reject: (reason: unknown) => void): void
}

/** Every call of this node that changes members and is not settled. Few at a time, so nothing here is fast. */
export class MemberChanges {
  readonly #route: Route
  readonly #group: ChangesGroup
  readonly #pending = new Set<Pending>()
  #lastRequest = 0
  #applied: LogIndex = 0

  constructor(route: Route, group: ChangesGroup) {
    this.#route = route
    this.#group = group
  }

  /** How many there are. */
  get size(): number {
    return this.#pending.size
  }

  /** Takes a call in. The result gives it up, with a reason. */
  submit(call: LocalChange): (reason: unknown) => void {
    const request = ++this.#lastRequest
    const pending: Pending = {
      ...call,
      stage: 'waiting',
      request,
      askAt: 0,
      index: 0,
      term: 0,
      told: false,
    }
    this.#pending.add(pending)
    this.#route.wake()
    return (reason) => this.#reject(pending, reason)
  }

  /** Gives what waits to the leader. */
  dispatch(): void {
    const { role, leader, now, life, id } = this.#route
    for (const pending of this.#pending) {
      const due = pending.stage === 'waiting' || pending.stage === 'sent'
      if (!due || now < pending.askAt) continue
      if (role === 'leader') {
        this.#onVerdict(pending, this.#group.decide(pending.change))
      } else if (leader !== undefined && leader !== id) {
        const { request, change } = pending
        if (!this.#route.send(leader, { type: 'members', life, request, change })) continue
        pending.stage = 'sent'
        pending.told = true
        pending.askAt = now + RESEND_AFTER_MS
      }
    }
  }

  /** As leader: takes another node's change. */
  onRequest(from: NodeId, life: number, request: number, change: MembershipChange): void {
    this.#route.send(from, { type: 'members-reply', life, request, ...this.#group.decide(change) })
  }

  /** Takes what the leader says. Answers that come late or twice find nobody. */
  onReply(reply: MembersReply): void {
    if (reply.life !== this.#route.life) return
    for (const pending of this.#pending) {
      if (pending.request === reply.request && pending.stage === 'sent') this.#onVerdict(pending, reply)
    }
  }

  #onVerdict(pending: Pending, { status, index, term, problem }: Verdict): void {
    switch (status) {
      case 'appended':
        pending.stage = 'appended'
        pending.told = true
        pending.index = index
        pending.term = term
        return this.#look(pending)
      case 'standing':
        pending.stage = 'confirming'
        pending.told = true
        return this.#group.confirm(
          pending.deadline,
          () => this.#onConfirmed(pending),
          () => this.#reject(pending, timedOut(pending, this.#route.leader)),
        )
      case 'refused':
        return this.#reject(pending, refused(problem))
      default:
        this.#askAgain(pending, RETRY_AFTER_MS)
    }
  }

  #askAgain(pending: Pending, afterMs: number): void {
    pending.stage = 'waiting'
    pending.askAt = this.#route.now + afterMs
  }

  /** This node knows all that was committed when the leader said that the change stands. */
  #onConfirmed(pending: Pending): void {
    if (!this.#pending.has(pending)) return
    const { index, membership } = this.#group.membershipAt(this.#applied)
    switch (progressOf(pending.change, membership)) {
      case 'reached':
        return this.#settle(pending, membersView(membership))
      case 'under-way':
        pending.stage = 'watching'
        pending.index = index
        return
      default:
        // Not committed yet, or replaced meanwhile.
        this.#askAgain(pending, RETRY_AFTER_MS)
    }
  }

  /** The node has applied everything up to `applied`, of which `records` are memberships. */
  onApplied(applied: LogIndex, records: readonly MembershipRecord[]): void {
    this.#applied = applied
    for (const pending of this.#pending) this.#look(pending)
    for (const record of records) {
      for (const pending of this.#pending) this.#judge(pending, record)
    }
  }

  /** Whether the entry of an appended change is committed, or another one in its place. */
  #look(pending: Pending): void {
    if (pending.stage !== 'appended' || this.#applied < pending.index) return
    const record = this.#group.membershipAt(pending.index)
    if (record.index === pending.index && record.term === pending.term) {
      pending.stage = 'watching'
      this.#judge(pending, record)
    } else {
      this.#askAgain(pending, 0)
    }
  }

  #judge(pending: Pending, { index, membership }: MembershipRecord): void {
    if (pending.stage !== 'watching' || index < pending.index || !this.#pending.has(pending)) return
    const progress = progressOf(pending.change, membership)
    if (progress === 'reached') this.#settle(pending, membersView(membership))
    else if (progress === 'replaced') this.#reject(pending, replaced())
  }

  /** Who leads changed: whoever leads now may not have heard of what was sent. */
  onLeaderChange(): void {
    for (const pending of this.#pending) if (pending.stage === 'sent') this.#askAgain(pending, 0)
  }

  /** Gives up what is past its deadline. */
  sweep(): void {
    const { now, leader } = this.#route
    for (const pending of this.#pending) {
      if (now >= pending.deadline) this.#reject(pending, timedOut(pending, leader))
    }
  }

  /** Ends everything. */
  rejectAll(error: (outcome: 'rejected' | 'unknown') => RaftError): void {
    for (const pending of this.#pending) this.#reject(pending, error(pending.told ? 'unknown' : 'rejected'))
  }

  #settle(pending: Pending, members: Members): void {
    this.#pending.delete(pending)
    pending.resolve(members)
  }

  #reject(pending: Pending, reason: unknown): void {
    if (this.#pending.delete(pending)) pending.reject(reason)
  }
}

function refused(problem: string): RaftError {
  return new RaftError('RAFT_MEMBERS_REFUSED', `the members were not changed: ${problem}`, {
    outcome: 'rejected',
  })
}

function replaced(): RaftError {
  const message = 'another change of members was made after this one and took its place; see members.list()'
  return new RaftError('RAFT_MEMBERS_REPLACED', message, { outcome: 'rejected' })
}

function timedOut({ told }: Pending, leader: NodeId | undefined): RaftError {
  const outcome = told ? 'unknown' : 'rejected'
  const problem = told
    ? 'the members are not as wanted yet; the group goes on towards its goal, see members.list(). A new member that does not run, or cannot be reached, is waited for'
    : 'no leader took the change of members in time; nothing was changed'
  const base = leader === undefined ? {} : { leader }
  return new RaftError('RAFT_MEMBERS_TIMEOUT', `${problem}. The same call may be made again`, {
    ...base,
    outcome,
    retryable: true,
  })
}
