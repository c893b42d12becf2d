import type { RingHash } from './hasher.ts'

/** All positions: 2^32. */
export const CIRCLE: number = 2 ** 32

/**
 * Points on the circle of 2^32 positions and who owns each: parallel arrays in the order (point, node), so that two nodes on one point
 * both stay, always in the same order. A key belongs to the first point at or after its position, past the last point to the first.
 *
 * `cells` cuts the circle into equal buckets, one and a half to three a point. In most lies no point, and then the bucket says at once whose it is; in the
 * others the search begins at the bucket's first point and is over after about one step. A binary search over 160,000 points takes 17 steps
 * that miss the cache; this takes one or two.
 */
export class Circle {
  /** Ascending; equal ones in the order of their nodes. */
  readonly points: Uint32Array
  /** Index of each point's node. */
  readonly owners: Uint16Array | Uint32Array
  /** Of each bucket the index of the first point in it, or `~node` when there is none and all of it belongs to that node. */
  readonly #cells: Int32Array
  readonly #shift: number

  constructor({ points, owners }: SortedPoints) {
    this.points = points
    this.owners = owners
    const bits = Math.ceil(Math.log2(Math.max(2, points.length * 1.5)))
    this.#shift = 32 - bits
    this.#cells = cellsOf(points, owners, bits)
  }

  /** Index of the node that owns `position`, signed or not. The circle must have a point. */
  ownerOf(position: number): number {
    const wanted = position >>> 0
    const cell = this.#cells[wanted >>> this.#shift] as number
    return cell < 0 ? ~cell : (this.owners[this.#pointFrom(cell, wanted)] as number)
  }

  /** Index of the point that owns `position`, signed or not; 0 when there is no point. */
  find(position: number): number {
    const cells = this.#cells
    const wanted = position >>> 0
    let bucket = wanted >>> this.#shift
    let cell = cells[bucket] as number
    if (cell >= 0) return this.#pointFrom(cell, wanted)
    while (cell < 0) {
      if (++bucket === cells.length) bucket = 0
      cell = cells[bucket] as number
    }
    return cell
  }

  /** All positions that have a point, ascending. O(points). */
  boundaries(): Uint32Array {
    const { points } = this
    const boundaries = new Uint32Array(points.length)
    let length = 0
    for (let at = 0; at < points.length; at++) {
      if (points[at] !== points[at + 1]) boundaries[length++] = points[at] as number
    }
    return boundaries.subarray(0, length)
  }

  /** The first point at or behind `wanted`, from one of the same bucket on. */
  #pointFrom(first: number, wanted: number): number {
    const { points } = this
    const { length } = points
    let at = first
    while (at < length && (points[at] as number) < wanted) at++
    return at === length ? 0 : at
  }
}

/**
 * What {@link Circle} keeps for its buckets. Whether a bucket has a point is as good as random, and a branch that the processor guesses wrongly takes as long as
 * everything else here; so the second loop chooses by masks.
 */
function cellsOf(points: Uint32Array, owners: Uint16Array | Uint32Array, bits: number): Int32Array {
  const cells = new Int32Array(2 ** bits)
  const shift = 32 - bits
  // One more than the index, so that 0 is an empty bucket. Downwards: the first point of a bucket is written last.
  for (let at = points.length; at > 0; at--) cells[(points[at - 1] as number) >>> shift] = at
  let next = 0
  for (let bucket = points.length === 0 ? 0 : cells.length; bucket > 0; bucket--) {
    const first = (cells[bucket - 1] as number) - 1
    const empty = first >> 31
    next = (next & empty) | (first & ~empty)
    cells[bucket - 1] = (~(owners[next] as number) & empty) | (first & ~empty)
  }
  return cells
}

/** An array for indexes of `count` nodes. */
export function ownerArray(length: number, count: number): Uint16Array | Uint32Array {
  return count <= 0x10000 ? new Uint16Array(length) : new Uint32Array(length)
}

/** Points in order, and the node of each. */
interface SortedPoints {
  readonly points: Uint32Array
  readonly owners: Uint16Array | Uint32Array
}

/** For as many points of `nodes` nodes, still to be written. */
function roomFor(length: number, nodes: number): SortedPoints {
  return { points: new Uint32Array(length), owners: ownerArray(length, nodes) }
}

/** A node's points, unsorted: `<number>:<id>` hashed, so that no two nodes and numbers make the same text. */
export function hashPoints(hash: RingHash, seed: number, id: string, count: number): Uint32Array {
  const points = new Uint32Array(count)
  for (let j = 0; j < count; j++) points[j] = hash.hash(`${j}:${id}`, seed)
  return points
}

/** The points of some nodes, in order. */
export interface Batch {
  readonly node: number
  readonly points: Uint32Array
}

/** The circle with all these points. */
export function buildCircle(batches: readonly Batch[], nodes: number): Circle {
  return new Circle(sortPoints(batches, nodes))
}

/**
 * The circle without some nodes and with some points more, in one pass over what is there for each: `renumber[old index]` is a node's new index,
 * or -1 when it goes.
 */
export function mergeCircle(
  circle: Circle,
  renumber: Int32Array,
  added: readonly Batch[],
  nodes: number,
): Circle {
  const few = sortPoints(added, nodes)
  const room = roomFor(circle.points.length + few.points.length, nodes)
  const length = mergePoints(circle, renumber, few, room)
  return new Circle({ points: room.points.subarray(0, length), owners: room.owners.subarray(0, length) })
}

/** Writes both, in order, into `room`; returns how many there are. */
function mergePoints(
  { points, owners }: SortedPoints,
  renumber: Int32Array,
  few: SortedPoints,
  room: SortedPoints,
): number {
  const { points: roomPoints, owners: roomOwners } = room
  let length = 0
  let next = 0
  // A plain number, so that the loop over the many reads the few only where one of them belongs.
  let waiting = few.points[0] ?? CIRCLE
  for (let at = 0; at < points.length; at++) {
    const node = renumber[owners[at] as number] as number
    if (node < 0) continue
    const point = points[at] as number
    while (waiting <= point && isBefore(few, next, point, node)) {
      copyPoint(few, next++, room, length++)
      waiting = next < few.points.length ? (few.points[next] as number) : CIRCLE
    }
    roomPoints[length] = point
    roomOwners[length++] = node
  }
  while (next < few.points.length) copyPoint(few, next++, room, length++)
  return length
}

function copyPoint(from: SortedPoints, at: number, to: SortedPoints, target: number): void {
  to.points[target] = from.points[at] as number
  to.owners[target] = from.owners[at] as number
}

/** Whether the point at an index comes before this one. */
function isBefore({ points, owners }: SortedPoints, index: number, point: number, node: number): boolean {
  const other = points[index] as number
  return other < point || (other === point && (owners[index] as number) < node)
}

/** Point and node in one exact double, because sorting plain numbers is many times as fast as sorting by a comparison. */
function sortPoints(batches: readonly Batch[], nodes: number): SortedPoints {
  let length = 0
  for (const { points } of batches) length += points.length
  const keys = new Float64Array(length)
  let at = 0
  for (const { node, points } of batches) for (const point of points) keys[at++] = point * NODES + node
  keys.sort()
  const { points, owners } = roomFor(length, nodes)
  for (let i = 0; i < length; i++) {
    const key = keys[i] as number
    const point = Math.floor(key / NODES)
    points[i] = point
    owners[i] = key - point * NODES
  }
  return { points, owners }
}

/** 32 bits for the point, 20 for the node: 52 of 53. */
const NODES = 2 ** 20
