import { arcLength } from './arc.ts'
import type { Key } from './key.ts'
import { invalidOption, requireKnown } from './options.ts'
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
    contains: (key) => keyMoves(sides, key),
  }
}

interface CheckedOptions {
  readonly replicas: number
  readonly choice: { readonly spread: 'zone' } | undefined
}

function checkedOptions(options: DiffOptions): CheckedOptions {
  requireKnown('a plan', options, ['replicas', 'spread'])
  const { replicas = 1, spread } = options
  if (spread !== undefined && spread !== 'zone') {
    throw invalidOption(`spread must be 'zone' or left out, not ${String(spread)}`)
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

type Moves<Node extends RingNode> = ReturnType<typeof movesBetween<Node>>

/** A range that may still grow. */
type OpenRange<Node extends RingNode> = { -readonly [Name in keyof PlanRange<Node>]: PlanRange<Node>[Name] }

/** From the first boundary on, all arcs in their order; the last one leads past the highest position back to the first boundary. */
function rangesOf<Node extends RingNode>(sides: Sides<Node, ArcPlacement<Node>>): PlanRange<Node>[] {
  const before = new Cursor(sides.before, sides)
  const after = new Cursor(sides.after, sides)
  const nextEnd = (): number => Math.min(before.end, after.end)
  const movesUpTo = (end: number): Moves<Node> => movesBetween(before.holders(end), after.holders(end))
  const first = nextEnd()
  if (first === Infinity) return []
  const collector = new Collector<Node>()
  const movesOfLast = movesUpTo(first)
  let from = first
  for (let to = nextEnd(); to < Infinity; to = nextEnd()) {
    collector.take(from, to, movesUpTo(to))
    from = to
  }
  collector.take(from, first, movesOfLast)
  return collector.close()
}

/** Joins what belongs together. */
class Collector<Node extends RingNode> {
  readonly #ranges: OpenRange<Node>[] = []
  readonly #last = new Map<number, OpenRange<Node>>()

  take(from: number, to: number, moves: Moves<Node>): void {
    const positions = arcLength(from, to)
    for (const move of moves ?? []) {
      const { role, source, target, copies } = move
      const last = this.#last.get(role)
      if (last?.to === from && sameMove(last, move)) {
        last.to = to
        last.positions += positions
        continue
      }
      const range = { from, to, positions, role, source, target, copies }
      this.#ranges.push(range)
      this.#last.set(role, range)
    }
  }

  /** The end of the walk is where it began: there a role's last range may go on as its first. */
  close(): PlanRange<Node>[] {
    const joined = new Set<OpenRange<Node>>()
    for (const [role, last] of this.#last) {
      const first = this.#ranges.find((range) => range.role === role) as OpenRange<Node>
      if (first === last || last.to !== first.from || !sameMove(last, first)) continue
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

/** Who holds what on one side, arc by arc from the lowest end on: asks the placement once for each. */
class Cursor<Node extends RingNode> {
  readonly #placement: ArcPlacement<Node>
  readonly #sides: Sides<Node>
  readonly #boundaries: Uint32Array
  /** Where this arc ends; that of the one behind the last boundary is never reached. */
  end: number
  #at = 0
  #holders: readonly Node[] | undefined

  constructor(placement: ArcPlacement<Node>, sides: Sides<Node>) {
    this.#placement = placement
    this.#sides = sides
    this.#boundaries = placement.boundaries()
    this.end = this.#boundaries[0] ?? Infinity
  }

  /** Who holds the positions up to `end`, which is not behind that of this arc; when it is just that, the next arc's turn comes. */
  holders(end: number): readonly Node[] {
    const { replicas, choice } = this.#sides
    const holders = (this.#holders ??= this.#placement.replicasAt(end, replicas, choice))
    while (this.end === end) {
      this.end = this.#boundaries[++this.#at] ?? Infinity
      this.#holders = undefined
    }
    return holders
  }
}
