import type { NodeId } from '@colony/host'
import { quorumSize } from '../core/configuration.ts'
import type { RaftCore } from '../core/raft-core.ts'

/** How long a group may take to be founded before that is told. */
const FOUNDING_PATIENCE_MS = 5000

/** How events are told. */
export type Tell = (type: string, level: 'warn' | 'error', fields: Record<string, unknown>) => void

/** Tells of voters that lost their data, as far as their answers come here, and of a group that is not founded because some founders are missing. */
export class WipedMembers {
  readonly #core: RaftCore
  readonly #tell: Tell
  /** Each that was told of, by the data that it came back with. */
  readonly #told = new Map<NodeId, number>()
  #foundingSince: number | undefined
  #isHopeless = false
  /** How many were recognised. */
  count = 0

  constructor(core: RaftCore, tell: Tell) {
    this.#core = core
    this.#tell = tell
  }

  /** Looks at the core; at no cost where all is well. */
  turn(now: number): void {
    const wiped = this.#core.wipedVoters
    if (wiped.size > 0) this.#note(wiped)
    else this.#isHopeless = false
    if (this.#core.founding) this.#noteFounding(now)
    else if (this.#foundingSince !== undefined) this.#noteFounded()
  }

  #note(wiped: ReadonlyMap<NodeId, number>): void {
    for (const [id, incarnation] of wiped) {
      if (this.#told.get(id) === incarnation) continue
      this.#told.set(id, incarnation)
      this.count++
      const { configuration } = this.#core.membership
      const recorded = configuration.incarnationOf(id)
      const reason =
        'it has other data than the group knows it by, so it was wiped; its votes and acknowledgements count for nothing'
      this.#tell('raft.wiped-node', 'warn', { wiped: id, recorded, incarnation, reason })
    }
    this.#noteQuorum(wiped)
  }

  /** With so many wiped, nobody can be elected, and nobody may bring them back. */
  #noteQuorum(wiped: ReadonlyMap<NodeId, number>): void {
    const { configuration } = this.#core.membership
    const isHopeless = !configuration.isQuorum((voter) => !wiped.has(voter))
    if (isHopeless && !this.#isHopeless) {
      const { voters } = configuration
      const reason = `${quorumSize(voters.length)} of ${voters.length} voters must have their data, so nobody can be elected; recover the group from those that have it`
      this.#tell('raft.quorum-wiped', 'error', { wiped: [...wiped.keys()], voters, reason })
    }
    this.#isHopeless = isHopeless
  }

  #noteFounding(now: number): void {
    this.#foundingSince ??= now
    if (now - this.#foundingSince < FOUNDING_PATIENCE_MS) return
    this.#foundingSince = Infinity
    const { voters } = this.#core
    const reason =
      'a group is founded when all of its founders are up, or after some elections a majority of them, unless foundingPatience forbids it; start the others, or found it with those that are up, and add the others'
    this.#tell('raft.founding-waits', 'warn', { founders: voters, reason })
  }

  #noteFounded(): void {
    this.#foundingSince = undefined
    if (this.#core.role !== 'leader') return
    const { configuration } = this.#core.membership
    const missing = this.#core.voters.filter((id) => configuration.incarnationOf(id) === 0)
    if (missing.length === 0) return
    const reason =
      'the group was founded without them; until they show themselves, see that no other founder loses its data'
    this.#tell('raft.founder-missing', 'warn', { founders: this.#core.voters, missing, reason })
  }
}
