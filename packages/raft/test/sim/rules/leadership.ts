import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { AppendResponse } from '../../../src/core/message.ts'
import type { Before, Facts, Passing, Watcher } from './facts.ts'

/** What one life of a node did and heard in the last term that it led. */
interface Reign {
  readonly term: number
  /** Number of the last round of heartbeats. */
  round: number
  /** For each follower: during which round it last answered at all, and the highest round that it answered. */
  readonly heardDuring: Map<NodeId, number>
  readonly answered: Map<NodeId, number>
  /** Who was needed. */
  membership: unknown
}

/** Rounds that reads and a first commit may begin between those that the timer begins. */
const OTHER_ROUNDS = 5

/** Whoever leads is answered by a quorum: else it steps down, and confirms no read (thesis 6.2 and 6.4). */
export class LeadershipRules implements Watcher {
  readonly #facts: Facts
  readonly #reigns = new Map<NodeId, Reign>()
  /** Forwarded reads that are not answered, each copy for itself: the round that was out when it came. They are answered in their order. */
  readonly #reads = new Map<string, { readonly term: number; readonly round: number }[]>()
  /** Rounds that an unanswered leader may begin. */
  readonly #patience: number

  constructor(facts: Facts) {
    this.#facts = facts
    this.#patience = Math.ceil(facts.electionTimeoutMs / facts.heartbeatIntervalMs) + OTHER_ROUNDS
  }

  onBoot(node: NodeId): void {
    this.#reigns.delete(node)
    for (const key of this.#reads.keys()) if (key.startsWith(`${node}<`)) this.#reads.delete(key)
  }

  onChange(node: NodeId, core: RaftCore, before: Before): void {
    if (before.role === 'leader' && core.role !== 'leader' && core.term === before.term)
      this.#facts.sometimes('a leader stepped down without a quorum')
    if (core.role === 'leader' && before.role !== 'leader') this.#requireNoLease(node, core)
  }

  /** Whoever is elected ends a lease that still holds on its leader's clock: reads there would miss what is written here. */
  #requireNoLease(elected: NodeId, { term }: RaftCore): void {
    for (const [id, core] of this.#facts.cores) {
      // Whoever wins an earlier term, long after it was asked for, gets nothing committed in it.
      if (id === elected || core.term > term || core.leaseIndex(this.#facts.localNow(id)) < 0) continue
      const told = `${elected} leads term ${term} while ${id} holds a lease in term ${core.term}`
      this.#facts.broken('a lease excludes other leaders', told)
    }
  }

  onSend(node: NodeId, { peer, message }: Passing): void {
    if (message.type === 'append-request') this.#onRound(node, message.term, message.round)
    if (message.type !== 'read-reply') return
    const read = this.#reads.get(`${node}<${peer}/${message.life}/${message.request}`)?.shift()
    if (message.index >= 0 && read?.term === message.term) this.#onConfirmed(node, read.round)
  }

  onReceive(node: NodeId, { peer, message }: Passing): void {
    const reign = this.#reigns.get(node)
    const counts =
      message.type === 'append-response' && this.#facts.recognises(node, peer, message.incarnation ?? 0)
    if (counts) this.#onAnswer(peer, message, reign)
    if (message.type !== 'read' || message.lease) return
    const key = `${node}<${peer}/${message.life}/${message.request}`
    const reads = this.#reads.get(key) ?? []
    reads.push({ term: reign?.term ?? 0, round: reign?.round ?? 0 })
    this.#reads.set(key, reads)
  }

  #onAnswer(peer: NodeId, { term, round }: AppendResponse, reign: Reign | undefined): void {
    if (reign?.term !== term) return
    reign.heardDuring.set(peer, reign.round)
    reign.answered.set(peer, Math.max(round, reign.answered.get(peer) ?? 0))
  }

  #onRound(node: NodeId, term: number, round: number): void {
    let reign = this.#reigns.get(node)
    if (reign?.term !== term) {
      reign = { term, round: 0, heardDuring: new Map(), answered: new Map(), membership: undefined }
      this.#reigns.set(node, reign)
    }
    if (round === reign.round) return
    // Whoever was not needed before may have been silent for long: the leader finds that out from now on.
    const membership = this.#facts.cores.get(node)?.membership
    if (membership !== reign.membership) reign.heardDuring.clear()
    reign.membership = membership
    reign.round = round
    const silent = round - this.#heardByQuorum(node, reign)
    if (silent <= this.#patience) return
    const told = `${node} leads term ${term} and has begun ${silent} rounds since a quorum was heard`
    this.#facts.broken('unanswered leaders step down', told)
  }

  /** The round that confirms a read began after the read came, so its number is higher than that of the one that was out. */
  #onConfirmed(node: NodeId, round: number): void {
    const rounds = this.#reigns.get(node)?.answered
    const answered = this.#facts.couldBeReached(node, (id) =>
      id === node ? Infinity : (rounds?.get(id) ?? 0),
    )
    this.#facts.sometimes('a forwarded read was confirmed')
    if (answered > round) return
    const told = `${node} confirms a read that came during round ${round}; a quorum has answered ${answered}`
    this.#facts.broken('reads are confirmed by a quorum', told)
  }

  /** The round during which a quorum was last heard, the leader itself counted in. Whoever becomes a member counts as heard then. */
  #heardByQuorum(node: NodeId, { heardDuring, round }: Reign): number {
    return this.#facts.reachedByQuorum(node, (id) => {
      if (id === node) return Infinity
      const heard = heardDuring.get(id) ?? (round === 1 ? 0 : round)
      heardDuring.set(id, heard)
      return heard
    })
  }
}
