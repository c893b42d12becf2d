import fc from 'fast-check'
import type { RingNode } from '../../src/core/members.ts'

/** Members with any weights, drained ones among them. */
export function members(most = 12): fc.Arbitrary<RingNode[]> {
  const weight = fc.oneof(
    fc.constant(1),
    fc.integer({ min: 0, max: 8 }),
    fc.double({ min: 0, max: 100, noNaN: true }),
    fc.constantFrom(5e-324, 1e-9, 1e300),
  )
  const node = fc.record({ id: fc.string({ minLength: 1, maxLength: 6 }), weight })
  return fc.uniqueArray(node, { minLength: 1, maxLength: most, selector: ({ id }) => id })
}

export function servers(count: number, weight: (at: number) => number = () => 1): RingNode[] {
  return Array.from({ length: count }, (_, at) => ({ id: `10.0.0.${at}:7000`, weight: weight(at) }))
}

export function keys(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `user:${at * 7919}`)
}

/** How many of the keys each node owns. */
export function counted(owners: Iterable<string | undefined>): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>()
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1)
  return counts
}
