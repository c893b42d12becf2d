import { arcLength } from './arc.ts'
import type { Key } from './key.ts'
import type { RingNode } from './members.ts'
import type { ArcPlacement, Placement } from './placement.ts'
import {
  keyMoves,
  movesBetween,
  Plan,
  type Comparison,
  type PlanMove,
  type PlanRange,
  type Sides,
} from './plan.ts'
import { RingError } from './ring-error.ts'
import { checkedCount } from './walk.ts'

/**
 * What a plan is about.
 * @category Plan
 */
export interface DiffOptions {
  /** How many replicas of each key there are, the owner counted: a whole number of at least 1, default 1. */
  readonly replicas?: number
  /** `'zone'` if replicas are spread over zones, as the option of `replicas` has it. Default: the next distinct nodes. */
  readonly spread?: 'zone'
}

/**
 * Exactly what has to move from one placement to another: which ranges of the circle, from whom, to whom, in which role.
 *
 * Any two placements with arcs can be compared, of different strategies too, as long as they hash keys alike. One pass over the boundaries of both,
 * with one `replicasAt` for each: O(p) for one replica, O(p · replicas) typically for more, and O(p²) with `spread`, which looks at
 * all nodes at every boundary.
 * @throws A {@link RingError}: `RING_MISMATCH` when the two give a key different positions, `RING_INVALID_OPTION`.
 * @category Plan
 */
export function diff<Node extends RingNode>(
  before: ArcPlacement<Node>,
  after: ArcPlacement<Node>,
  options: DiffOptions = {},
): Plan<Node> {
  const sides = { before, after, ...checkedOptions(options) }
  requireSamePositions(before, after)
  return new Plan(sides, rangesOf(sides))
}

/**
 * What changes between any two placements, those without arcs too (rendezvous by key, jump): it can't be listed as ranges, only asked key by
 * key. They may hash keys differently. O(1); each question costs two lookups.
 * @throws A {@link RingError} with code `RING_INVALID_OPTION`.
 * @category Plan
 */
export function compare<Node extends RingNode>(
  before: Placement<Node>,
  after: Placement<Node>,
  options: DiffOptions = {},
): Comparison<Node> {
  const sides = { before, after, ...checkedOptions(options) }
  return {
    replicas: sides.replicas,
    contains(key: Key): readonly PlanMove<Node>[] | undefined {
      const moves = keyMoves(sides, key)
      return moves.length === 0 ? undefined : moves
    },
  }
}

interface CheckedOptions {
  readonly replicas: number
  readonly choice: { readonly spread: 'zone' } | undefined
}

function checkedOptions(options: DiffOptions): CheckedOptions {
  for (const name of Object.keys(options)) {
    if (name === 'replicas' || name === 'spread') continue
    throw new RingError('RING_INVALID_OPTION', `${name} is no option of a plan; there are replicas, spread`)
  }
  const { replicas = 1, spread } = options
  if (spread !== undefined && spread !== 'zone') {
    throw new RingError('RING_INVALID_OPTION', `spread must be 'zone' or left out, not ${String(spread)}`)
  }
  return { replicas: checkedCount(replicas), choice: spread === undefined ? undefined : { spread } }
}

const PROBES: readonly Key[] = ['', 'a', 'user:42', '00000000-0000-0000-0000-000000000000', 'key'.repeat(40)]

function requireSamePositions(before: Placement<RingNode>, after: Placement<RingNode>): void {
  if (PROBES.every((key) => before.position(key) === after.position(key))) return
  throw new RingError(
    'RING_MISMATCH',
    'the two placements give one key different positions, so no range means the same in both; use the same hash and seed, or compare() instead of diff()',
  )
}

/** A range that may still grow. */
type OpenRange<Node extends RingNode> = { -readonly [Name in keyof PlanRange<Node>]: PlanRange<Node>[Name] }

/** From the first boundary on, all arcs in their order; the last one leads past the highest position back to the first boundary. */
function rangesOf<Node extends RingNode>(sides: Sides<Node, ArcPlacement<Node>>): PlanRange<Node>[] {
  const left = sides.before.boundaries()
  const right = sides.after.boundaries()
  const ends = unionOf(left, right)
  if (ends.length === 0) return []
  const collector = new Collector<Node>()
  const before = new Cursor(sides, sides.before, left)
  const after = new Cursor(sides, sides.after, right)
  let from = ends[0] as number
  for (let at = 1; at < ends.length; at++) {
    const to = ends[at] as number
    collector.take(from, to, movesBetween(before.holders(to), after.holders(to)))
    from = to
  }
  const first = ends[0] as number
  const { replicas, choice } = sides
  const held = sides.before.replicasAt(first, replicas, choice)
  collector.take(from, first, movesBetween(held, sides.after.replicasAt(first, replicas, choice)))
  return collector.close()
}

/** Joins what belongs together. */
class Collector<Node extends RingNode> {
  readonly #ranges: OpenRange<Node>[] = []
  readonly #first: (OpenRange<Node> | undefined)[] = []
  readonly #last: (OpenRange<Node> | undefined)[] = []

  take(from: number, to: number, moves: readonly PlanMove<Node>[]): void {
    const positions = arcLength(from, to)
    for (const move of moves) {
      const { role, source, target, copies } = move
      const last = this.#last[role]
      if (last !== undefined && last.to === from && sameMove(last, move)) {
        last.to = to
        last.positions += positions
        continue
      }
      const range = { from, to, positions, role, source, target, copies }
      this.#ranges.push(range)
      this.#last[role] = range
      this.#first[role] ??= range
    }
  }

  /** The end of the walk is where it began: there a role's last range may go on as its first. */
  close(): PlanRange<Node>[] {
    const joined = new Set<OpenRange<Node>>()
    for (const [role, last] of this.#last.entries()) {
      const first = this.#first[role]
      if (last === undefined || first === undefined || first === last) continue
      if (last.to !== first.from || !sameMove(last, first)) continue
      last.to = first.to
      last.positions += first.positions
      joined.add(first)
    }
    return joined.size === 0 ? this.#ranges : this.#ranges.filter((range) => !joined.has(range))
  }
}

function sameMove<Node extends RingNode>(a: PlanMove<Node>, b: PlanMove<Node>): boolean {
  return a.copies === b.copies && a.source?.id === b.source?.id && a.target?.id === b.target?.id
}

/** Who holds what on one side, for ends that only ascend: asks the placement once for each of its own arcs. */
class Cursor<Node extends RingNode> {
  readonly #sides: Sides<Node>
  readonly #placement: ArcPlacement<Node>
  readonly #boundaries: Uint32Array
  #at = -1
  #holders: readonly Node[] = []

  constructor(sides: Sides<Node>, placement: ArcPlacement<Node>, boundaries: Uint32Array) {
    this.#sides = sides
    this.#placement = placement
    this.#boundaries = boundaries
  }

  holders(end: number): readonly Node[] {
    const boundaries = this.#boundaries
    const began = this.#at
    let at = Math.max(0, began)
    while (at < boundaries.length && (boundaries[at] as number) < end) at++
    if (at === began) return this.#holders
    this.#at = at
    const { replicas, choice } = this.#sides
    this.#holders = this.#placement.replicasAt(end, replicas, choice)
    return this.#holders
  }
}

/** Both, ascending, each number once. */
function unionOf(left: Uint32Array, right: Uint32Array): Uint32Array {
  const union = new Uint32Array(left.length + right.length)
  let length = 0
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    const next = Math.min(left[i] ?? Infinity, right[j] ?? Infinity)
    while (i < left.length && left[i] === next) i++
    while (j < right.length && right[j] === next) j++
    union[length++] = next
  }
  return union.subarray(0, length)
}
