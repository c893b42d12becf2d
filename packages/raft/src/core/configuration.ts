import type { NodeId } from '@colony/host'

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

/**
 * Who votes. Constant for now; learners and the outgoing half of a joint configuration (section 6) will live here,
 * which is why nothing else counts votes or acknowledgements.
 * @category Core
 */
export class Configuration {
  /** Every voter, sorted. */
  readonly voters: readonly NodeId[]
  readonly #members: ReadonlySet<NodeId>
  readonly #scratch: number[]

  /** Makes the configuration of a fixed set of voters. */
  constructor(voters: readonly NodeId[]) {
    this.voters = [...voters].sort()
    this.#members = new Set(voters)
    this.#scratch = voters.map(() => 0)
  }

  /** Whether `id` votes. */
  isVoter(id: NodeId): boolean {
    return this.#members.has(id)
  }

  /** Whether the voters for which `has` holds form a quorum. */
  isQuorum(has: (voter: NodeId) => boolean): boolean {
    let count = 0
    for (const voter of this.voters) if (has(voter)) count++
    return count >= quorumSize(this.voters.length)
  }

  /**
   * The largest value that a quorum of voters has reached, each voter's own given by `valueOf`.
   * With match indexes this is what may be committed, with rounds what is confirmed.
   */
  reachedByQuorum(valueOf: (voter: NodeId) => number): number {
    const values = this.#scratch
    const size = this.voters.length
    for (let i = 0; i < size; i++) {
      const value = valueOf(this.voters[i] ?? '')
      // Insertion sort, descending: a handful of numbers, many times a commit, nothing allocated.
      let at = i
      for (; at > 0 && (values[at - 1] ?? 0) < value; at--) values[at] = values[at - 1] ?? 0
      values[at] = value
    }
    return values[quorumSize(size) - 1] ?? 0
  }
}
