import type { RingHash } from './hasher.ts'

/** All positions: 2^32. */
export const CIRCLE: number = 2 ** 32

/**
 * Points on the circle of 2^32 positions and who owns each: parallel arrays in the order (point, node), so that two nodes on one point
 * both stay, always in the same order. A key belongs to the first point at or after its position, past the last point to the first.
 *
 * `starts` cuts the circle into equal buckets, one and a half to three a point: the search begins at the first point of the position's bucket and is over
 * after about one step, where a binary search over 160,000 points takes 17 that miss the cache.
 */
export class Circle {
  /** Ascending; equal ones in the order of their nodes. */
  readonly points: Uint32Array
  /** Index of each point's node. */
  readonly owners: Uint16Array | Uint32Array
  readonly #starts: Uint32Array
  readonly #shift: number

  constructor(points: Uint32Array, owners: Uint16Array | Uint32Array) {
    this.points = points
    this.owners = owners
    const bits = Math.max(1, Math.ceil(Math.log2(Math.max(2, points.length * 1.5))))
    this.#shift = 32 - bits
    this.#starts = firstPoints(points, bits)
  }

  /** Index of the point that owns `position`, signed or not. The circle must have one. */
  find(position: number): number {
    const { points } = this
    const { length } = points
    const wanted = position >>> 0
    let at = this.#starts[wanted >>> this.#shift] as number
    while (at < length && (points[at] as number) < wanted) at++
    return at === length ? 0 : at
  }
}

/** For each bucket, the first point that lies in it or after it. */
function firstPoints(points: Uint32Array, bits: number): Uint32Array {
  const starts = new Uint32Array(2 ** bits)
  const shift = 32 - bits
  let bucket = 0
  for (let at = 0; at < points.length; at++) {
    const last = (points[at] as number) >>> shift
    while (bucket <= last) starts[bucket++] = at
  }
  starts.fill(points.length, bucket)
  return starts
}

/** An array for indexes of `count` nodes. */
export function ownerArray(length: number, count: number): Uint16Array | Uint32Array {
  return count <= 0x10000 ? new Uint16Array(length) : new Uint32Array(length)
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
  const { points, owners } = sortPoints(batches, nodes)
  return new Circle(points, owners)
}

/**
 * The circle without some nodes and with some points more, in one pass over what is there: `renumber[old index]` is a node's new index, or
 * -1 when it goes.
 */
export function mergeCircle(
  circle: Circle,
  renumber: Int32Array,
  added: readonly Batch[],
  nodes: number,
): Circle {
  const fresh = sortPoints(added, nodes)
  let kept = 0
  for (const owner of circle.owners) if ((renumber[owner] as number) >= 0) kept++
  const length = kept + fresh.points.length
  const points = new Uint32Array(length)
  const owners = ownerArray(length, nodes)
  let to = 0
  let from = 0
  for (let at = 0; at < circle.points.length; at++) {
    const node = renumber[circle.owners[at] as number] as number
    if (node < 0) continue
    const point = circle.points[at] as number
    while (from < fresh.points.length && comesFirst(fresh, from, point, node)) {
      points[to] = fresh.points[from] as number
      owners[to++] = fresh.owners[from++] as number
    }
    points[to] = point
    owners[to++] = node
  }
  for (; from < fresh.points.length; from++) {
    points[to] = fresh.points[from] as number
    owners[to++] = fresh.owners[from] as number
  }
  return new Circle(points, owners)
}

interface SortedPoints {
  readonly points: Uint32Array
  readonly owners: Uint16Array | Uint32Array
}

function comesFirst({ points, owners }: SortedPoints, at: number, point: number, node: number): boolean {
  const other = points[at] as number
  return other < point || (other === point && (owners[at] as number) < node)
}

/** Point and node in one exact double, because sorting plain numbers is many times as fast as sorting by a comparison. */
function sortPoints(batches: readonly Batch[], nodes: number): SortedPoints {
  let length = 0
  for (const { points } of batches) length += points.length
  const keys = new Float64Array(length)
  let at = 0
  for (const { node, points } of batches) for (const point of points) keys[at++] = point * NODES + node
  keys.sort()
  const points = new Uint32Array(length)
  const owners = ownerArray(length, nodes)
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
