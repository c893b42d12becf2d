import type { Codec } from '@colony/host'
import { RaftError, type ProposalOutcome } from '../errors.ts'
import type { LocalProposal, ProposalOwner } from './local-proposal.ts'
import { ProposalList } from './proposal-list.ts'
import type { LoopShare } from './loop-share.ts'
import type { Route } from './route.ts'
import type { ForwardReply } from './wire.ts'

/**
 * How long a forwarded proposal goes unanswered before it is sent again (the leader recognises the copy), and for how long at most: twice as long each
 * time, since a leader that is slow to answer is not helped by hearing everything again and again.
 */
const RESEND_AFTER_MS = 250
const MAX_RESEND_AFTER_MS = 4_000

/** How much may be unsettled at once. */
export interface ProposalLimits {
  readonly maxPendingProposals: number
  readonly maxPendingBytes: number
}

/** Every call of `propose` on this node that has no outcome yet, wherever it stands. */
export class LocalProposals<Result> implements ProposalOwner<Result> {
  readonly #route: Route
  readonly resultCodec: Codec<Result>
  /** How many have ended, by outcome. */
  readonly outcomes: Record<ProposalOutcome, number> = { rejected: 0, unknown: 0, applied: 0 }
  readonly #limits: ProposalLimits
  readonly #share: LoopShare
  readonly #unsettled = new ProposalList<Result>()
  #bytes = 0
  #waiting: LocalProposal<Result>[] = []
  /** In the order of their numbers. */
  readonly #forwarded = new Map<number, LocalProposal<Result>>()
  #lastRequest = 0
  /** No request below is under way. */
  #oldest = 1
  /** Waits for the next sweep or the next leader: nobody takes it just now. */
  #held: LocalProposal<Result>[] = []

  constructor(route: Route, resultCodec: Codec<Result>, limits: ProposalLimits, share: LoopShare) {
    this.#route = route
    this.resultCodec = resultCodec
    this.#limits = limits
    this.#share = share
  }

  /** How many there are. */
  get size(): number {
    return this.#unsettled.size
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many stand in no log, ended ones included until the next sweep. */
  get waiting(): number {
    return this.#waiting.length + this.#held.length
  }

  /** Whether so many bytes more can be taken in. A lone proposal always has room. */
  hasRoom(bytes: number): boolean {
    const { maxPendingProposals, maxPendingBytes } = this.#limits
    const { size, pending } = this.#pending()
    return pending === 0 || (size < maxPendingProposals && pending + bytes <= maxPendingBytes)
  }

  #pending(): { readonly size: number; readonly pending: number } {
    const { uncommitted } = this.#route
    return {
      size: Math.max(this.#unsettled.size, uncommitted.entries),
      pending: Math.max(this.#bytes, uncommitted.bytes),
    }
  }

  /** What a proposal without room is refused with. */
  overloaded(): RaftError {
    const { maxPendingProposals, maxPendingBytes } = this.#limits
    const { size, pending } = this.#pending()
    return new RaftError(
      'RAFT_OVERLOADED',
      `${size} proposals of ${pending} bytes are pending on this node, the limits are ${maxPendingProposals} and ${maxPendingBytes}; wait for some to settle`,
      { outcome: 'rejected', retryable: true },
    )
  }

  /** Takes a proposal in, for which there is room. */
  submit(proposal: LocalProposal<Result>): void {
    this.#unsettled.add(proposal)
    this.#bytes += proposal.data.length
    // A lone voter whose storage is memory answers it without anybody else.
    if (this.#share.take()) this.requeue(proposal)
    else this.#share.whenTurned(() => this.requeue(proposal))
  }

  /** On the leader: everything that is to be appended now. */
  takeWaiting(): readonly LocalProposal<Result>[] {
    const taken = this.#waiting
    this.#waiting = []
    // Nearly always all of them: then there is nothing to copy.
    return taken.every(isWaiting) ? taken : taken.filter(isWaiting)
  }

  /** On another node: sends what waits to the leader, as far as the transport takes it. */
  forwardWaiting(): void {
    const { leader } = this.#route
    if (leader === undefined || this.#waiting.length === 0) return
    if (this.#held.length > 0) {
      // A full link, or a leader that says it is none: those before did not get through either.
      for (const proposal of this.#waiting) this.#held.push(proposal)
      this.#waiting = []
      return
    }
    const waiting = this.takeWaiting()
    for (const [at, proposal] of waiting.entries()) {
      proposal.request = ++this.#lastRequest
      proposal.resendAfterMs = RESEND_AFTER_MS
      this.#forwarded.set(proposal.request, proposal)
      if (!this.#send(leader, proposal)) {
        // Nothing left this node, so nothing is uncertain. The rest would fare alike; the next sweep tries again.
        this.#forwarded.delete(proposal.request)
        this.#held = waiting.slice(at).concat(this.#held)
        return
      }
      proposal.place = 'forwarded'
      proposal.term = this.#route.term
    }
  }

  #send(leader: string, proposal: LocalProposal<Result>): boolean {
    const { term, life, now } = this.#route
    // Counted up, not looked up: the first key of a Map is found by walking over all that were deleted before it.
    while (this.#oldest < proposal.request && !this.#forwarded.has(this.#oldest)) this.#oldest++
    const oldest = this.#oldest
    const { request, data } = proposal
    if (!this.#route.send(leader, { type: 'forward', term, life, request, oldest, data })) return false
    proposal.resendAt = now + proposal.resendAfterMs
    proposal.resendAfterMs = Math.min(MAX_RESEND_AFTER_MS, 2 * proposal.resendAfterMs)
    return true
  }

  /** Takes a leader's answer. Answers that come late or twice find nobody. */
  onReply(reply: ForwardReply): void {
    const proposal = this.#forwarded.get(reply.request)
    if (proposal === undefined || reply.life !== this.#route.life) return
    switch (reply.status) {
      case 'applied':
        return proposal.appliedRemotely(reply.index, reply.result, this.resultCodec)
      case 'not-leader':
      case 'superseded':
        this.#forwarded.delete(reply.request)
        proposal.place = 'waiting'
        // Not at once: whoever is asked still believes in the same leader and would go round in circles.
        this.#held.push(proposal)
        return
      default:
        return proposal.fail(reply.status, reply.index)
    }
  }

  requeue(proposal: LocalProposal<Result>): void {
    this.#waiting.push(proposal)
    this.#route.wake()
  }

  /**
   * The term changed: whoever leads now does not know what was forwarded to its predecessor. With a key it is simply tried again;
   * without one its caller must hear now that the outcome is unknown, rather than wait for an answer that may never come.
   */
  onTermChange(): void {
    for (const proposal of this.#unsettled) {
      const { place } = proposal
      if ((place !== 'forwarded' && place !== 'appended') || proposal.term === this.#route.term) continue
      if (proposal.keyed) {
        this.#forwarded.delete(proposal.request)
        proposal.maybeApplied = true
        proposal.place = 'waiting'
        this.requeue(proposal)
      } else if (place === 'forwarded') {
        proposal.reject(
          new RaftError(
            'RAFT_OUTCOME_UNKNOWN',
            'the leader changed before it answered; the command may still be applied. Propose with an idempotencyKey to have it retried safely',
            { outcome: 'unknown' },
          ),
        )
      }
    }
  }

  /** Who leads changed, or is known again: what it may not have heard is sent again with the next sweep. */
  onLeaderChange(): void {
    for (const proposal of this.#forwarded.values()) {
      proposal.resendAt = 0
      proposal.resendAfterMs = RESEND_AFTER_MS
    }
    this.retryHeld()
  }

  /** Lets go on what nobody took, and forgets what was settled while it waited. */
  retryHeld(): void {
    this.#waiting = this.#held.concat(this.#waiting).filter(isWaiting)
    this.#held = []
  }

  /** Gives up what is past its deadline and sends again what went unanswered. */
  sweep(): void {
    const { now, leader } = this.#route
    for (const proposal of this.#unsettled) {
      if (now >= proposal.deadline) proposal.reject(timedOut(proposal, leader))
    }
    this.retryHeld()
    if (leader === undefined) return
    for (const proposal of this.#forwarded.values()) {
      if (now >= proposal.resendAt) this.#send(leader, proposal)
    }
  }

  /** Ends everything. */
  rejectAll(makeError: (outcome: 'rejected' | 'unknown' | 'applied') => RaftError): void {
    for (const proposal of this.#unsettled) proposal.reject(makeError(proposal.outcomeIfAbandoned))
  }

  settled(proposal: LocalProposal<Result>, outcome: ProposalOutcome): void {
    this.outcomes[outcome]++
    this.#unsettled.remove(proposal)
    this.#bytes -= proposal.data.length
    if (proposal.request !== 0) this.#forwarded.delete(proposal.request)
  }
}

function isWaiting({ place }: Pick<LocalProposal<unknown>, 'place'>): boolean {
  return place === 'waiting'
}

function timedOut<Result>(proposal: LocalProposal<Result>, leader: string | undefined): RaftError {
  const outcome = proposal.outcomeIfAbandoned
  if (outcome === 'rejected') {
    return new RaftError('RAFT_NO_LEADER', 'no leader took the command in time; it will not be applied', {
      outcome,
      retryable: true,
    })
  }
  const options = leader === undefined ? { outcome } : { outcome, leader }
  return new RaftError(
    'RAFT_OUTCOME_UNKNOWN',
    'the command was not confirmed in time and may still be applied; propose it again only under the same idempotencyKey',
    options,
  )
}
