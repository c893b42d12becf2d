import type { NodeId } from '@colony/host'
import type { Incarnation } from './incarnation.ts'
import type { Membership } from './membership.ts'

/**
 * Smallest number of voters that is a majority of `voters`: any two majorities share a node, which is all that Raft's safety rests on.
 * @category Quorum
 */
export function quorumSize(voters: number): number {
  return Math.floor(voters / 2) + 1
}

/**
 * How many of `voters` may be down while the rest still elects leaders and commits. An even number tolerates no more than the odd one below it.
 * @category Quorum
 */
export function toleratedFailures(voters: number): number {
  return voters - quorumSize(voters)
}

const NOT_RECORDED: ReadonlyMap<NodeId, Incarnation> = new Map()

/**
 * Who votes, and who else receives the log. The only place that counts votes and acknowledgements: while a change of voters is under way, every decision
 * needs a majority of the old and one of the new (joint consensus, Raft section 6).
 * @category Core
 */
export class Configuration {
  /** Every voter, sorted; while joint, those that are coming. */
  readonly voters: readonly NodeId[]
  /** While joint: who voted before, sorted. Else empty. */
  readonly outgoing: readonly NodeId[]
  /** Whoever has a vote in either majority, sorted: whom to ask for votes. */
  readonly electorate: readonly NodeId[]
  readonly #voting: ReadonlySet<NodeId>
  readonly #members: ReadonlySet<NodeId>
  readonly #incarnations: ReadonlyMap<NodeId, Incarnation>
  readonly #scratch: number[]

  /** Makes the configuration of these voters, joint when there are outgoing ones. */
  constructor(
    voters: readonly NodeId[],
    outgoing: readonly NodeId[] = [],
    learners: readonly NodeId[] = [],
    incarnations: ReadonlyMap<NodeId, Incarnation> = NOT_RECORDED,
  ) {
    this.voters = [...voters].sort()
    this.outgoing = [...outgoing].sort()
    this.#voting = new Set([...voters, ...outgoing])
    this.electorate = outgoing.length === 0 ? this.voters : [...this.#voting].sort()
    this.#members = new Set([...voters, ...outgoing, ...learners])
    this.#incarnations = incarnations
    this.#scratch = (outgoing.length > voters.length ? outgoing : voters).map(() => 0)
  }

  /** The configuration that a membership asks for. */
  static of({ voters, outgoing, learners, incarnations }: Membership): Configuration {
    return new Configuration(voters, outgoing, learners, incarnations)
  }

  /** Which incarnation of a voter votes; 0 where that is not recorded. */
  incarnationOf(id: NodeId): Incarnation {
    return this.#incarnations.get(id) ?? 0
  }

  /** Whether the voice of `id` counts as that of the voter when it comes from this incarnation. */
  recognises(id: NodeId, incarnation: Incarnation): boolean {
    const recorded = this.#incarnations.get(id)
    return recorded === undefined || recorded === incarnation
  }

  /** Whether `id` votes. */
  isVoter(id: NodeId): boolean {
    return this.#voting.has(id)
  }

  /** Whether `id` receives the log, with or without a vote. */
  isMember(id: NodeId): boolean {
    return this.#members.has(id)
  }

  /** Whether `id` is the only one whose vote counts. */
  isLoneVoter(id: NodeId): boolean {
    return this.electorate.length === 1 && this.electorate[0] === id
  }

  /** Whether the voters for which `has` holds form a quorum. */
  isQuorum(has: (voter: NodeId) => boolean): boolean {
    return isMajority(this.voters, has) && (this.outgoing.length === 0 || isMajority(this.outgoing, has))
  }

  /**
   * The largest value that a quorum of voters has reached, each voter's own given by `valueOf`.
   * With match indexes this is what may be committed, with rounds what is confirmed.
   */
  reachedByQuorum(valueOf: (voter: NodeId) => number): number {
    const reached = reachedByMajority(this.voters, this.#scratch, valueOf)
    if (this.outgoing.length === 0) return reached
    return Math.min(reached, reachedByMajority(this.outgoing, this.#scratch, valueOf))
  }
}

function isMajority(voters: readonly NodeId[], has: (voter: NodeId) => boolean): boolean {
  let count = 0
  for (const voter of voters) if (has(voter)) count++
  return count >= quorumSize(voters.length)
}

function reachedByMajority(
  voters: readonly NodeId[],
  values: number[],
  valueOf: (voter: NodeId) => number,
): number {
  const size = voters.length
  for (let i = 0; i < size; i++) {
    const value = valueOf(voters[i] ?? '')
    // Insertion sort, descending: a handful of numbers, many times a commit, nothing allocated.
    let at = i
    for (; at > 0 && (values[at - 1] ?? 0) < value; at--) values[at] = values[at - 1] ?? 0
    values[at] = value
  }
  return values[quorumSize(size) - 1] ?? 0
}
