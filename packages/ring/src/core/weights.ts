import type { RingNode } from './members.ts'

/**
 * Each weight's part of the total. Divided by the greatest first, because the sum of finite weights need not be finite.
 *
 * A bound of `ceil(c × total × part)` a node, c > 1, always leaves room for `total`: the exact parts sum to 1, so the exact bounds to at least
 * c × total > total; what {@link capacity} and rounding take off, less than total × (1e-12 + n / 2^52), is far below 1; and whole numbers that
 * sum to more than total - 1 sum to total or more.
 */
export function shares(weights: ArrayLike<number>): Float64Array {
  let greatest = 0
  for (let at = 0; at < weights.length; at++) greatest = Math.max(greatest, weights[at] as number)
  const parts = new Float64Array(weights.length)
  if (greatest === 0) return parts
  let sum = 0
  for (let at = 0; at < weights.length; at++) sum += parts[at] = (weights[at] as number) / greatest
  for (let at = 0; at < weights.length; at++) {
    // A weight that is not 0 has a part that is not, however small it is beside the others.
    if ((weights[at] as number) > 0) parts[at] = Math.max((parts[at] as number) / sum, Number.MIN_VALUE)
  }
  return parts
}

/**
 * What a node of this part may hold of `total`: at least 1 unless its weight is 0. A little is taken off first, because 1.1 × 1000 × 0.05 comes to
 * something more than 55 in binary and would allow 56.
 */
export function capacity(part: number, total: number, factor: number): number {
  return Math.ceil(factor * total * part * (1 - ROUNDING))
}

const ROUNDING = 1e-12

/**
 * What of the members decides a ranking by weight, in one form: ids, weights and zones of those in `nodes`. Weights are divided by a power of two,
 * which changes no comparison of scores whatever; any other common factor might, in the last place.
 */
export function canonicalMembers(
  nodes: readonly RingNode[],
): readonly (readonly [string, number, string | null])[] {
  const weights = nodes.map(({ weight = 1 }) => weight)
  const awake = weights.filter((weight) => weight > 0)
  const scale =
    awake.length === 1
      ? (awake[0] as number)
      : powerBelow(awake.reduce((least, weight) => Math.min(least, weight), Infinity))
  const scaled = weights.map((weight) => weight / scale)
  const exact = scaled.every(Number.isFinite) ? scaled : weights
  return nodes.map(({ id, zone }, at) => [id, exact[at] as number, zone ?? null])
}

/** The greatest power of two that is not above `value`, by exact steps. */
function powerBelow(value: number): number {
  if (!Number.isFinite(value)) return 1
  let power = 1
  while (power > value) power /= 2
  while (power * 2 <= value) power *= 2
  return power
}
