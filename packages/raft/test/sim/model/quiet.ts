import type { QuietAnswer, QuietOffer } from '../../../src/core/message.ts'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Message } from '../../../src/index.ts'
import type { DriverMessage } from '../../../src/runtime/wire.ts'
import { require } from './disallow.ts'
import type { ModelNode } from './node.ts'

/** What cores say to each other, but for what is said about being quiet. */
const WAKING: readonly string[] = [
  ...['pre-vote-request', 'pre-vote-response', 'vote-request', 'vote-response', 'append-request'],
  ...['append-response', 'timeout-now', 'priority', 'membership-query', 'membership-notice', 'wake'],
]

/** Any word from another node ends it. Who watches over nodes would have said if the leader's were gone, so it counts as heard until now. */
export function onMessage(n: ModelNode, { type }: Message | DriverMessage, now: number): void {
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
}

/** A follower waits for no heartbeat any more: it holds all that its leader has, durably, and knows it to be committed. */
export function onSendQuietAnswer(n: ModelNode, m: QuietAnswer): void {
  const holdsAll = n.commit === n.log.last && n.stable === n.log.last && n.verified === n.log.last
  require(n.role === 'follower' && n.leader === m.to && m.term === n.term && holdsAll, () =>
    `nobody to fall silent but a follower that has everything, not a ${n.role} that has committed ${n.commit} of ${n.log.last}`, () =>
    `it agreed to in term ${m.term}`)
  n.quiet = true
}

/** It may wake by itself, whenever it likes; what it can't be is quiet for a reason that is none. */
export function onLook(n: ModelNode, core: RaftCore): void {
  if (n.quiet === core.quiet) return
  require(!core.quiet || (n.role === 'leader' && n.commit === n.log.last), () =>
    'a group to be quiet by common consent', () => `a ${n.role} is quiet that did not agree to`)
  n.quiet = core.quiet
}
