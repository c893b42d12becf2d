import type { NodeId } from '@colony/host'

/** The probe that is under way: one object, used again for every probe. */
export class Probe {
  active = false
  target: NodeId = ''
  /** Of the target in the table. */
  index = 0
  sequence = 0
  sentAt = 0
  /** From then on others are asked. */
  indirectAt = 0
  /** From then on the target is suspected. */
  endsAt = 0
  /** Nobody else was asked yet. */
  direct = true
  /** Who was asked. */
  helpers: readonly NodeId[] = []
  /** Which of them said that they got no answer. */
  readonly nacked: boolean[] = []

  /** How many helpers said nothing at all. */
  get missingNacks(): number {
    let missing = this.helpers.length
    for (const nacked of this.nacked) if (nacked) missing--
    return missing
  }

  begin(
    target: NodeId,
    index: number,
    sequence: number,
    now: number,
    indirectAt: number,
    endsAt: number,
  ): void {
    this.active = true
    this.target = target
    this.index = index
    this.sequence = sequence
    this.sentAt = now
    this.indirectAt = Math.min(indirectAt, endsAt)
    this.endsAt = endsAt
    this.direct = true
    if (this.helpers.length > 0) this.ask([])
  }

  /** Others are asked. */
  ask(helpers: readonly NodeId[]): void {
    this.helpers = helpers
    this.nacked.length = 0
  }

  /** This process stood still: answers get that time on top. */
  postpone(ms: number): void {
    this.indirectAt += ms
    this.endsAt += ms
  }
}
