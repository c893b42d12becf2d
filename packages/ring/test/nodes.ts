import fc from 'fast-check'
import type { RingNode } from '../src/index.ts'

/** Nodes `10.0.x.y:7000`, as many as asked for. */
export function servers(
  count: number,
  change: (node: RingNode, at: number) => RingNode = (node) => node,
): RingNode[] {
  return Array.from({ length: count }, (_, at) => change({ id: `10.0.${at >> 8}.${at & 255}:7000` }, at))
}

/** Keys `user:…`. */
export function users(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `user:${1_000_000 + 7 * at}`)
}

/** Any few members: ids of all kinds, weights from 0 up with fractions, some zones. */
export const anyMembers: fc.Arbitrary<RingNode[]> = fc.uniqueArray(
  fc.record(
    {
      id: fc.oneof(
        fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }),
        fc.stringMatching(/^node-\d{1,3}$/),
      ),
      weight: fc.oneof(fc.constantFrom(0, 1, 2), fc.double({ min: 0, max: 4, noNaN: true })),
      zone: fc.constantFrom('x', 'y', 'z'),
    },
    { requiredKeys: ['id'] },
  ),
  { minLength: 1, maxLength: 12, selector: ({ id }) => id },
)
