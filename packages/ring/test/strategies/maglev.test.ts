import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { populate } from '../../src/core/maglev.ts'
import type { RingNode } from '../../src/core/members.ts'
import { createMaglev } from '../../src/strategies/maglev.ts'
import { counted, keys, members, servers } from './given.ts'

const RUNS = { seed: 11, numRuns: 100 }
const sizes = fc.constantFrom(13, 251, 1009)

describe('populate', () => {
  // Table 1 of the paper: 3 0 4 1 5 2 6, 0 2 4 6 1 3 5 and 3 4 5 6 0 1 2.
  const b0 = { offset: 3, skip: 4, turns: 1 }
  const b1 = { offset: 0, skip: 2, turns: 1 }
  const b2 = { offset: 3, skip: 1, turns: 1 }

  it('fills the table of the paper', () => {
    expect([...populate(7, [b0, b1, b2])]).toEqual([1, 0, 1, 0, 2, 2, 0])
  })

  it('fills it as the paper has it without B1', () => {
    expect([...populate(7, [b0, b2])]).toEqual([0, 0, 0, 0, 1, 1, 1])
  })

  it('gives those of half the turns every other one, and the first', () => {
    const counts = counted([...populate(7, [b0, { ...b2, turns: 0.5 }])].map(String))
    expect([counts.get('0'), counts.get('1')]).toEqual([5, 2])
    const larger = counted([...populate(1009, [b0, { ...b2, turns: 0.25 }])].map(String))
    expect(larger.get('1')).toBe(202)
  })
})

describe('createMaglev', () => {
  it('gives equal nodes equal shares, within one slot', () => {
    const counts = slotsOf(servers(100), 65_537)
    expect([...counts.values()].every((count) => count === 655 || count === 656)).toBe(true)
    expect(counts.size).toBe(100)
  })

  it('shares slots in proportion to the weights', () => {
    const weights = [0.5, 1, 2, 4, 0, 2.5]
    const counts = slotsOf(
      servers(6, (at) => weights[at] as number),
      65_537,
    )
    for (const [at, weight] of weights.entries()) {
      expect(Math.abs((counts.get(`10.0.0.${at}:7000`) ?? 0) - 6553.7 * weight)).toBeLessThanOrEqual(2)
    }
  })

  it('gives each node that is not drained a slot, however small its weight', () => {
    const property = fc.property(members(13), sizes, (nodes, size) => {
      const owners = slotsOf(nodes, size)
      const awake = nodes.filter(({ weight }) => weight !== 0)
      expect(new Set(owners.keys())).toEqual(new Set(awake.map(({ id }) => id)))
    })
    fc.assert(property, RUNS)
  })

  it('moves few keys between those that stay', () => {
    const before = createMaglev(servers(100))
    const after = before.without('10.0.0.50:7000')
    let excess = 0
    const asked = keys(20_000)
    for (const key of asked) {
      const was = before.owner(key)?.id
      if (was !== '10.0.0.50:7000' && was !== after.owner(key)?.id) excess++
    }
    expect(excess / asked.length).toBeLessThan(0.012)
    expect(excess).toBeGreaterThan(0)
  })

  it('depends on the set only', () => {
    const property = fc.property(members(), sizes, fc.nat(), (nodes, size, pick) => {
      const at = pick % nodes.length
      const [first, ...others] = [...nodes.slice(at), ...nodes.slice(0, at)].reverse() as [
        RingNode,
        ...RingNode[],
      ]
      const direct = createMaglev(nodes, { size })
      let steps = createMaglev<RingNode>([{ ...first, weight: 3 }], { size })
      for (const node of others) steps = steps.with(node)
      steps = steps
        .with({ id: 'passing-by' })
        .without('passing-by')
        .withWeight(first.id, first.weight as number)
      expect(steps.fingerprint).toBe(direct.fingerprint)
      for (const key of keys(50)) expect(steps.replicas(key, 20)).toEqual(direct.replicas(key, 20))
    })
    fc.assert(property, RUNS)
  })

  it('gives distinct replicas, the owner first, fewer as the beginning of more', () => {
    const property = fc.property(members(), sizes, fc.string(), (nodes, size, key) => {
      const maglev = createMaglev(nodes, { size })
      const all = maglev.replicas(key, 100)
      expect(all.length).toBe(nodes.filter(({ weight }) => weight !== 0).length)
      expect(new Set(all).size).toBe(all.length)
      expect(all[0]).toBe(maglev.owner(key))
      expect([...maglev.walk(key)]).toEqual(all)
      for (let count = 1; count <= all.length; count++)
        expect(maglev.replicas(key, count)).toEqual(all.slice(0, count))
    })
    fc.assert(property, RUNS)
  })

  it('has arcs that end where their boundaries say', () => {
    for (const size of [2, 13, 65_537, 1_048_573]) {
      let hashed = 0
      const hash = { name: 'given', hash: (data: unknown): number => (data === 'key' ? hashed : 17) }
      const maglev = createMaglev(servers(2), { size, hash })
      const ends = maglev.boundaries()
      expect([ends.length, ends.at(-1)]).toEqual([size, 2 ** 32 - 1])
      const slotAt = (position: number): number => Number((BigInt(position) * BigInt(size)) >> 32n)
      for (let slot = 0; slot < size; slot += Math.ceil(size / 5000)) {
        hashed = ends[slot] as number
        expect(slotAt(hashed)).toBe(slot)
        expect(slotAt(hashed + 1)).toBe(slot + 1)
        expect(maglev.owner('key')).toBe(maglev.replicasAt(hashed, 1)[0])
      }
    }
  })

  it('spreads over zones and passes over nodes', () => {
    const maglev = createMaglev(
      servers(9).map((node, at) => ({ ...node, zone: `z${at % 3}` })),
      { size: 1009 },
    )
    for (const key of keys(50)) {
      expect(new Set(maglev.replicas(key, 3, { spread: 'zone' }).map(({ zone }) => zone)).size).toBe(3)
      const owner = maglev.owner(key)
      expect(maglev.replicas(key, 1, { skip: (node) => node === owner })).toEqual(
        maglev.replicas(key, 2).slice(1),
      )
    }
  })

  it('has a fingerprint of what decides', () => {
    const base = createMaglev(servers(5), { size: 251 })
    expect(
      createMaglev(
        servers(5, () => 3),
        { size: 251 },
      ).fingerprint,
    ).toBe(base.fingerprint)
    expect(base.with({ id: 'drained', weight: 0 }).fingerprint).toBe(base.fingerprint)
    const others = [
      createMaglev(servers(5), { size: 251, seed: 1 }),
      createMaglev(servers(5), { size: 257 }),
      createMaglev(servers(6), { size: 251 }),
    ]
    expect(new Set([base, ...others].map(({ fingerprint }) => fingerprint)).size).toBe(4)
  })

  it.each([0, 1, 4, 65_536, 65_539 * 3, 1_048_583, 2.5, NaN])('refuses a size of %s', (size) => {
    expect(() => createMaglev([], { size })).toThrow(expect.objectContaining({ code: 'RING_INVALID_OPTION' }))
  })

  it('owns nothing without nodes, and refuses bad input', () => {
    const code = (is: string): unknown => expect.objectContaining({ code: is })
    const none = createMaglev<RingNode>([{ id: 'a', weight: 0 }])
    expect(none.owner('k')).toBeUndefined()
    expect(none.replicas('k', 3)).toEqual([])
    expect(none.boundaries().length).toBe(0)
    expect(() => createMaglev(servers(8), { size: 7 })).toThrow(code('RING_INVALID_OPTION'))
    expect(createMaglev(servers(7), { size: 7 }).replicas('k', 9).length).toBe(7)
    expect(() => none.without('x')).toThrow(code('RING_UNKNOWN_NODE'))
    expect(() => none.with({ id: 'a' })).toThrow(code('RING_DUPLICATE_NODE'))
    expect(() => none.replicas('k', 1.5)).toThrow(code('RING_INVALID_OPTION'))
    expect(() => createMaglev([], { count: 7 } as never)).toThrow(code('RING_INVALID_OPTION'))
  })
})

function slotsOf(nodes: readonly RingNode[], size: number): Map<string | undefined, number> {
  const maglev = createMaglev(nodes, { size })
  return counted(Array.from(maglev.boundaries(), (end) => maglev.replicasAt(end, 1)[0]?.id))
}
