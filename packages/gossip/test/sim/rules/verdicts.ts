import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import { compareIncarnations } from '../../../src/core/members/incarnation.ts'
import type { Member, MemberStatus, Verdict } from '../../../src/core/members/member.ts'
import { tellIncarnation } from './incarnations.ts'
import type { Change, Facts, Watcher } from './facts.ts'

/** What each event says that the member has become. */
const STATUS_OF: Readonly<Record<'join' | 'suspect' | 'recover' | 'fail' | 'leave', MemberStatus>> = {
  join: 'alive',
  suspect: 'suspect',
  recover: 'alive',
  fail: 'failed',
  leave: 'left',
}

/** Clocks of nodes tell parts of milliseconds. */
const ROUNDING_MS = 1

/**
 * Nobody is accused without evidence: every event says who said so, of which word of the member, and how this node itself was. And nobody is declared failed before it had the least time that a
 * suspect has to refute (Lifeguard, section 4.2), at the word that is complained of.
 */
export class VerdictRules implements Watcher {
  readonly #facts: Facts
  readonly #leastSuspicionMs: number
  /** By observer and suspect: since when, on the observer's clock. */
  readonly #suspectSince = new Map<string, number>()

  /** `leastSuspicionMs`: no suspicion is shorter, whoever confirms it. */
  constructor(facts: Facts, leastSuspicionMs: number) {
    this.#facts = facts
    this.#leastSuspicionMs = leastSuspicionMs
  }

  onChange({ observer, id, before, after, why }: Change): void {
    const suspect = `${observer} ${id}`
    const since = this.#suspectSince.get(suspect)
    const isSame = before !== undefined && after !== undefined && isAtOneWord(before, after)
    if (after?.status !== 'suspect') this.#suspectSince.delete(suspect)
    else if (why !== undefined && !(before?.status === 'suspect' && isSame))
      this.#suspectSince.set(suspect, why.at)
    if (after?.status !== 'failed' || why?.path !== 'timeout') return
    const waited = since === undefined || !isSame ? undefined : why.at - since
    if (waited === undefined || waited < this.#leastSuspicionMs - ROUNDING_MS)
      this.#facts.broken(
        'suspects have their time',
        `${observer} declares ${id} failed at ${tellIncarnation(after.incarnation)}, ${waited === undefined ? 'which was no suspect' : `a suspect for ${waited} ms`}`,
      )
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

function isAtOneWord(before: Member, after: Member): boolean {
  return compareIncarnations(before.incarnation, after.incarnation) === 0
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
