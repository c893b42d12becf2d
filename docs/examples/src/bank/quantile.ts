/** The value that `share` (0 to 1) of the sorted values are not above; `NaN` of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))
  return sorted[at] ?? Number.NaN
}

/** A sorted copy. */
export function sorted(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort()
}
