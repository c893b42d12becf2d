import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Facts, Passing, Watcher } from './facts.ts'

/** A transfer as it is seen from outside. */
interface SeenTransfer {
  readonly core: RaftCore
  readonly target: NodeId
  readonly term: number
  readonly lastIndex: number
  /** Rounds of heartbeats that the leader began since. */
  rounds: number
}

/** A leadership that a node was told of by `onLeadership`. */
interface ToldLeadership {
  readonly term: number
  readonly signal: AbortSignal
}

/**
 * Leadership is handed over in good order (thesis 3.10): the target holds everything durably before it is told to campaign, nothing is appended meanwhile, and what does
 * not succeed is taken back. And whoever was told that it leads does lead, for as long as its signal has not aborted.
 */
export class TransferRules implements Watcher {
  readonly #facts: Facts
  readonly #seen = new Map<NodeId, SeenTransfer>()
  readonly #told = new Map<NodeId, ToldLeadership>()
  /** Terms in which each node was told to campaign. */
  readonly #asked = new Map<NodeId, Set<number>>()

  /** The last round that each node began. */
  readonly #rounds = new Map<NodeId, number>()
  /** Rounds that a leader may begin while it hands over. */
  readonly #patience: number

  constructor(facts: Facts) {
    this.#facts = facts
    this.#patience = Math.ceil(facts.electionTimeoutMs / facts.heartbeatIntervalMs) + 3
  }

  onBoot(node: NodeId): void {
    this.#seen.delete(node)
    this.#told.delete(node)
    this.#asked.set(node, new Set())
  }

  onReceive(node: NodeId, { message }: Passing): void {
    if (message.type === 'timeout-now') this.#asked.get(node)?.add(message.term)
  }

  onSend(node: NodeId, { peer, message }: Passing): void {
    if (message.type === 'timeout-now') return this.#onTold(node, peer)
    if (message.type === 'append-request') return this.#onRound(node, message.round)
    if (message.type !== 'vote-request' || message.transfer !== true) return
    if (this.#asked.get(node)?.has(message.term - 1) === true) return
    const told = `${node} says that the leader of term ${message.term - 1} asked for its election, which it did not`
    this.#facts.broken('a transfer waits for its target', told)
  }

  /** The suite's own record of the disk of the target decides, and not what the leader believes of it. */
  #onTold(node: NodeId, peer: NodeId): void {
    const lastIndex = this.#facts.cores.get(node)?.lastIndex ?? 0
    const { firstIndex = 1, entries = [], snapshot = 0 } = this.#facts.diskOf(node, peer) ?? {}
    // A snapshot that was installed is durable before the log behind it begins anew.
    const held = Math.max(firstIndex - 1 + entries.length, snapshot)
    if (held >= lastIndex) return
    const told = `${node} tells ${peer} to campaign, which holds ${held} of ${lastIndex} entries`
    this.#facts.broken('a transfer waits for its target', told)
  }

  onLook(node: NodeId, core: RaftCore): void {
    this.#lookAtTransfer(node, core)
    const told = this.#told.get(node)
    if (told === undefined || told.signal.aborted) return
    // A compacted entry is committed too; then this leader has committed more since.
    const hasCommitted = (core.entryAt(core.commitIndex)?.term ?? core.term) === core.term
    const leads = core.role === 'leader' && core.transferTarget === undefined && hasCommitted
    if (leads && core.term === told.term) return
    const problem = `${node} was told that it leads term ${told.term}, and is ${core.role} of term ${core.term}`
    this.#facts.broken('whoever is told that it leads does', problem)
  }

  #lookAtTransfer(node: NodeId, core: RaftCore): void {
    const target = core.transferTarget
    if (target === undefined) {
      this.#seen.delete(node)
      return
    }
    const seen = this.#seen.get(node)
    if (seen?.core !== core || seen.target !== target || seen.term !== core.term) {
      const { term, lastIndex } = core
      this.#seen.set(node, { core, target, term, lastIndex, rounds: 0 })
    } else if (core.lastIndex !== seen.lastIndex) {
      const told = `${node} appended ${core.lastIndex} while it hands over to ${target}`
      this.#facts.broken('a transfer keeps proposals waiting, and not for long', told)
    }
  }

  /** Heartbeats, not milliseconds: a leader looks at its deadline when it sends them, and sends none while it is stalled. */
  #onRound(node: NodeId, round: number): void {
    const seen = this.#seen.get(node)
    if (seen === undefined || round === this.#rounds.get(node)) return
    this.#rounds.set(node, round)
    if (++seen.rounds <= this.#patience) return
    const told = `${node} has begun ${seen.rounds} rounds since it hands over to ${seen.target}`
    this.#facts.broken('a transfer keeps proposals waiting, and not for long', told)
  }

  /** A node was told that it leads. */
  onLeadership(node: NodeId, term: number, signal: AbortSignal): void {
    this.#facts.sometimes('a node was told that it leads')
    this.#told.set(node, { term, signal })
  }
}
