import { checkedNode, pointsOf, type RingNode } from '../core/members.ts'
import type { MemberEvent } from './events.ts'
import type { ResolvedTracking } from './options.ts'
import { sameData } from './same-data.ts'
import { MemberTable, type TableEntry } from './table.ts'

/** The nodes that the members are. */
export class MemberNodes<Meta, Node extends RingNode> {
  readonly #options: Pick<ResolvedTracking<Meta, Node>, 'toNode' | 'ring'>
  readonly #report: (error: unknown) => void
  readonly #members = new MemberTable<Meta, Node>()
  /** Nodes of the first ring of which there was no news yet. */
  readonly #initial: Map<string, Node>
  /** Members whose nodes have to be made anew. */
  readonly #stale = new Set<string>()

  constructor(
    options: Pick<ResolvedTracking<Meta, Node>, 'toNode' | 'ring'>,
    report: (error: unknown) => void,
  ) {
    this.#options = options
    this.#report = report
    this.#initial = new Map(options.ring.nodes.map((node) => [node.id, node]))
  }

  /** Takes in one event. Whether it may have changed anything. */
  apply(event: MemberEvent<Meta>): boolean {
    const { id } = event
    if (!this.#members.apply(event)) return false
    const entry = this.#members.get(id)
    if (entry !== undefined) {
      entry.kept ??= this.#initial.get(id)
      this.#stale.add(id)
    }
    this.#initial.delete(id)
    return true
  }

  /** All nodes by id; of two members that are one node, that of the latest news. Those whose data did not change are the objects they were. */
  byId(): ReadonlyMap<string, Node> {
    for (const id of this.#stale) {
      const entry = this.#members.get(id)
      if (entry !== undefined) this.#renew(entry)
    }
    this.#stale.clear()
    const nodes = new Map(this.#initial)
    for (const { kept } of this.#members.present()) if (kept !== undefined) nodes.set(kept.id, kept)
    return nodes
  }

  #renew(entry: TableEntry<Meta, Node>): void {
    const { toNode, ring } = this.#options
    try {
      const node = toNode(entry.member)
      if (node !== undefined) {
        // What would make a ring refuse all its members must not get that far.
        pointsOf(checkedNode(node), ring.vnodes)
        this.#initial.delete(node.id)
      }
      if (!sameData(node, entry.kept)) entry.kept = node
    } catch (error) {
      this.#report(error)
    }
  }
}
