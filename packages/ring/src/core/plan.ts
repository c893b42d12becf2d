import { CIRCLE } from './circle.ts'
import { nameBytes, type Key } from './key.ts'
import { findMember, type RingNode } from './members.ts'
import type { ArcPlacement, Placement, ReplicaOptions } from './placement.ts'
import { RingError } from './ring-error.ts'
import { percent, printable, tableLines } from './table.ts'

/**
 * One role that changes hands. Nodes are told apart by their ids.
 * @category Plan
 */
export interface PlanMove<Node extends RingNode> {
  /** Which replica: 0 is the owner, 1 the second, up to `replicas - 1`. */
  readonly role: number
  /** Who had this role before; if nobody had, the owner before; `undefined` when there was none either, so that nobody has any data. */
  readonly source: Node | undefined
  /** Who has this role now; `undefined` when nobody has: there are fewer replicas than before. */
  readonly target: Node | undefined
  /** Whether the data has to be sent to the target: it was no replica before, in any role, and somebody was who has it. */
  readonly copies: boolean
}

/**
 * Positions `(from, to]` of the circle in which one role changes hands in one way. `from > to` reaches past the highest position to the lowest,
 * `from === to` is the whole circle.
 * @category Plan
 */
export interface PlanRange<Node extends RingNode> extends PlanMove<Node> {
  /** The position before the first: 0 to 2^32 - 1. */
  readonly from: number
  /** The last position: 0 to 2^32 - 1. */
  readonly to: number
  /** How many positions there are: 1 to 2^32. */
  readonly positions: number
}

/**
 * What changes between two placements, asked key by key.
 * @category Plan
 */
export interface Comparison<Node extends RingNode> {
  /** How many replicas of a key are compared. */
  readonly replicas: number
  /**
   * What changes for a key, in the order of roles; `undefined` when nothing does. Keys placed by name are taken into account. Costs two
   * lookups.
   * @throws A {@link RingError} with code `RING_INVALID_KEY`.
   */
  contains(key: Key): readonly PlanMove<Node>[] | undefined
}

/** Both sides and how they are compared. */
export interface Sides<Node extends RingNode, Side extends Placement<Node> = Placement<Node>> {
  readonly before: Side
  readonly after: Side
  readonly replicas: number
  readonly choice: ReplicaOptions<Node> | undefined
}

/** What changes for one key; `undefined` when nothing does. */
export function keyMoves<Node extends RingNode>(
  sides: Sides<Node>,
  key: Key,
): readonly PlanMove<Node>[] | undefined {
  const { before, after, replicas, choice } = sides
  return movesBetween(before.replicas(key, replicas, choice), after.replicas(key, replicas, choice))
}

/** What changes when these were the replicas of something before, and those are now; `undefined` when nothing does. */
export function movesBetween<Node extends RingNode>(
  before: readonly Node[],
  after: readonly Node[],
): readonly PlanMove<Node>[] | undefined {
  let moves: PlanMove<Node>[] | undefined
  const roles = Math.max(before.length, after.length)
  for (let role = 0; role < roles; role++) {
    const had = before[role]
    const target = after[role]
    if (had === target || had?.id === target?.id) continue
    const source = had ?? before[0]
    const copies = source !== undefined && target !== undefined && !before.some(({ id }) => id === target.id)
    moves ??= []
    moves.push({ role, source, target, copies })
  }
  return moves
}

/** More pairs than these make no readable table. */
const MOST_ROWS = 40

/**
 * Exactly what has to move from one placement to another: made by {@link diff}. Immutable.
 *
 * Ranges speak of positions. Keys that are placed by name stand outside: they are listed in `named`, and `contains` knows them.
 * @category Plan
 */
export class Plan<Node extends RingNode = RingNode> implements Comparison<Node> {
  /**
   * Ascending by `from`, then by `role`; a range that reaches past the highest position is thus among the last. Neighbouring ranges of one role
   * differ in source, target or `copies`; ranges of one role never overlap.
   */
  readonly ranges: readonly PlanRange<Node>[]
  /** The share of the circle, 0 to 1, that has another owner (role 0) now. Exact: a whole number of positions over 2^32. */
  readonly moved: number
  /** The ranges whose data has to be sent, as a share of the circle: 0 to the number of replicas. Exact. */
  readonly copied: number
  readonly #sides: Sides<Node, ArcPlacement<Node>>

  /** @internal Use {@link diff}. */
  constructor(sides: Sides<Node, ArcPlacement<Node>>, ranges: readonly PlanRange<Node>[]) {
    this.#sides = sides
    this.ranges = ranges
    this.moved = shareOf(ranges.filter(({ role }) => role === 0))
    this.copied = shareOf(ranges.filter(({ copies }) => copies))
  }

  /** How many replicas of each key the plan is about. O(1). */
  get replicas(): number {
    return this.#sides.replicas
  }

  /**
   * Keys placed by name on either side, and what changes for each (often nothing: an empty list). Not their ranges but this applies to them. By
   * the bytes of the key, one character a byte. O(overrides), one lookup on each side for each.
   */
  get named(): ReadonlyMap<string, readonly PlanMove<Node>[]> {
    const { before, after } = this.#sides
    const names = [...new Set([...before.overrides.keys(), ...after.overrides.keys()])].sort()
    return new Map(names.map((name) => [name, keyMoves(this.#sides, nameBytes(name)) ?? []]))
  }

  /** What changes for a key, in the order of roles; `undefined` when nothing does. Two lookups. */
  contains(key: Key): readonly PlanMove<Node>[] | undefined {
    return keyMoves(this.#sides, key)
  }

  /**
   * The ranges with this source and this target, in the order of `ranges`. O(ranges).
   * @throws A {@link RingError} with code `RING_UNKNOWN_NODE` for an id that is a member neither before nor after.
   */
  between(source: string, target: string): PlanRange<Node>[] {
    this.#requireMember(source)
    this.#requireMember(target)
    return this.ranges.filter((range) => range.source?.id === source && range.target?.id === target)
  }

  /**
   * A table for people: for each source and target (and role, if there are replicas) the share of the circle, what of it has to be copied, and the
   * number of ranges, the largest first, at most 40 lines. O(ranges + pairs · log pairs).
   */
  toString(): string {
    const { ranges, replicas, moved, copied } = this
    const rows = pairsOf(ranges)
    const columns = [
      { title: 'role', align: 'right' } as const,
      { title: 'source' },
      { title: 'target' },
      { title: 'share', align: 'right' } as const,
      { title: 'to copy', align: 'right' } as const,
      { title: 'ranges', align: 'right' } as const,
    ]
    const cells = rows.slice(0, MOST_ROWS).map((pair) => {
      const { role, source, target } = pair.ranges[0] as PlanRange<Node>
      const copying = shareOf(pair.ranges.filter(({ copies }) => copies))
      return [
        String(role),
        nameOf(source),
        nameOf(target),
        percent(pair.share),
        percent(copying),
        String(pair.ranges.length),
      ]
    })
    const first = replicas === 1 ? 1 : 0
    const lines = tableLines(
      columns.slice(first),
      cells.map((row) => row.slice(first)),
    )
    if (rows.length > MOST_ROWS) lines.push(`and ${rows.length - MOST_ROWS} pairs more`)
    const total = `${percent(moved)} of the circle changes its owner, ${percent(copied)} has to be copied, ranges: ${ranges.length}`
    return ranges.length === 0 ? 'nothing moves' : [...lines, total].join('\n')
  }

  #requireMember(id: string): void {
    const { before, after } = this.#sides
    if (findMember(before.nodes, id) >= 0 || findMember(after.nodes, id) >= 0) return
    throw new RingError(
      'RING_UNKNOWN_NODE',
      `'${id}' is a member neither before nor after; between takes the ids of two nodes`,
    )
  }
}

interface Pair<Node extends RingNode> {
  readonly share: number
  readonly ranges: readonly PlanRange<Node>[]
}

function pairsOf<Node extends RingNode>(ranges: readonly PlanRange<Node>[]): Pair<Node>[] {
  const groups = new Map<string, PlanRange<Node>[]>()
  for (const range of ranges) {
    const name = JSON.stringify([range.role, range.source?.id ?? null, range.target?.id ?? null])
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [range])
    else group.push(range)
  }
  const pairs = [...groups].map(([name, group]) => ({ name, share: shareOf(group), ranges: group }))
  return pairs.sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
}

function nameOf(node: RingNode | undefined): string {
  return node === undefined ? '(nobody)' : printable(node.id)
}

/** Whole numbers below 2^53 until the last step, which is exact too: it divides by a power of two. */
function shareOf(ranges: readonly PlanRange<RingNode>[]): number {
  let positions = 0
  for (const range of ranges) positions += range.positions
  return positions / CIRCLE
}
