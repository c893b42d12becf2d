import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRing, type Ring, type RingNode } from '../src/index.ts'
import { anyMembers, servers, users } from './nodes.ts'

const KEYS = users(2000)

function placesOf(ring: Ring): string[] {
  return KEYS.map((key) => ring.owner(key)?.id ?? '')
}

/** Keys that moved although neither their old owner nor their new one is `id`. */
function excess(before: Ring, after: Ring, id: string): number {
  const [from, to] = [placesOf(before), placesOf(after)]
  return from.filter((owner, at) => owner !== to[at] && owner !== id && to[at] !== id).length
}

describe('movement', () => {
  it('of one node in or out, for 1 to 200 nodes: only to it and from it', () => {
    let ring = createRing<RingNode>([])
    for (const node of servers(200)) {
      const next = ring.with(node)
      expect(excess(ring, next, node.id)).toBe(0)
      ring = next
    }
    for (const { id } of servers(200).toReversed().slice(0, 60)) {
      const next = ring.without(id)
      expect(excess(ring, next, id)).toBe(0)
      ring = next
    }
  })

  it('of any members with any weights: only to or from the one that changes', () => {
    fc.assert(
      fc.property(
        anyMembers,
        fc.nat(),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (members, pick, weight) => {
          const ring = createRing(members, { vnodes: 20 })
          const { id } = members[pick % members.length] as RingNode
          expect(excess(ring, ring.without(id), id)).toBe(0)
          expect(excess(ring, ring.withWeight(id, weight), id)).toBe(0)
        },
      ),
      { seed: 3, numRuns: 60 },
    )
  })

  it('keeps everybody when points of real ids collide', () => {
    // Brute force over node-0 … node-1199 with 200 points each: several pairs share a point (expected: 6.7).
    const nodes = Array.from({ length: 1200 }, (_, at) => ({ id: `node-${at}` }))
    const ring = createRing(nodes, { vnodes: 200 })
    const points = nodes.length * 200
    expect(ring.boundaries().length).toBeLessThan(points)
    expect(points - ring.boundaries().length).toBeLessThan(30)
    const shuffled = createRing(nodes.toReversed(), { vnodes: 200 })
    expect(shuffled.fingerprint).toBe(ring.fingerprint)
    const without = ring.without('node-600')
    expect(without.with({ id: 'node-600' }).fingerprint).toBe(ring.fingerprint)
    expect(excess(ring, without, 'node-600')).toBe(0)
  })
})

describe('the result depends on the set alone', () => {
  it('whatever the way there', () => {
    fc.assert(
      fc.property(anyMembers, anyMembers, (members, others) => {
        const direct = createRing(members, { vnodes: 20 })
        const detour = createRing(others, { vnodes: 20 }).withMembers(members.toReversed())
        let oneByOne = createRing<RingNode>([], { vnodes: 20 })
        for (const node of members) oneByOne = oneByOne.with(node)
        expect(placesOf(detour)).toEqual(placesOf(direct))
        expect(placesOf(oneByOne)).toEqual(placesOf(direct))
        expect([detour.fingerprint, oneByOne.fingerprint]).toEqual([direct.fingerprint, direct.fingerprint])
      }),
      { seed: 4, numRuns: 60 },
    )
  })
})

describe('replicas', () => {
  it('are distinct, begin with the owner, and fewer are a prefix of more', () => {
    fc.assert(
      fc.property(anyMembers, fc.string(), (members, key) => {
        const ring = createRing(members, { vnodes: 20 })
        const all = ring.replicas(key, 50)
        expect(new Set(all).size).toBe(all.length)
        expect(all[0]).toBe(ring.owner(key))
        for (let count = 1; count <= all.length; count++) {
          expect(ring.replicas(key, count)).toEqual(all.slice(0, count))
          expect(ring.replicas(key, count, { skip: () => false })).toEqual(all.slice(0, count))
        }
      }),
      { seed: 5, numRuns: 100 },
    )
  })
})

describe('fingerprints', () => {
  it('are equal for rings that place alike, however they were made', () => {
    const one = createRing(servers(5), { vnodes: 100 })
    const two = createRing(
      servers(5, (node) => ({ ...node, weight: 2 })),
      { vnodes: 50 },
    )
    expect(two.fingerprint).toBe(one.fingerprint)
    expect(one.with({ id: 'drained', weight: 0 }).fingerprint).toBe(one.fingerprint)
    const owner = one.owner('k')?.id ?? ''
    expect(one.withOverrides({ k: owner }).fingerprint).toBe(one.fingerprint)
    expect(one.withOverrides({ k: 'nobody' }).fingerprint).toBe(one.fingerprint)
  })

  it('differ whenever a placement does', () => {
    fc.assert(
      fc.property(anyMembers, anyMembers, (members, others) => {
        const [a, b] = [createRing(members, { vnodes: 3 }), createRing(others, { vnodes: 3 })]
        const alike = placesOf(a).every((owner, at) => owner === placesOf(b)[at])
        if (a.fingerprint === b.fingerprint) expect(alike).toBe(true)
        if (!alike) expect(a.fingerprint).not.toBe(b.fingerprint)
      }),
      { seed: 6, numRuns: 60 },
    )
    const ring = createRing(servers(5))
    const others = [
      createRing(servers(5), { seed: 1 }),
      createRing(servers(5), { vnodes: 161 }),
      createRing(servers(5, (node) => ({ ...node, zone: 'z' }))),
      ring.withWeight('10.0.0.0:7000', 1.01),
      ring.withOverrides({ k: ring.replicas('k', 2)[1]?.id ?? '' }),
      ring.without('10.0.0.4:7000'),
    ]
    const prints = [ring, ...others].map(({ fingerprint }) => fingerprint)
    expect(new Set(prints).size).toBe(prints.length)
    expect(ring.fingerprint).toMatch(/^[0-9a-f]{32}$/)
  })

  it('are the same in every process and release', () => {
    expect(createRing(servers(3)).fingerprint).toBe('dae2427d4dd7cca83e6cd0fadae21d87')
  })
})

describe('spread', () => {
  it('of arcs follows the law of random points', () => {
    for (const vnodes of [40, 160, 640]) {
      const ring = createRing(servers(100), { vnodes })
      const share = new Map<string, number>()
      let from = 0
      for (const boundary of ring.boundaries()) {
        const [owner] = ring.replicasAt(boundary, 1)
        const id = owner?.id ?? ''
        share.set(id, (share.get(id) ?? 0) + boundary - from)
        from = boundary
      }
      const mean = 2 ** 32 / 100
      const variance = [...share.values()].reduce((sum, value) => sum + (value / mean - 1) ** 2, 0) / 100
      expect(Math.sqrt(variance)).toBeLessThan(1.15 / Math.sqrt(vnodes))
    }
  })
})
