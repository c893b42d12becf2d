import type { MemberlistContext, Timed } from './context.ts'
import { isPresent, type MemberRecord } from './member-table.ts'

/** Forgets members that died or left once they were gossiped to for long enough, as every peer does: kept any longer, they would come back from here. */
export class Forgetting implements Timed {
  readonly #context: MemberlistContext
  #next: number

  constructor(context: MemberlistContext) {
    this.#context = context
    this.#next = context.now + context.timing.gossipToDeadMs
  }

  get deadline(): number {
    return this.#next
  }

  tick(): void {
    const { now, timing, members, self } = this.#context
    this.#next = now + timing.gossipToDeadMs / 2
    members.forget((record: MemberRecord) => {
      return !isPresent(record) && record.name !== self && now - record.changedAt > timing.gossipToDeadMs
    })
  }
}
