import type { NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Message } from '../../../src/index.ts'
import type { Before, Facts, Passing, Watcher } from './facts.ts'

/** What one life of a node has heard that bears on elections. */
interface Ear {
  /** When, on its own clock, it last heard a leader that it still follows. */
  heardAt: number | undefined
  /** Highest term that it has been told of, and of those the highest by a message that it must heed. */
  term: number
  told: number
  /** When it was told of anything last. */
  toldAt: number
  /** Who granted it a pre-vote, by term. */
  readonly granted: Map<number, Set<NodeId>>
  /** Pre-votes that it was asked for and has not answered, by who asked: when it had heard a leader then. */
  readonly asked: Map<NodeId, (number | undefined)[]>
  /** When, in simulated time, it last asked for pre-votes. */
  askedAt: number
}

/**
 * Elections do not disturb a cluster that works: whoever stands for election has a quorum's word that it could win (pre-vote, thesis 9.6), nobody who
 * hears a leader gives that word (stickiness), and nobody asks while heartbeats lie unread in its inbox.
 */
export class ElectionRules implements Watcher {
  readonly #facts: Facts
  readonly #ears = new Map<NodeId, Ear>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onBoot(node: NodeId): void {
    this.#ears.set(node, {
      heardAt: undefined,
      term: 0,
      told: 0,
      toldAt: Number.NEGATIVE_INFINITY,
      granted: new Map(),
      asked: new Map(),
      askedAt: Number.NEGATIVE_INFINITY,
    })
  }

  onChange(_node: NodeId, core: RaftCore, before: Before): void {
    if (before.role === 'candidate' && core.role === 'follower' && core.term >= before.term)
      this.#facts.sometimes('a candidate lost its election')
  }

  onReceive(node: NodeId, { peer, message, localMs }: Passing): void {
    const ear = this.#ears.get(node)
    if (ear === undefined || !('from' in message)) return
    const core = this.#facts.cores.get(node)
    // What comes in the same frame is worked off together.
    const isLater = localMs > ear.toldAt
    ear.toldAt = localMs
    if (isLater && core !== undefined && core.term < ear.told) {
      const told = `${node} is still in term ${core.term} after it was told of ${ear.told}`
      this.#facts.broken('nodes take notice of later terms', told)
    }
    const term = Math.max(ear.term, core?.term ?? 0)
    switch (message.type) {
      case 'pre-vote-request':
        ear.asked.set(peer, [...(ear.asked.get(peer) ?? []), ear.heardAt])
        return
      case 'pre-vote-response':
        if (message.granted) {
          if (this.#facts.recognises(node, peer, message.incarnation ?? 0)) noteGrant(ear, message.term, peer)
          return
        }
        break
      case 'vote-request':
        // That of a node that lost its data is nobody's.
        if (!this.#facts.recognises(node, peer, message.incarnation ?? 0)) return
        // Passed over while a leader is heard, unless that leader asks for it.
        if (message.transfer !== true && this.#hears(ear.heardAt, localMs)) return
        break
      case 'append-response':
        // A node that was removed may be ahead for ever.
        if (!this.#facts.isMember(node, peer)) return
        break
      case 'append-request':
        if (message.term < term) return
        this.#onHeartbeat(node, ear)
        ear.heardAt = localMs
        ear.term = message.term
        ear.told = message.term
        return
      // Of another term they are passed over.
      case 'timeout-now':
      case 'priority':
      case 'membership-query':
      case 'membership-notice':
      case 'quiet-offer':
      case 'quiet-answer':
      case 'wake':
        return
      default:
    }
    if (message.term <= term) return
    ear.term = message.term
    ear.heardAt = undefined
    if (message.type !== 'vote-request') ear.told = message.term
  }

  onSend(node: NodeId, { peer, message, localMs }: Passing): void {
    const ear = this.#ears.get(node)
    if (ear === undefined) return
    switch (message.type) {
      case 'pre-vote-request':
        ear.heardAt = undefined
        ear.askedAt = this.#facts.now()
        return
      case 'pre-vote-response':
        this.#onAnswer(node, peer, ear, message, localMs)
        return
      case 'vote-request':
        // A candidate hears nobody.
        ear.heardAt = undefined
        // Whom the leader hands over to needs nobody else's word (thesis 3.10).
        if (message.transfer !== true) this.#onCandidacy(node, message.term, ear)
        return
      default:
    }
  }

  #hears(heardAt: number | undefined, localMs: number): boolean {
    return heardAt !== undefined && localMs - heardAt < this.#facts.electionTimeoutMs
  }

  /** What arrives at one instant comes before what is due after the input of that instant. */
  #onHeartbeat(node: NodeId, ear: Ear): void {
    if (ear.askedAt !== this.#facts.now()) return
    const told = `${node} asked for pre-votes while a message of its leader lay in its inbox`
    this.#facts.broken('stalled nodes read before they campaign', told)
  }

  /** Questions are answered at once and in their order. */
  #onAnswer(node: NodeId, peer: NodeId, ear: Ear, { granted, term }: Granted, localMs: number): void {
    const heardAt = ear.asked.get(peer)?.shift()
    if (!this.#hears(heardAt, localMs)) return
    if (!granted) return this.#facts.sometimes('a pre-vote was refused for a leader that is heard')
    const ago = localMs - (heardAt ?? 0)
    const told = `${node} would vote for ${peer} in term ${term}, and heard a leader ${ago} ms ago`
    this.#facts.broken('who hears a leader does not depose it', told)
  }

  #onCandidacy(node: NodeId, term: number, { granted }: Ear): void {
    const votes = granted.get(term)
    if (this.#facts.isQuorum(node, (id) => id === node || votes?.has(id) === true)) return
    const told = `${node} stands for election in term ${term} with ${votes?.size ?? 0} pre-votes`
    this.#facts.broken('candidates have a quorum of pre-votes', told)
  }
}

type Granted = Extract<Message, { readonly type: 'pre-vote-response' }>

function noteGrant({ granted }: Ear, term: number, from: NodeId): void {
  const grants = granted.get(term)
  if (grants === undefined) granted.set(term, new Set([from]))
  else grants.add(from)
}
