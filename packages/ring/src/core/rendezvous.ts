// Weighted rendezvous hashing: every node draws a number for a key, and the nodes in the order of their numbers are the key's preference.
// A node's number is w / -ln(u), u uniform between 0 and 1 and a function of the key and the node alone. -ln(u) / w is exponential with rate w,
// and of independent exponentials the first to ring is each with a chance in proportion to its rate: shares are exact, and a node that
// comes, goes or changes its weight changes no number but its own.

import { hashPoints } from './circle.ts'
import type { RingHash } from './hasher.ts'
import type { RingNode } from './members.ts'

/** The nodes that take part, those of weight 0 left out: parallel arrays in the order of their ids. 64 bits of hash each, so that no two draw alike. */
export interface Candidates {
  readonly high: Uint32Array
  readonly low: Uint32Array
  readonly weights: Float64Array
}

/** The nodes that are given anything. */
export function awakeNodes<Node extends RingNode>(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter(({ weight = 1 }) => weight > 0)
}

/** The nodes (none of weight 0), hashed. `known` may have the hashes of a node already. */
export function candidatesOf(
  nodes: readonly RingNode[],
  hash: RingHash,
  seed: number,
  known: (id: string) => readonly [number, number] | undefined = () => undefined,
): Candidates {
  const high = new Uint32Array(nodes.length)
  const low = new Uint32Array(nodes.length)
  const weights = new Float64Array(nodes.length)
  for (const [at, { id, weight = 1 }] of nodes.entries()) {
    const [first = 0, second = 0] = known(id) ?? hashPoints(hash, seed, id, 2)
    high[at] = first
    low[at] = second
    weights[at] = weight
  }
  return { high, low, weights }
}

/** What candidate `at` draws for a position: the greatest wins. */
export function scoreOf({ high, low, weights }: Candidates, at: number, position: number): number {
  const a = high[at] as number
  return score(mix(position, a, low[at] as number), a, weights[at] as number)
}

/**
 * The candidate with the greatest score for a position, the first of them on a tie; -1 when there is none. Those marked in `full` are passed
 * over. Nearly all nodes are out of the race after the first 32 bits, because w / -ln(u) < w / (1 - u): only the others cost a logarithm.
 */
export function best(candidates: Candidates, position: number, full?: Uint8Array): number {
  const { high, low, weights } = candidates
  let winner = -1
  let highest = -1
  let limit = -1
  for (let at = 0; at < weights.length; at++) {
    const a = high[at] as number
    const bits = mix(position, a, low[at] as number)
    const weight = weights[at] as number
    if (weight < limit * (WORD - bits) || full?.[at] === 1) continue
    const drawn = score(bits, a, weight)
    if (drawn <= highest) continue
    winner = at
    highest = drawn
    limit = limitOf(drawn)
  }
  return winner
}

/**
 * What a score means for {@link mix}'s first 32 bits: a node with `weight < limit * (WORD - bits)` has less. A little under the exact bound, so
 * that rounding never rules out one that is in.
 */
export function limitOf(drawn: number): number {
  return drawn * LIMIT
}

/** The greatest value of 32 bits. */
export const WORD = 0xffff_ffff
const LIMIT = (1 - 1e-9) / 2 ** 32

/** The first `count` candidates by score, ties in their order. O(n) for few, O(n log n) for more than {@link FEW}. */
export function ranked(candidates: Candidates, position: number, count: number): number[] {
  return count > FEW ? sortAll(candidates, position).slice(0, count) : fewRanked(candidates, position, count)
}

/** All candidates by score. Most walks end early, so the first few are found without ranking the others. */
export function* rankedWalk(candidates: Candidates, position: number): IterableIterator<number> {
  yield* fewRanked(candidates, position, FEW)
  if (candidates.weights.length > FEW) yield* sortAll(candidates, position).slice(FEW)
}

/** Up to here those in front are kept in order one by one, beyond it all are sorted. */
const FEW = 8

function fewRanked(candidates: Candidates, position: number, count: number): number[] {
  const { high, low, weights } = candidates
  const order: number[] = []
  const scores: number[] = []
  let limit = -1
  for (let at = 0; at < weights.length; at++) {
    const a = high[at] as number
    const bits = mix(position, a, low[at] as number)
    const weight = weights[at] as number
    if (weight < limit * (WORD - bits)) continue
    const drawn = score(bits, a, weight)
    let place = Math.min(order.length, count - 1)
    if (order.length === count && drawn <= (scores[place] as number)) continue
    for (; place > 0 && (scores[place - 1] as number) < drawn; place--) {
      order[place] = order[place - 1] as number
      scores[place] = scores[place - 1] as number
    }
    order[place] = at
    scores[place] = drawn
    if (order.length === count) limit = limitOf(scores[count - 1] as number)
  }
  return order
}

function sortAll(candidates: Candidates, position: number): number[] {
  const scores = Float64Array.from(candidates.weights, (_, at) => scoreOf(candidates, at, position))
  return Array.from(scores.keys()).sort((x, y) => (scores[y] as number) - (scores[x] as number) || x - y)
}

/** 32 bits of a position and 64 bits of a node, so mixed that every bit of them changes every bit of the result with a chance of one half. */
export function mix(position: number, high: number, low: number): number {
  let bits = position ^ high
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  bits = ((bits ^ (bits >>> 16)) + low) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
  return (bits ^ (bits >>> 15)) >>> 0
}

/** The score of a node with these first 32 bits of u; the other 20 are mixed only now. */
export function score(bits: number, high: number, weight: number): number {
  const rest = mix(bits, high, 0x9e3779b9) >>> 12
  return weight / minusLog((bits * 2 ** 21 + rest * 2 + 1) / 2 ** 53)
}

/**
 * -ln(u), 0 < u < 1, within a few units of the last place. Not `Math.log`, whose last bits the language leaves to each engine: from additions,
 * multiplications and divisions alone all of them get the same number, so that a browser and a server never disagree on a close race.
 */
export function minusLog(u: number): number {
  let x = u
  let halvings = 0
  while (x < Math.SQRT1_2) {
    x *= 2
    halvings++
  }
  // ln(x) = 2 (s + s³/3 + s⁵/5 + …), |s| < 0.172: what is left after eleven terms is below the last place.
  const s = (x - 1) / (x + 1)
  const z = s * s
  const odd = z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * further(z))))))
  return halvings * Math.LN2 - 2 * (s + s * odd)
}

/** The terms from the seventh on. */
function further(z: number): number {
  return 1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z / 21)))
}
