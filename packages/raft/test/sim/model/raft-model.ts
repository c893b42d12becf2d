import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { SnapshotMeta } from '../../../src/core/entry.ts'
import type { Message, PersistRecord, StoredState } from '../../../src/index.ts'
import type { DriverMessage } from '../../../src/runtime/wire.ts'
import type { Facts, Passing, Watcher } from '../rules/facts.ts'
import { NotAllowed } from './disallow.ts'
import { onPersist, onPersisted, onRecovery, onRefused } from './disk.ts'
import * as elections from './elections.ts'
import { founding, isMember, type ModelMembership, speaksFor } from './membership.ts'
import { ModelMachine } from './machine.ts'
import { compare, explain } from './look.ts'
import { type ModelNode, newNode } from './node.ts'
import type { Electorate } from './quorum.ts'
import * as quiet from './quiet.ts'
import * as replication from './replication.ts'
import { onSaved, onSaving } from './snapshots.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Raft as the paper and the thesis describe it, run beside the code: every event of a run must be a transition that this model allows, and after every event a
 * node must be what the model says. What the paper leaves open (when to send, how much, where to try again) is taken from the run; what it does not is compared.
 *
 * Written from the text, not from the code, and nothing of the code runs in it: a mistake would have to be made twice to pass.
 */
export class RaftModel implements Watcher, Surroundings {
  readonly electionTimeoutMs: number
  readonly foundingPatience: number
  readonly #facts: Facts
  readonly #founders: readonly NodeId[]
  readonly #nodes = new Map<NodeId, ModelNode>()
  readonly #machine: ModelMachine
  /** The last membership that any node has known to be committed. */
  #decided: ModelMembership

  /** `founders`: the first voters; the other nodes join later. */
  constructor(facts: Facts, founders: readonly NodeId[]) {
    this.#facts = facts
    this.#machine = new ModelMachine((why) => this.#facts.sometimes(`without effect: ${why}`))
    this.#founders = founders
    this.electionTimeoutMs = facts.electionTimeoutMs
    this.foundingPatience = facts.foundingPatience
    this.#decided = founding(founders)
    for (const id of facts.nodes) this.#nodes.set(id, newNode(id, founders.includes(id) ? founders : []))
  }

  isWilling({ id }: ModelNode): boolean {
    const core = this.#facts.cores.get(id)
    return core !== undefined && core.mayCampaign && !core.wiped && !core.removed
  }

  electorate(n: ModelNode): Electorate {
    return n.log.membership
  }

  /** Who decides, as far as a node knows. */
  electorateOf(node: NodeId): Electorate {
    return this.#nodes.get(node)?.log.membership ?? { voters: [], outgoing: [] }
  }

  /** The same, and where that is not committed yet, who decided before. */
  electoratesOf(node: NodeId): readonly Electorate[] {
    const n = this.#nodes.get(node)
    if (n === undefined) return []
    const { membership, membershipBefore } = n.log
    return membership.index > n.commit ? [membership, membershipBefore] : [membership]
  }

  /**
   * Everybody who may have to decide from now on: by the last membership that was committed, by those behind it that stand in any log and may come to be, and by
   * where they lead to.
   */
  get deciding(): readonly (Electorate & Pick<ModelMembership, 'incarnations'>)[] {
    const { index } = this.#decided
    const logs = [...this.#nodes.values()].flatMap(({ log, disk }) => [log.membership, disk.log.membership])
    const memberships = [this.#decided, ...logs.filter((membership) => membership.index > index)]
    const goals = memberships.map(({ goal }) => goal).filter((goal) => goal.length > 0)
    return [...memberships, ...goals.map((voters) => ({ voters, outgoing: [] }))]
  }

  /** Whether a node has anything in its log. */
  hasEntries(node: NodeId): boolean {
    return (this.#nodes.get(node)?.disk.log.last ?? 0) > 0
  }

  /** Whether a node knows another as a member. */
  isMember(node: NodeId, other: NodeId): boolean {
    const n = this.#nodes.get(node)
    return n !== undefined && isMember(n.log.membership, other)
  }

  /** Whether a node knows another by this data, or by none. */
  recognises(node: NodeId, id: NodeId, incarnation: number): boolean {
    const n = this.#nodes.get(node)
    return n === undefined || speaksFor(n.log.membership, id, incarnation)
  }

  /** By which data a node knows another: by its latest membership or the one before. */
  knownBy(node: NodeId, id: NodeId): number | undefined {
    const log = this.#nodes.get(node)?.log
    return log?.membership.incarnations?.get(id) ?? log?.membershipBefore.incarnations?.get(id)
  }

  onRecovery(node: NodeId, recovered: StoredState): void {
    const { incarnation = 0 } = recovered
    const known = this.#nodes.get(node)
    // Whether its disk may have been replaced, others see to: here it is another node from now on.
    if (known !== undefined && known.incarnation !== incarnation) {
      const founders = this.#founders.includes(node) ? this.#founders : []
      this.#nodes.set(node, newNode(node, founders, incarnation))
    }
    this.#step(node, 'started', (n) => {
      onRecovery(n, recovered, this.#facts.localNow(node))
      elections.keepForgottenPromises(n, this.#facts.localNow(node), this)
      n.awake = false
    })
  }

  onPersist(node: NodeId, record: PersistRecord): void {
    this.#step(node, 'began to write', (n) => onPersist(n, record, this.#facts.localNow(node), this))
  }

  onPersisted(node: NodeId): void {
    this.#step(node, 'wrote', (n) => {
      onPersisted(n)
      replication.advanceCommit(n, this)
      elections.countOwnVote(n, this.#facts.localNow(node), this)
    })
  }

  onRefused(node: NodeId): void {
    this.#step(node, 'had no room to write', onRefused)
  }

  /** A node begins to save a snapshot. */
  onSaving(node: NodeId, meta: SnapshotMeta): void {
    this.#step(node, `saves a snapshot at ${meta.index}`, (n) => onSaving(n, meta))
  }

  onSaved(node: NodeId): void {
    this.#step(node, 'saved a snapshot', onSaved)
  }

  onReceive(node: NodeId, passing: Passing): void {
    const { message, localMs } = passing
    this.#step(node, 'got', (n) => this.#receive(n, message, localMs), passing)
  }

  onSend(node: NodeId, passing: Passing): void {
    const { message, localMs } = passing
    this.#step(node, 'sent', (n) => this.#send(n, message, localMs), passing)
  }

  /** A machine applies a command, given as JSON, and is told the log time. */
  onApply(node: NodeId, index: number, command: string, time: number): void {
    this.#step(node, `applied ${index}`, (n) => this.#machine.onApply(n, index, command, time))
  }

  /** What a node is after an event. */
  onLook(node: NodeId, core: RaftCore): void {
    const n = this.#nodes.get(node)
    if (n === undefined) return
    if (!n.awake) this.#awake(n)
    if (n.quiet !== core.quiet) this.#step(node, 'is looked at', () => quiet.onLook(n, core))
    if (!compare(n, core))
      this.#step(node, 'is looked at', () => explain(n, core, this.#facts.localNow(node), this))
    if (core.quiet && n.role === 'leader') {
      this.#step(node, 'is quiet', quiet.requireNothingToSay)
    }
    if (n.commit > n.seen) {
      this.#step(node, 'is looked at', () => this.#machine.onCommit(n))
      this.#noteDecided(n)
    }
    n.seen = n.commit
  }

  #noteDecided({ log, commit }: ModelNode): void {
    const membership = log.membershipAt(commit)
    if (membership.index > this.#decided.index) this.#decided = membership
  }

  #count(n: ModelNode): void {
    if (n.took === 'the log') this.#facts.sometimes('a snapshot took the place of the log')
    else this.#facts.sometimes('a snapshot that was being written was lost in the crash')
    n.took = undefined
  }

  /** Its clock began to count for it when it had read all of its disk, which takes a while where there is a snapshot. */
  #awake(n: ModelNode): void {
    const now = this.#facts.localNow(n.id)
    n.awake = true
    n.timerFrom = now
    elections.keepForgottenPromises(n, now, this)
  }

  #receive(n: ModelNode, m: Message | DriverMessage, now: number): void {
    quiet.onMessage(n, m, now)
    switch (m.type) {
      case 'pre-vote-request':
        return elections.onPreVoteRequest(n, m, now, this)
      case 'pre-vote-response':
        return elections.onPreVoteResponse(n, m, now, this)
      case 'vote-request':
        return elections.onVoteRequest(n, m, now, this)
      case 'vote-response':
        return elections.onVoteResponse(n, m, now, this)
      case 'append-request':
        return replication.onAppendRequest(n, m, now, this)
      case 'append-response':
        return replication.onAppendResponse(n, m, now, this)
      case 'timeout-now':
        return elections.onTimeoutNow(n, m, now, this)
      case 'read-reply':
        // ReadIndex (thesis 6.4): what the leader of this term had committed, as far as this log is known to be the leader's.
        if (n.role === 'follower' && m.term === n.term)
          n.mayCommit = Math.max(n.mayCommit, Math.min(m.index, n.verified))
        return
      default:
    }
  }

  #send(n: ModelNode, m: Message | DriverMessage, now: number): void {
    switch (m.type) {
      case 'pre-vote-request':
        return elections.onSendPreVoteRequest(n, m, now, this)
      case 'pre-vote-response':
        return elections.onSendPreVoteResponse(n, m)
      case 'vote-request':
        return elections.onSendVoteRequest(n, m)
      case 'vote-response':
        return elections.onSendVoteResponse(n, m)
      case 'append-request':
        return replication.onSendAppendRequest(n, m, now)
      case 'timeout-now':
        return elections.onSendTimeoutNow(n, m)
      case 'quiet-offer':
        return quiet.onSendQuietOffer(n, m)
      case 'quiet-answer':
        return quiet.onSendQuietAnswer(n, m)
      case 'append-response':
        return replication.onSendAppendResponse(n, m)
      default:
    }
  }

  /** `passing`: the message of the event, which is put into words only when the step is not allowed. */
  #step(node: NodeId, event: string, transition: (n: ModelNode) => void, passing?: Passing): void {
    const n = this.#nodes.get(node)
    if (n === undefined) return
    try {
      transition(n)
      if (n.took !== undefined) this.#count(n)
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error
      const about = passing === undefined ? '' : ` ${passing.message.type}, peer ${passing.peer}`
      const told = `${node}, ${n.role} of term ${n.term}, ${event}${about}: expected ${error.expected}, but ${error.happened}`
      this.#facts.broken('every step is one that the model allows', told)
    }
  }
}
