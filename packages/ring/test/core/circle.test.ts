import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCircle, hashPoints, mergeCircle, type Circle } from '../../src/core/circle.ts'
import { pureXxh32 } from '../../src/core/hasher.ts'

const position = fc.oneof(
  fc.nat(20),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1),
)

/** Any points of three nodes. */
const batches = fc
  .tuple(
    fc.array(position, { maxLength: 30 }),
    fc.array(position, { maxLength: 30 }),
    fc.array(position, { maxLength: 3 }),
  )
  .map((lists) => lists.map((points, node) => ({ node, points: Uint32Array.from(points) })))

/** The first point at or after `at`, else the first of all, by looking at each. */
function slowFind(circle: Circle, at: number): number {
  const found = circle.points.findIndex((point) => point >= at)
  return found === -1 ? 0 : found
}

describe('circle', () => {
  it('finds the first point at or after a position, and wraps', () => {
    fc.assert(
      fc.property(batches, fc.array(position, { minLength: 1 }), (given, positions) => {
        const circle = buildCircle(given, 3)
        fc.pre(circle.points.length > 0)
        for (const at of [...positions, ...circle.points]) {
          expect(circle.find(at)).toBe(slowFind(circle, at))
          expect(circle.ownerOf(at)).toBe(circle.owners[slowFind(circle, at)])
          expect(circle.ownerOf(at | 0)).toBe(circle.ownerOf(at))
        }
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('keeps every point of everybody, those on one point in the order of their nodes', () => {
    const circle = buildCircle(
      [
        { node: 2, points: Uint32Array.of(7, 5) },
        { node: 0, points: Uint32Array.of(7, 9) },
        { node: 1, points: Uint32Array.of(7) },
      ],
      3,
    )
    expect([...circle.points]).toEqual([5, 7, 7, 7, 9])
    expect([...circle.owners]).toEqual([2, 0, 1, 2, 0])
  })

  it('merges to what building anew gives, for any removal, renumbering and addition', () => {
    fc.assert(
      fc.property(
        batches,
        fc.array(position, { maxLength: 30 }),
        fc.boolean(),
        (given, added, removeFirst) => {
          const before = buildCircle(given, 3)
          // A new node comes between the first and the second; perhaps the first goes.
          const renumber = Int32Array.of(removeFirst ? -1 : 0, removeFirst ? 1 : 2, removeFirst ? 2 : 3)
          const fresh = { node: removeFirst ? 0 : 1, points: Uint32Array.from(added) }
          const kept = given.filter((_, node) => (renumber[node] as number) >= 0)
          const expected = buildCircle(
            [fresh, ...kept.map(({ node, points }) => ({ node: renumber[node] as number, points }))],
            4,
          )
          const merged = mergeCircle(before, renumber, [fresh], 4)
          expect([...merged.points]).toEqual([...expected.points])
          expect([...merged.owners]).toEqual([...expected.owners])
        },
      ),
      { seed: 2, numRuns: 500 },
    )
  })

  it('hashes points by their number and id, so that no two nodes make the same text', () => {
    expect([...hashPoints(pureXxh32, 7, 'a', 2)]).toEqual([
      pureXxh32.hash('0:a', 7),
      pureXxh32.hash('1:a', 7),
    ])
  })

  it('has room for more nodes than 65,536', () => {
    const circle = buildCircle([{ node: 70_000, points: Uint32Array.of(1) }], 70_001)
    expect(circle.owners[0]).toBe(70_000)
  })
})
