import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Message, PersistRecord, StoredState } from '../../../src/index.ts'
import type { DriverMessage } from '../../../src/runtime/wire.ts'
import type { Facts, Passing, Watcher } from '../rules/facts.ts'
import { NotAllowed } from './disallow.ts'
import { onPersist, onPersisted, onRecovery } from './disk.ts'
import * as elections from './elections.ts'
import { ModelMachine } from './machine.ts'
import { compare, explain } from './look.ts'
import { type ModelNode, newNode } from './node.ts'
import type { Electorate } from './quorum.ts'
import * as replication from './replication.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Raft as the paper and the thesis describe it, run beside the code: every event of a run must be a transition that this model allows, and after every event a
 * node must be what the model says. What the paper leaves open (when to send, how much, where to try again) is taken from the run; what it does not is compared.
 *
 * Written from the text, not from the code, and nothing of the code runs in it: a mistake would have to be made twice to pass.
 */
export class RaftModel implements Watcher, Surroundings {
  readonly electionTimeoutMs: number
  readonly #facts: Facts
  readonly #nodes = new Map<NodeId, ModelNode>()
  readonly #machine = new ModelMachine()
  readonly #electorate: Electorate

  constructor(facts: Facts) {
    this.#facts = facts
    this.electionTimeoutMs = facts.electionTimeoutMs
    this.#electorate = { voters: facts.nodes, outgoing: [] }
    for (const id of facts.nodes) this.#nodes.set(id, newNode(id))
  }

  electorate(): Electorate {
    return this.#electorate
  }

  mayCampaign(id: NodeId): boolean {
    return this.#facts.cores.get(id)?.mayCampaign ?? true
  }

  onRecovery(node: NodeId, recovered: StoredState): void {
    this.#step(node, 'started', (n) => {
      onRecovery(n, recovered, this.#facts.localNow(node))
      elections.keepForgottenPromises(n, this.#facts.localNow(node), this)
    })
  }

  onPersist(node: NodeId, record: PersistRecord): void {
    this.#step(node, 'began to write', (n) => onPersist(n, record))
  }

  onPersisted(node: NodeId): void {
    this.#step(node, 'wrote', (n) => {
      onPersisted(n)
      replication.advanceCommit(n, this)
      elections.countOwnVote(n, this.#facts.localNow(node), this)
    })
  }

  onReceive(node: NodeId, { peer, message, localMs }: Passing): void {
    this.#step(node, `got ${message.type} of ${peer}`, (n) => this.#receive(n, message, localMs))
  }

  onSend(node: NodeId, { peer, message, localMs }: Passing): void {
    this.#step(node, `sent ${message.type} to ${peer}`, (n) => this.#send(n, message, localMs))
  }

  /** A machine applies a command, given as JSON. */
  onApply(node: NodeId, index: number, command: string): void {
    this.#step(node, `applied ${index}`, (n) => this.#machine.onApply(n, index, command))
  }

  /** What a node is after an event. */
  onLook(node: NodeId, core: RaftCore): void {
    const n = this.#nodes.get(node)
    if (n === undefined || compare(n, core)) return
    this.#step(node, 'is looked at', () => explain(n, core, this.#facts.localNow(node), this))
  }

  #receive(n: ModelNode, m: Message | DriverMessage, now: number): void {
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
        return replication.onSendAppendRequest(n, m)
      case 'append-response':
        return replication.onSendAppendResponse(n, m)
      case 'timeout-now':
        return elections.onSendTimeoutNow(n, m)
      default:
    }
  }

  #step(node: NodeId, event: string, transition: (n: ModelNode) => void): void {
    const n = this.#nodes.get(node)
    if (n === undefined) return
    try {
      transition(n)
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error
      const told = `${node}, ${n.role} of term ${n.term}, ${event}: expected ${error.expected}, but ${error.happened}`
      this.#facts.broken('every step is one that the model allows', told)
    }
  }
}
