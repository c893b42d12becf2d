import type { NodeId } from '@colony/host'
import { compareIncarnations, type Incarnation, MAX_COUNTER } from '../../../src/core/members/incarnation.ts'
import type { Member } from '../../../src/core/members/member.ts'
import type { Change, Facts, Watcher } from './facts.ts'

/**
 * An observer never goes back to an older word of a member, whatever is duplicated, delayed or replayed, and nobody but the member itself makes a new one. What was forgotten is not
 * learned again from whoever remembers it longer.
 */
export class IncarnationRules implements Watcher {
  readonly #facts: Facts
  /** The newest word of each node itself. */
  readonly #issued = new Map<NodeId, Incarnation>()
  /** The newest that each observer ever held of each member, in its present life. */
  readonly #seen = new Map<NodeId, Map<NodeId, Incarnation>>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onBoot(node: NodeId): void {
    this.#seen.set(node, new Map())
  }

  onChange({ observer, id, before, after }: Change): void {
    if (after === undefined) return this.#facts.sometimes('a member was forgotten')
    const { incarnation } = after
    if (observer === id) {
      if (isNewer(incarnation, this.#issued.get(id))) this.#issued.set(id, incarnation)
      else if (before !== undefined && compareIncarnations(incarnation, before.incarnation) < 0)
        this.#facts.broken(
          'incarnations never go back',
          `${id} itself went from ${told(before)} to ${told(after)}`,
        )
      return
    }
    if (isNewer(incarnation, this.#issued.get(id)) && !this.#isRemoval(id, after))
      this.#facts.broken('nobody invents incarnations', `${observer} holds ${id} at ${told(after)}`)
    const known = this.#seen.get(observer)
    const highest = known?.get(id)
    // A goodbye is the last word of a life, whatever was said of it at greater incarnations.
    const isGoodbye = after.status === 'left' && incarnation.epoch === highest?.epoch
    if (highest !== undefined && compareIncarnations(incarnation, highest) < 0 && !isGoodbye)
      this.#facts.broken(
        'incarnations never go back',
        `${observer} has known ${id} at ${tellIncarnation(highest)}, and now at ${told(after)}`,
      )
    if (before === undefined && highest !== undefined && compareIncarnations(incarnation, highest) <= 0)
      this.#facts.broken(
        'what was forgotten is not learned again',
        `${observer} forgot ${id} at ${tellIncarnation(highest)}, and learned it at ${told(after)}`,
      )
    if (isNewer(incarnation, highest)) known?.set(id, incarnation)
  }

  /** Whoever is removed is so for the rest of its life, by the last word that it could have said. */
  #isRemoval(id: NodeId, { status, incarnation }: Member): boolean {
    const issued = this.#issued.get(id)
    if (status !== 'left' || incarnation.counter !== MAX_COUNTER || issued?.epoch !== incarnation.epoch)
      return false
    this.#facts.sometimes('a member was removed')
    return true
  }
}

function isNewer(incarnation: Incarnation, than: Incarnation | undefined): boolean {
  return than === undefined || compareIncarnations(incarnation, than) > 0
}

/** For messages: `12.3 suspect`. */
export function told({ incarnation, status }: Member): string {
  return `${tellIncarnation(incarnation)} ${status}`
}

/** For messages: `12.3`. */
export function tellIncarnation({ epoch, counter }: Incarnation): string {
  return `${epoch}.${counter}`
}
