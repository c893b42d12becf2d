import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import { compareIncarnations } from '../../../src/core/members/incarnation.ts'
import type { Member, MemberStatus, Verdict } from '../../../src/core/members/member.ts'
import { tellIncarnation } from './incarnations.ts'
import type { Facts, Watcher } from './facts.ts'

/** What each event says that the member has become. */
const STATUS_OF: Readonly<Record<'join' | 'suspect' | 'recover' | 'fail' | 'leave', MemberStatus>> = {
  join: 'alive',
  suspect: 'suspect',
  recover: 'alive',
  fail: 'failed',
  leave: 'left',
}

/** Nobody is accused without evidence: every event says who said so, of which word of the member, and how this node itself was. */
export class VerdictRules implements Watcher {
  readonly #facts: Facts

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onEvent(node: NodeId, event: CoreEvent): void {
    if (!('why' in event)) return
    const { type, member, why } = event
    for (const problem of problems(node, STATUS_OF[type], member, why))
      this.#facts.broken('verdicts have evidence', `${node} says '${type}' of ${member.id}, but ${problem}`)
    if (type === 'fail' && why.confirmations.length > 0)
      this.#facts.sometimes('a suspicion was confirmed by others')
    if (type === 'fail' && this.#facts.isUp(member.id))
      this.#facts.sometimes('a live member was taken for failed')
  }
}

function* problems(node: NodeId, status: MemberStatus, member: Member, why: Verdict): Generator<string> {
  const { accuser, confirmations, localHealth } = why
  // A member may be learned of while it is suspected already.
  if (why.status !== status && !(status === 'alive' && why.status === 'suspect'))
    yield `the verdict is '${why.status}'`
  if (member.status !== why.status) yield `it is '${member.status}' and the verdict '${why.status}'`
  if (compareIncarnations(why.incarnation, member.incarnation) !== 0)
    yield `the verdict is about ${tellIncarnation(why.incarnation)}, not ${tellIncarnation(member.incarnation)}`
  if (accuser === '') yield 'nobody said so'
  if (why.text === '') yield 'it has no words'
  if (new Set(confirmations).size !== confirmations.length) yield 'a confirmation counts twice'
  if (confirmations.includes(accuser)) yield 'the accuser confirms itself'
  if (confirmations.includes(member.id)) yield 'the accused confirms it'
  if (!(localHealth >= 0 && localHealth <= 8)) yield `local health is ${localHealth}`
  const isAccusation = status === 'suspect' || status === 'failed'
  if (isAccusation && why.path === 'self') yield 'it accused itself'
  if (member.id === node && status !== 'left') yield 'it is about the node itself'
}
