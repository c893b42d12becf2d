import { observe, type Address, type Host, type NodeId } from '@colony/host'
import { quorumSize, toleratedFailures } from '../core/configuration.ts'
import type { LogIndex } from '../core/entry.ts'
import { addressesAfter, planChange, progressOf, type MembershipChange } from '../core/membership-change.ts'
import type { MembershipRecord } from '../core/membership-log.ts'
import { encodeMembership, membersOf, sameIds, type Membership } from '../core/membership.ts'
import type { RaftCore } from '../core/raft-core.ts'
import type { Input, Outputs } from '../core/step.ts'
import { MemberChanges, type Verdict } from './member-changes.ts'
import { OwnAddress } from './own-address.ts'
import { WipedMembers } from './wiped-members.ts'
import { membersView, type MemberRole, type Members } from './members.ts'
import type { Route } from './route.ts'

/** What the members of a group need of the driver of one of them. */
export interface GroupMembersDriver extends Route {
  readonly core: RaftCore
  step(input: Input): Outputs
  /** Calls `run` once this node has applied what was committed anywhere before now, or `reject`. */
  confirm(deadline: number, run: () => void, reject: (reason: unknown) => void): void
}

/** What is told of members. */
export interface MembersListener {
  /** A membership was committed. */
  members(members: Members): void
  /** This node is no member any more. */
  removed(index: LogIndex): void
}

/** What the options of a node say of members. */
export interface GroupMembersOptions {
  readonly memberIds: readonly NodeId[]
  readonly memberAddresses: ReadonlyMap<NodeId, Address>
  readonly join: boolean
  readonly maxEntryBytes: number
}

const NO_VERDICT = { index: 0, term: 0, problem: '' } as const

/** The members of a group as one node sees them: what it does about changes as leader, and what it does when one is decided. */
export class GroupMembers {
  /** Calls of this node that change members. */
  readonly changes: MemberChanges
  readonly #driver: GroupMembersDriver
  readonly #host: Host
  readonly #listener: MembersListener
  /** Where the options of this node say that members are. */
  readonly #given: ReadonlyMap<NodeId, Address>
  readonly #maxEntryBytes: number
  /** The latest that was told of; at first, the latest that was in the log when the node started. */
  #seen: { readonly index: LogIndex; readonly term: number }
  /** Where the log says that members are. */
  readonly #logged: Map<NodeId, Address>
  readonly #ownAddress: OwnAddress
  /** What this node has found of voters that lost their data. */
  readonly wiped: WipedMembers
  #removed = false

  constructor(
    driver: GroupMembersDriver,
    host: Host,
    listener: MembersListener,
    options: GroupMembersOptions,
  ) {
    this.#driver = driver
    this.#host = host
    this.#listener = listener
    this.#given = options.memberAddresses
    this.#maxEntryBytes = options.maxEntryBytes
    const { core } = driver
    this.#seen = core.membership
    this.#logged = new Map(core.membership.membership.addresses)
    this.wiped = new WipedMembers(core, (type, level, fields) => this.#observe(type, level, fields))
    for (const [id, address] of core.membership.membership.addresses) {
      // What this start was given is newer than what the log remembers.
      if (id !== driver.id && !this.#given.has(id)) host.addresses.set(id, address)
    }
    this.changes = new MemberChanges(driver, {
      decide: (change) => this.decide(change),
      membershipAt: (index) => core.membershipAt(index),
      confirm: (deadline, run, reject) => driver.confirm(deadline, run, reject),
    })
    this.#ownAddress = new OwnAddress(
      {
        id: driver.id,
        get now() {
          return driver.now
        },
        membership: () => core.membership.membership,
        submit: (call) => void this.changes.submit(call),
      },
      this.#given.get(driver.id),
    )
    this.#warnOfEvenVoters(core.membership.membership)
    if (!options.join) this.#compareWith(options.memberIds)
  }

  /** What this node is in its group. */
  get role(): MemberRole {
    const { core, id } = this.#driver
    if (this.#removed) return 'removed'
    if (core.wiped) return 'wiped'
    const { voters, outgoing, learners } = core.membership.membership
    if (voters.includes(id) || outgoing.includes(id)) return 'voter'
    if (learners.includes(id)) return 'learner'
    return 'none'
  }

  /** As leader: begins a change, unless it is so already or can't be. */
  decide(change: MembershipChange): Verdict {
    const { core } = this.#driver
    if (core.role !== 'leader') return { ...NO_VERDICT, status: 'not-leader' }
    const { membership } = core.membership
    const plan = planChange(membership, change)
    if ('problem' in plan) return { ...NO_VERDICT, status: 'refused', problem: plan.problem }
    if (progressOf(change, membership) !== 'replaced') return { ...NO_VERDICT, status: 'standing' }
    const known = new Map([...this.#given, ...membership.addresses])
    const addresses = addressesAfter({ ...membership, addresses: known }, plan.goal, change)
    const problem = this.#sizeProblem({ ...membership, goal: plan.goal, addresses })
    if (problem !== undefined) return { ...NO_VERDICT, status: 'refused', problem }
    const { appendedAt } = this.#driver.step({ type: 'change-members', goal: plan.goal, addresses })
    if (appendedAt === 0) return { ...NO_VERDICT, status: 'busy' }
    return { status: 'appended', index: appendedAt, term: core.term, problem: '' }
  }

  /** While joint an entry names everybody at most twice: old, new and goal. */
  #sizeProblem(membership: Membership): string | undefined {
    const joint = { ...membership, outgoing: membership.voters, learners: membersOf(membership) }
    const bytes = encodeMembership(joint).length
    if (bytes <= this.#maxEntryBytes) return undefined
    return `it takes ${bytes} bytes, and an entry may have ${this.#maxEntryBytes}; see maxCommandBytes`
  }

  /** The machine has applied everything up to `applied`: takes notice of the memberships among it. */
  onApplied(applied: LogIndex): void {
    const { core } = this.#driver
    const records = this.#isNew(core.membershipAt(applied))
      ? core.membershipsBetween(0, applied).filter((record) => this.#isNew(record))
      : []
    for (const record of records) this.#take(record)
    if (this.changes.size > 0) this.changes.onApplied(applied, records)
    const { removedAt } = core
    if ((removedAt !== undefined) !== this.#removed) this.#noteRemoved(removedAt)
    this.#ownAddress.turn()
    this.wiped.turn(this.#driver.now)
  }

  #isNew({ index, term }: MembershipRecord): boolean {
    return term > this.#seen.term || (term === this.#seen.term && index > this.#seen.index)
  }

  #take(record: MembershipRecord): void {
    const { index, membership } = record
    this.#seen = record
    this.#takeAddresses(record)
    if (isRecordOnly(this.#driver.core.membershipAt(index - 1), record)) return
    const { voters, outgoing, learners, goal } = membership
    this.#observe('raft.members', 'info', { index, voters, outgoing, learners, goal })
    this.#warnOfEvenVoters(membership)
    this.#listener.members(membersView(membership))
  }

  /** Only what is new in the log: what a start was given counts until the group is told something else, and the founding repeats what the first leader was given. */
  #takeAddresses({ index, membership }: MembershipRecord): void {
    for (const [id, address] of membership.addresses) {
      const isNews = this.#logged.get(id) !== address && !(index === 1 && this.#given.has(id))
      this.#logged.set(id, address)
      if (isNews && id !== this.#driver.id) this.#host.addresses.set(id, address)
    }
  }

  /** Somebody may have edited a list in the belief that this changes the members. */
  #compareWith(given: readonly NodeId[]): void {
    const { membership } = this.#driver.core.membership
    const known = membersOf(membership)
    if (sameIds(given, known) || sameIds(given, membership.voters)) return
    const reason = 'the option members counts when a group is founded; afterwards raft.members changes them'
    this.#observe('raft.members-differ', 'warn', { given, known, reason })
  }

  #warnOfEvenVoters({ voters, goal }: Membership): void {
    const count = voters.length
    if (goal !== undefined || count === 0 || count % 2 === 1) return
    const tolerated = toleratedFailures(count)
    const reason =
      `${count} voters need ${quorumSize(count)} of them to agree and go on without ${tolerated}, which is no more than ${count - 1} would; ` +
      'one voter more, or one fewer, costs nothing in availability'
    this.#observe('raft.even-voters', 'warn', { voters, toleratedFailures: tolerated, reason })
  }

  #noteRemoved(index: LogIndex | undefined): void {
    this.#removed = index !== undefined
    if (index === undefined) return
    this.#observe('raft.removed', 'warn', { index })
    this.#listener.removed(index)
  }

  #observe(type: string, level: 'info' | 'warn' | 'error', fields: Record<string, unknown>): void {
    observe(this.#host.observer, { type, level, node: this.#driver.id, ...fields })
  }
}

/** Whether a membership differs from the one before in nothing but the incarnations of its voters, which are not for callers. */
function isRecordOnly(before: MembershipRecord, { index, membership }: MembershipRecord): boolean {
  if (before.index >= index || membership.outgoing.length > 0) return false
  const { voters, outgoing, learners, goal } = before.membership
  if (!sameIds(voters, membership.voters) || !sameIds(learners, membership.learners)) return false
  const isGoalKept = goal === undefined ? membership.goal === undefined : false
  return (
    isGoalKept &&
    outgoing.length === 0 &&
    (index === 1 || hasSame(before.membership.addresses, membership.addresses))
  )
}

function hasSame(a: ReadonlyMap<NodeId, Address>, b: ReadonlyMap<NodeId, Address>): boolean {
  return a.size === b.size && [...a].every(([id, address]) => b.get(id) === address)
}
