import type { QuietAnswer, QuietOffer } from '../../../src/core/message.ts'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Message } from '../../../src/index.ts'
import type { DriverMessage } from '../../../src/runtime/wire.ts'
import { require } from './disallow.ts'
import { membersBut } from './membership.ts'
import type { ModelNode } from './node.ts'

/** What cores say to each other, but for what is said about being quiet. */
const WAKING: readonly string[] = [
  ...['pre-vote-request', 'pre-vote-response', 'vote-request', 'vote-response', 'append-request'],
  ...['append-response', 'timeout-now', 'priority', 'membership-query', 'membership-notice', 'wake'],
]

/** Any word from another node ends it. Who watches over nodes would have said if the leader's were gone, so it counts as heard until now. */
export function onMessage(n: ModelNode, m: Message | DriverMessage, now: number): void {
  const { type } = m
  if (m.type === 'quiet-answer' && m.term === n.term && m.offer === n.offered) n.agreeing.add(m.from)
  if (!n.quiet || !WAKING.includes(type)) return
  n.quiet = false
  if (n.role !== 'follower') return
  n.timerFrom = now
  if (n.leader !== undefined) n.heardAt = now
}

/** A leader offers to send no more heartbeats: all that it has is committed. */
export function onSendQuietOffer(n: ModelNode, m: QuietOffer): void {
  require(n.role === 'leader' && m.term === n.term && n.commit === n.log.last && m.index === n.log.last, () =>
    `only a leader with nothing uncommitted to fall silent, not a ${n.role} that has committed ${n.commit} of ${n.log.last}`, () =>
    `it offered to at ${m.index} in term ${m.term}`)
  if (m.offer !== n.offered) n.agreeing.clear()
  n.offered = m.offer
}

/** A follower waits for no heartbeat any more: it holds all that its leader has, durably, and knows it to be committed. */
export function onSendQuietAnswer(n: ModelNode, m: QuietAnswer): void {
  const holdsAll = n.commit === n.log.last && n.stable === n.log.last && n.verified === n.log.last
  require(n.role === 'follower' && n.leader === m.to && m.term === n.term && holdsAll, () =>
    `nobody to fall silent but a follower that has everything, not a ${n.role} that has committed ${n.commit} of ${n.log.last}`, () =>
    `it agreed to in term ${m.term}`)
  require(m.term > n.tookTerm || m.offer > n.tookOffer, () =>
    `an offer to be taken once, and ${n.tookOffer} was before`, () => `it took ${m.offer}`)
  n.tookTerm = m.term
  n.tookOffer = m.offer
  n.quiet = true
}

/** It may wake by itself, whenever it likes; what it can't be is quiet for a reason that is none. */
export function onLook(n: ModelNode, core: RaftCore): void {
  if (n.quiet === core.quiet) return
  require(!core.quiet || (n.role === 'leader' && n.commit === n.log.last), () =>
    'a group to be quiet by common consent', () => `a ${n.role} is quiet that did not agree to`)
  const deaf = core.quiet && n.role === 'leader' ? membersBut(n).find((id) => !n.agreeing.has(id)) : undefined
  require(deaf === undefined, () => `all members to have agreed before the leader sends no heartbeats`, () =>
    `${deaf} has not`)
  n.quiet = core.quiet
}

/** Whoever has something to say to its followers is awake until they know it. */
export function requireNothingToSay(n: ModelNode): void {
  require(n.commit === n.log.last, () => 'a quiet leader to have nothing uncommitted', () =>
    `it has committed ${n.commit} of ${n.log.last}`)
}
