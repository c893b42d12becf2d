import { compareIncarnations } from '../../../src/core/members/incarnation.ts'
import type { Member, MemberStatus } from '../../../src/core/members/member.ts'
import { told } from './incarnations.ts'
import type { Change, Facts, Watcher } from './facts.ts'

/** What may follow at the same incarnation (SWIM, section 4.2): accusations, and a goodbye after anything; what is newer may say whatever it likes. */
const MAY_FOLLOW: Readonly<Record<MemberStatus, readonly MemberStatus[]>> = {
  alive: ['alive', 'suspect', 'failed', 'left'],
  suspect: ['suspect', 'failed', 'left'],
  failed: ['failed', 'left'],
  left: ['left'],
}

/** Only a member's own word takes an accusation back; and whoever said goodbye is back only in a new life. */
export class StatusRules implements Watcher {
  readonly #facts: Facts

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onChange({ observer, id, before, after }: Change): void {
    if (before === undefined || after === undefined) return
    const order = compareIncarnations(after.incarnation, before.incarnation)
    const told = tell(observer, id, before, after)
    const isPresent = after.status === 'alive' || after.status === 'suspect'
    if (before.status === 'failed' && isPresent && order <= 0) this.#facts.broken('the dead stay dead', told)
    if (before.status === 'left' && isPresent && after.incarnation.epoch <= before.incarnation.epoch)
      this.#facts.broken('who left comes back only in a new life', told)
    if (order === 0 && !MAY_FOLLOW[before.status].includes(after.status))
      this.#facts.broken('members change as they may', told)
    if (observer !== id) this.#note(before, after)
  }

  #note(before: Member, after: Member): void {
    const isNewLife = after.incarnation.epoch > before.incarnation.epoch
    if (before.status === 'suspect' && after.status === 'alive' && !isNewLife)
      this.#facts.sometimes('a suspicion was refuted')
    if (before.status !== 'failed' || after.status !== 'alive') return
    this.#facts.sometimes(
      isNewLife ? 'a failed member came back in a new life' : 'a failed member came back in the same life',
    )
  }
}

function tell(observer: string, id: string, before: Member, after: Member): string {
  return `at ${observer}, ${id} went from ${told(before)} to ${told(after)}`
}
