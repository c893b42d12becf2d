import type { Address, NodeId } from '@colony/host'
import type { MembershipChange } from '../core/membership-change.ts'
import type { Membership } from '../core/membership.ts'
import type { LocalChange } from './member-changes.ts'

/** How long the group is given to take note of an address, before it is told again. */
const PATIENCE_MS = 10_000

/** What an announcement needs of its node. */
export interface OwnAddressNode {
  readonly id: NodeId
  /** Monotonic milliseconds. */
  readonly now: number
  /** What holds now. */
  membership(): Membership
  /** Hands a change of members to the leader, whoever that is. */
  submit(call: LocalChange): void
}

/**
 * A node that was started elsewhere than the group believes tells it so, once: what is said of its address afterwards, by whoever runs the group, counts more than what it was started with.
 */
export class OwnAddress {
  readonly #node: OwnAddressNode
  readonly #believed: Address | undefined
  #given: Address | undefined
  #isUnderWay = false

  /** `given` is where the node was started, as far as it was told. */
  constructor(node: OwnAddressNode, given: Address | undefined) {
    this.#node = node
    this.#believed = node.membership().addresses.get(node.id)
    // Where nobody ever told the group of any address, everybody was given them in another way.
    this.#given = this.#believed === undefined || this.#believed === given ? undefined : given
  }

  /** Something may have changed: announces it, if that is to be done and not under way. */
  turn(): void {
    if (this.#given === undefined || this.#isUnderWay) return
    const { id, now } = this.#node
    if (this.#node.membership().addresses.get(id) !== this.#believed) {
      this.#given = undefined
      return
    }
    this.#isUnderWay = true
    const change: MembershipChange = { type: 'move', id, addresses: new Map([[id, this.#given]]) }
    const again = (): void => {
      this.#isUnderWay = false
    }
    this.#node.submit({ change, deadline: now + PATIENCE_MS, resolve: again, reject: again })
  }
}
