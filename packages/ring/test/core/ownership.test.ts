import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownership } from '../../src/core/ownership.ts'
import { stats } from '../../src/core/stats.ts'
import type { RingNode } from '../../src/core/members.ts'
import type { ArcPlacement } from '../../src/core/placement.ts'
import { createRing } from '../../src/ring.ts'

const CIRCLE = 2 ** 32

function nodesOf(count: number): RingNode[] {
  return Array.from({ length: count }, (_, at) => ({ id: `node-${at}` }))
}

/** A placement with these arcs: each ends at `to` and belongs to the node with that id. */
function placed(
  nodes: readonly RingNode[],
  arcs: readonly (readonly [to: number, id: string])[],
): ArcPlacement<RingNode> {
  return {
    nodes,
    fingerprint: '',
    overrides: new Map(),
    position: () => 0,
    owner: () => undefined,
    replicas: () => [],
    boundaries: () => Uint32Array.from(arcs, ([to]) => to),
    replicasAt(position) {
      const [, id] = arcs.find(([to]) => position <= to) ?? arcs[0]!
      return nodes.filter((node) => node.id === id)
    },
  }
}

const QUARTER = CIRCLE / 4

describe('ownership', () => {
  it('counts positions, arcs and what is expected', () => {
    const nodes = [{ id: 'a', weight: 3 }, { id: 'b' }, { id: 'off', weight: 0 }]
    const placement = placed(nodes, [
      [QUARTER - 1, 'a'],
      [2 * QUARTER - 1, 'b'],
      [3 * QUARTER - 1, 'b'],
      [CIRCLE - 2, 'a'],
    ])
    // The last arc stops one short of the end, so the first begins there: it wraps.
    expect([...ownership(placement).values()]).toEqual([
      { node: nodes[0], positions: 2 * QUARTER, share: 0.5, arcs: 1, expected: 0.75 },
      { node: nodes[1], positions: 2 * QUARTER, share: 0.5, arcs: 1, expected: 0.25 },
      { node: nodes[2], positions: 0, share: 0, arcs: 0, expected: 0 },
    ])
  })

  it('sums to 2^32 exactly and agrees with the boundaries', () => {
    const weights = fc.array(fc.constantFrom(0, 0.3, 1, 2.5), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 60 }), (some, vnodes) => {
        const ring = createRing(
          some.map((weight, at) => ({ id: `n${at}`, weight })),
          { vnodes },
        )
        const owned = [...ownership(ring).values()]
        expect(owned.map(({ node }) => node)).toEqual(ring.nodes)
        const anybody = some.some((weight) => weight > 0)
        expect(owned.reduce((sum, { positions }) => sum + positions, 0)).toBe(anybody ? CIRCLE : 0)
        expect(owned.reduce((sum, { expected }) => sum + expected, 0)).toBeCloseTo(anybody ? 1 : 0, 10)
        for (const { node, positions, arcs } of owned) {
          expect(positions > 0).toBe(node.weight !== 0)
          expect(arcs).toBeLessThanOrEqual(ring.pointsOf(node.id))
        }
      }),
      { seed: 5, numRuns: 100 },
    )
  })

  it('agrees with where keys go', () => {
    const ring = createRing([{ id: 'a', weight: 4 }, { id: 'b' }, { id: 'c', weight: 2 }])
    const counts = new Map<string, number>()
    for (let key = 0; key < 40_000; key++) {
      const { id } = ring.owner(`k${key}`)!
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    for (const [id, { share }] of ownership(ring))
      expect((counts.get(id) ?? 0) / 40_000).toBeCloseTo(share, 1.7)
  })

  it('gives a sole node one arc of everything, and nobody anything when there is none', () => {
    expect(ownership(createRing([{ id: 'a' }])).get('a')).toMatchObject({
      positions: CIRCLE,
      share: 1,
      arcs: 1,
      expected: 1,
    })
    expect(ownership(createRing([])).size).toBe(0)
    const drained = ownership(createRing([{ id: 'a', weight: 0 }])).get('a')
    expect(drained).toMatchObject({ positions: 0, share: 0, arcs: 0, expected: 0 })
  })

  it('expects sane shares of weights near the largest number', () => {
    const placement = placed(
      [
        { id: 'a', weight: Number.MAX_VALUE },
        { id: 'b', weight: Number.MAX_VALUE },
      ],
      [[7, 'a']],
    )
    expect(ownership(placement).get('b')!.expected).toBe(0.5)
  })
})

describe('stats', () => {
  it('measures against the weights', () => {
    const nodes = [{ id: 'a', weight: 2 }, { id: 'b' }, { id: 'c' }, { id: 'off', weight: 0 }]
    const fair = placed(nodes, [
      [QUARTER * 2 - 1, 'a'],
      [QUARTER * 3 - 1, 'b'],
      [CIRCLE - 1, 'c'],
    ])
    expect(stats(fair)).toEqual({
      peakToAverage: 1,
      coefficientOfVariation: 0,
      minShare: 0.25,
      maxShare: 0.5,
    })
    const unfair = placed(nodes, [
      [QUARTER - 1, 'a'],
      [QUARTER * 3 - 1, 'b'],
      [CIRCLE - 1, 'c'],
    ])
    expect(stats(unfair)).toEqual({
      peakToAverage: 2,
      coefficientOfVariation: Math.sqrt((0.25 + 1 + 0) / 3),
      minShare: 0.25,
      maxShare: 0.5,
    })
  })

  it('counts a node that should own something and does not', () => {
    const nothing = placed([{ id: 'a' }, { id: 'b' }], [[7, 'a']])
    expect(stats(nothing)).toEqual({ peakToAverage: 2, coefficientOfVariation: 1, minShare: 0, maxShare: 1 })
  })

  it('finds the spread of a ring within 1.15/√points', () => {
    expect(stats(createRing(nodesOf(100))).coefficientOfVariation).toBeLessThan(1.15 / Math.sqrt(160))
    expect(stats(createRing(nodesOf(100), { vnodes: 20 })).coefficientOfVariation).toBeGreaterThan(
      0.8 / Math.sqrt(20),
    )
  })

  it('has an answer for one node and for none', () => {
    const none = { peakToAverage: 0, coefficientOfVariation: 0, minShare: 0, maxShare: 0 }
    expect(stats(createRing([]))).toEqual(none)
    expect(stats(createRing([{ id: 'a', weight: 0 }]))).toEqual(none)
    const sole = { peakToAverage: 1, coefficientOfVariation: 0, minShare: 1, maxShare: 1 }
    expect(stats(createRing([{ id: 'a' }, { id: 'b', weight: 0 }]))).toEqual(sole)
  })
})
