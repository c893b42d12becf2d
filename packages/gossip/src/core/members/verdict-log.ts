import type { NodeId } from '@colony/host'
import type { Verdict } from './member.ts'

/** How many verdicts of one member are kept. */
const KEPT_EACH = 8

/** Of how many members verdicts are kept. */
const KEPT_MEMBERS = 1024

/**
 * The last verdicts on members that were in trouble, oldest first. Those of which nobody ever complained have none and cost nothing; of more members than there
 * is room for, the one that was quiet for longest loses them.
 */
export class VerdictLog {
  readonly #verdicts = new Map<NodeId, Verdict[]>()

  /** Keeps a verdict. Good news is kept only of those of whom there was bad news before. */
  add(id: NodeId, verdict: Verdict): void {
    const known = this.#verdicts.get(id)
    if (known === undefined && verdict.status === 'alive') return
    const verdicts = known ?? []
    if (verdicts.length === KEPT_EACH) verdicts.shift()
    verdicts.push(verdict)
    this.#verdicts.delete(id)
    this.#verdicts.set(id, verdicts)
    if (this.#verdicts.size > KEPT_MEMBERS) this.#forgetQuietest()
  }

  get(id: NodeId): readonly Verdict[] {
    return [...(this.#verdicts.get(id) ?? [])]
  }

  delete(id: NodeId): void {
    this.#verdicts.delete(id)
  }

  #forgetQuietest(): void {
    for (const id of this.#verdicts.keys()) {
      this.#verdicts.delete(id)
      return
    }
  }
}
