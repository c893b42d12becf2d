import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { StoredState } from '../../../src/index.ts'
import type { Before, Facts, Passing, Watcher } from './facts.ts'

/** What became of changes of members, of transfers and of snapshots. Whether it is right, the model of Raft says. */
export class MembershipStates implements Watcher {
  readonly #facts: Facts
  /** Who was asked how much of a snapshot is there, and has not answered, by who asked. */
  readonly #offered = new Set<string>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onLook(_node: NodeId, core: RaftCore): void {
    if (core.wiped) this.#facts.sometimes('a wiped node knows that it was wiped')
    if (core.role === 'leader' && core.wipedVoters.size > 0)
      this.#facts.sometimes('a wiped node was recognised')
  }

  onChange(_node: NodeId, core: RaftCore, before: Before): void {
    this.#seeFounders(core, before)
    if (core.commitIndex === before.commit || before.commit === 0) return
    for (const { index, term } of core.membershipsBetween(before.commit, core.commitIndex)) {
      const earlier = core.membershipAt(index - 1)
      const wasJoint = earlier.membership.outgoing.length > 0
      if (wasJoint) this.#facts.sometimes('voters were exchanged')
      if (wasJoint && term > earlier.term)
        this.#facts.sometimes('a joint membership was ended by another leader')
      if (earlier.membership.goal !== undefined && term > earlier.term)
        this.#facts.sometimes('a change of members was taken up by another leader')
    }
  }

  #seeFounders(core: RaftCore, before: Before): void {
    if (core.commitIndex === before.commit) return
    for (const { index, membership } of core.membershipsBetween(before.commit, core.commitIndex)) {
      const { voters, incarnations } = membership
      const isMissing = voters.some((id) => incarnations?.has(id) !== true)
      if (index === 1 && isMissing) this.#facts.sometimes('a group was founded without one of its founders')
      const earlier = core.membershipAt(index - 1).membership
      const known = earlier.incarnations?.size ?? 0
      if (known > 0 && known < earlier.voters.length && !isMissing)
        this.#facts.sometimes('a founder that was missing was written down')
    }
  }

  onReceive(node: NodeId, { peer, message }: Passing): void {
    if (message.type !== 'snapshot-status' || !this.#offered.delete(`${node}>${peer}`)) return
    const { status, offset, bytes } = message
    if (status === 'receiving' && offset > 0 && offset < bytes)
      this.#facts.sometimes('a snapshot went on where its sending had stopped')
  }

  onSend(node: NodeId, { peer, message }: Passing): void {
    if (message.type === 'snapshot-offer') this.#offered.add(`${node}>${peer}`)
    if (message.type === 'timeout-now' && !this.#facts.isVoter(node))
      this.#facts.sometimes('a leader that was removed handed over')
    if (message.type === 'vote-response' && message.granted && this.#votesAgain(node))
      this.#facts.sometimes('a wiped node votes again')
    if (message.type !== 'snapshot-status') return
    if (message.status === 'installed') this.#facts.sometimes('a follower took a snapshot')
  }

  /** Whether its disk was wiped, and it is known by the data that it has now. */
  #votesAgain(node: NodeId): boolean {
    const known = this.#facts.cores.get(node)?.membership.configuration.incarnationOf(node)
    return this.#facts.wasWiped(node) && known === this.#facts.incarnationOf(node)
  }

  onRecovery(_node: NodeId, { snapshot }: StoredState): void {
    if (snapshot !== undefined) this.#facts.sometimes('a node started from a snapshot')
  }
}
