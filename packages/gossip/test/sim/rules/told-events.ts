import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { MemberStatus } from '../../../src/core/members/member.ts'
import type { Facts, Watcher } from './facts.ts'

/** What each event may follow, as far as earlier events told: whoever listens to nothing else has the same picture as the table. */
const MAY_FOLLOW: Readonly<Record<string, readonly (MemberStatus | undefined)[]>> = {
  join: [undefined, 'failed', 'left'],
  suspect: ['alive'],
  recover: ['suspect'],
  fail: ['alive', 'suspect'],
  leave: ['alive', 'suspect', 'failed'],
  forget: ['failed', 'left', undefined],
}

/** Joins and departures alternate, and after every step the events add up to what the table says. */
export class EventRules implements Watcher {
  readonly #facts: Facts
  /** By node: what its events say of each member. */
  readonly #told = new Map<NodeId, Map<NodeId, MemberStatus | undefined>>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onBoot(node: NodeId): void {
    this.#told.set(node, new Map())
  }

  onEvent(node: NodeId, event: CoreEvent): void {
    if (!('member' in event)) return
    const { type, member } = event
    const told = this.#told.get(node)
    const before = told?.get(member.id)
    // Of itself a node tells only that it was removed.
    if (type === 'move' || (type === 'leave' && member.id === node)) return
    if (MAY_FOLLOW[type]?.includes(before) !== true)
      this.#facts.broken(
        'events tell what happened',
        `${node} says '${type}' of ${member.id}, which was ${before ?? 'unknown'}`,
      )
    if (type === 'leave') this.#facts.sometimes('a member left and was seen to')
    // Somebody may be a suspect when it is first heard of: then that is told next.
    told?.set(member.id, type === 'forget' ? undefined : type === 'join' ? 'alive' : member.status)
  }

  onStep(node: NodeId, core: GossipCore): void {
    const told = this.#told.get(node)
    for (const { id, status } of core.members.all()) {
      if (id === node) continue
      const heard = told?.get(id)
      // Whoever was gone already when it was first heard of never joined.
      if (heard === undefined && (status === 'failed' || status === 'left')) continue
      // Nor did one who left, came back and failed before any word of that life came here.
      if (heard === 'left' && status === 'failed') continue
      if (heard !== status)
        this.#facts.broken(
          'events tell what happened',
          `${node} holds ${id} for ${status}, and its events said ${heard ?? 'nothing'}`,
        )
    }
  }
}
