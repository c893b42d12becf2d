import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { RingNode } from '../../src/core/members.ts'
import { createPartitions, type Partitions, type PartitionsJSON } from '../../src/strategies/partitions.ts'
import { partitionsFromJSON } from '../../src/strategies/partitions-json.ts'
import { keys, members, servers } from './given.ts'

const RUNS = { seed: 7, numRuns: 80 }
const counts = fc.constantFrom(1, 2, 64, 256)
const bounds = fc.constantFrom(undefined, 1 + Number.EPSILON, 1.05, 1.5, 10)

function make(nodes: readonly RingNode[], count: number, maxLoad?: number): Partitions {
  return createPartitions(nodes, { count, ...(maxLoad === undefined ? {} : { maxLoad }) })
}

function table(partitions: Partitions): (string | undefined)[] {
  return Array.from({ length: partitions.count }, (_, partition) => partitions.ownerOf(partition)?.id)
}

describe('createPartitions', () => {
  it('moves partitions only to or from a node that comes, goes or changes its weight', () => {
    const property = fc.property(
      members(),
      counts,
      fc.nat(),
      fc.integer({ min: 0, max: 9 }),
      (nodes, count, pick, weight) => {
        const { id } = nodes[pick % nodes.length] as RingNode
        const all = make(nodes, count)
        const before = table(all)
        for (const other of [
          all.without(id),
          all.withWeight(id, weight),
          all.without(id).with({ id, weight }),
        ]) {
          for (const [partition, after] of table(other).entries()) {
            const was = before[partition]
            expect(was === after || was === id || after === id).toBe(true)
          }
        }
      },
    )
    fc.assert(property, RUNS)
  })

  it('depends on the set only, with a bound and without', () => {
    const property = fc.property(members(), counts, bounds, fc.nat(), (nodes, count, maxLoad, pick) => {
      const at = pick % nodes.length
      const turned = [...nodes.slice(at), ...nodes.slice(0, at)].reverse()
      const direct = make(nodes, count, maxLoad)
      const [first, ...others] = turned as [RingNode, ...RingNode[]]
      let steps = make([{ id: 'passing-by' }, { ...first, weight: 3 }], count, maxLoad)
      for (const node of others) steps = steps.with(node)
      steps = steps.without('passing-by').withWeight(first.id, first.weight as number)
      for (const other of [
        steps,
        make(turned, count, maxLoad),
        make([], count, maxLoad).withMembers(turned),
      ]) {
        expect(table(other)).toEqual(table(direct))
        expect(other.fingerprint).toBe(direct.fingerprint)
      }
    })
    fc.assert(property, RUNS)
  })

  it('gives nobody more than the bound, and every partition to somebody', () => {
    const property = fc.property(members(30), counts, bounds, (nodes, count, maxLoad = 2) => {
      const bounded = make(nodes, count, maxLoad)
      const total = nodes.reduce((sum, { weight }) => sum + (weight as number) / 1e300, 0) * 1e300
      let placed = 0
      for (const { id, weight } of nodes) {
        const own = bounded.partitionsOf(id).length
        placed += own
        const most = Math.ceil(maxLoad * count * ((weight as number) / total) * (1 + 1e-12))
        expect(own).toBeLessThanOrEqual(weight === 0 ? 0 : Math.max(1, most))
      }
      expect(placed).toBe(nodes.some(({ weight }) => weight !== 0) ? count : 0)
    })
    fc.assert(property, RUNS)
  })

  it('keeps a tight bound for many nodes, where the first choices do not', () => {
    const loads = (partitions: Partitions): number[] =>
      partitions.nodes.map(({ id }) => partitions.partitionsOf(id).length)
    const nodes = servers(100)
    expect(Math.max(...loads(make(nodes, 4096)))).toBeGreaterThan(50)
    expect(Math.max(...loads(make(nodes, 4096, 1.1)))).toBe(Math.ceil((1.1 * 4096) / 100))
    const exact = loads(make(nodes, 4096, 1 + Number.EPSILON))
    expect(Math.max(...exact)).toBe(41)
  })

  it('bounds weights whose sum is not finite', () => {
    const bounded = make(
      servers(3, () => Number.MAX_VALUE),
      256,
      1.1,
    )
    const loads = bounded.nodes.map(({ id }) => bounded.partitionsOf(id).length)
    expect(Math.max(...loads)).toBeLessThanOrEqual(94)
    expect(loads.reduce((sum, load) => sum + load)).toBe(256)
  })

  it('keeps first choices where a bound leaves room', () => {
    const free = make(servers(20), 1024)
    const bounded = make(servers(20), 1024, 1.1)
    const wide = make(servers(20), 1024, 5)
    expect(table(wide)).toEqual(table(free))
    expect(wide.fingerprint).toBe(free.fingerprint)
    expect(bounded.fingerprint).not.toBe(free.fingerprint)
    const changed = table(bounded).filter((owner, at) => owner !== free.ownerOf(at)?.id).length
    const over = free.nodes.reduce((sum, { id }) => sum + Math.max(0, free.partitionsOf(id).length - 57), 0)
    expect(changed).toBeGreaterThanOrEqual(over)
    expect(changed).toBeLessThan(over + 50)
  })

  it('gives distinct replicas, the owner first, fewer as the beginning of more', () => {
    const property = fc.property(members(20), counts, bounds, fc.string(), (nodes, count, maxLoad, key) => {
      const partitions = make(nodes, count, maxLoad)
      const all = partitions.replicas(key, 100)
      expect(all.length).toBe(nodes.filter(({ weight }) => weight !== 0).length)
      expect(new Set(all).size).toBe(all.length)
      expect(all[0]).toBe(partitions.owner(key))
      expect([...partitions.walk(key)]).toEqual(all)
      expect(partitions.replicas(key, 100, { skip: () => false })).toEqual(all)
      for (let wanted = 1; wanted <= all.length; wanted++) {
        expect(partitions.replicas(key, wanted)).toEqual(all.slice(0, wanted))
      }
    })
    fc.assert(property, RUNS)
  })

  it('has arcs that end where their boundaries say', () => {
    const property = fc.property(members(), counts, bounds, (nodes, count, maxLoad) => {
      const partitions = make(nodes, count, maxLoad)
      const ends = partitions.boundaries()
      if (partitions.owner('') === undefined) return expect(ends.length).toBe(0)
      expect(ends.length).toBe(count)
      expect(ends.at(-1)).toBe(2 ** 32 - 1)
      for (const [partition, end] of ends.entries()) {
        const next = (end + 1) % 2 ** 32
        expect(partitions.replicasAt(end, 1)[0]).toBe(partitions.ownerOf(partition))
        expect(partitions.replicasAt(next, 1)[0]).toBe(partitions.ownerOf((partition + 1) % count))
      }
    })
    fc.assert(property, RUNS)
  })

  it('puts a key into the partition of its topmost bits, whoever the members are', () => {
    for (const count of [1, 2, 4096, 2 ** 20]) {
      const partitions = make(servers(2), count)
      for (const key of keys(100)) {
        const partition = Math.floor(partitions.position(key) / (2 ** 32 / count))
        expect(partitions.partitionOf(key)).toBe(partition)
        expect(partitions.owner(key)).toBe(partitions.ownerOf(partition))
      }
    }
  })

  it('shares partitions in proportion to the weights', () => {
    const weights = [0.5, 1, 2, 4, 0, 2.5]
    const partitions = make(
      servers(6, (at) => weights[at] as number),
      65_536,
    )
    for (const [at, weight] of weights.entries()) {
      const expected = (65_536 * weight) / 10
      const own = partitions.partitionsOf(`10.0.0.${at}:7000`)
      expect(Math.abs(own.length - expected)).toBeLessThanOrEqual(3.5 * Math.sqrt(expected))
      for (const partition of own.slice(0, 10))
        expect(partitions.ownerOf(partition)?.id).toBe(`10.0.0.${at}:7000`)
    }
  })

  it('spreads replicas over zones', () => {
    const partitions = make(
      servers(9).map((node, at) => ({ ...node, zone: `z${at % 3}` })),
      64,
      1.1,
    )
    for (const key of keys(50)) {
      const spread = partitions.replicas(key, 3, { spread: 'zone' })
      expect(new Set(spread.map(({ zone }) => zone)).size).toBe(3)
      expect(spread[0]).toBe(partitions.owner(key))
    }
  })

  it('looks nodes up, with new fields when they are given anew', () => {
    const partitions = createPartitions(
      [
        { id: 'a', url: '1' },
        { id: 'b', url: '2' },
      ],
      { count: 16 },
    )
    const next = partitions.withMembers([
      { id: 'a', url: '3' },
      { id: 'b', url: '4' },
    ])
    expect(partitions.node('a')?.url).toBe('1')
    expect(next.ownerOf(0)?.url).toMatch(/[34]/)
    expect(partitions.node('c')).toBeUndefined()
  })

  it('hashes only what is new', () => {
    const hashed: unknown[] = []
    const hash = { name: 'noted', hash: (data: unknown): number => hashed.push(data) * 0x9e3779b }
    const partitions = createPartitions(servers(5), { hash, count: 16 })
    hashed.length = 0
    partitions.with({ id: 'new' }).withWeight('new', 2).without('new')
    expect(hashed).toEqual(['0:new', '1:new'])
  })

  it.each([0, -4, 3, 4095, 2 ** 21, 1.5, NaN])('refuses a count of %s', (count) => {
    expect(() => make([], count)).toThrow(expect.objectContaining({ code: 'RING_INVALID_OPTION' }))
  })

  it.each([1, 0.5, -1, NaN, Infinity])('refuses a bound of %s', (maxLoad) => {
    expect(() => make([], 16, maxLoad)).toThrow(expect.objectContaining({ code: 'RING_INVALID_OPTION' }))
  })

  it('refuses other bad input', () => {
    const code = (is: string): unknown => expect.objectContaining({ code: is })
    const partitions = make(servers(2), 16)
    expect(() => partitions.ownerOf(16)).toThrow(code('RING_INVALID_OPTION'))
    expect(() => partitions.partitionsOf('x')).toThrow(code('RING_UNKNOWN_NODE'))
    expect(() => partitions.without('x')).toThrow(code('RING_UNKNOWN_NODE'))
    expect(() => partitions.with({ id: '10.0.0.1:7000' })).toThrow(code('RING_DUPLICATE_NODE'))
    expect(() => partitions.replicas('k', 0)).toThrow(code('RING_INVALID_OPTION'))
    expect(() => createPartitions([], { vnodes: 3 } as never)).toThrow(code('RING_INVALID_OPTION'))
  })
})

describe('fingerprint', () => {
  it('is of what decides', () => {
    const base = make(servers(5), 256)
    expect(
      make(
        servers(5, () => 2),
        256,
      ).fingerprint,
    ).toBe(base.fingerprint)
    expect(base.with({ id: 'drained', weight: 0 }).fingerprint).toBe(base.fingerprint)
    const others = [
      createPartitions(servers(5), { count: 256, seed: 1 }),
      make(servers(5), 512),
      make(servers(6), 256),
      make(
        servers(5, (at) => (at === 0 ? 1.0001 : 1)),
        256,
      ),
      make(
        servers(5).map((node) => ({ ...node, zone: 'z' })),
        256,
      ),
    ]
    expect(new Set([base, ...others].map(({ fingerprint }) => fingerprint)).size).toBe(6)
  })
})

describe('partitionsFromJSON', () => {
  it('makes the same partitions again', () => {
    for (const maxLoad of [undefined, 1.1]) {
      const partitions = make(
        servers(7, (at) => at),
        128,
        maxLoad,
      )
      const again = partitionsFromJSON(JSON.parse(JSON.stringify(partitions)) as PartitionsJSON)
      expect(table(again)).toEqual(table(partitions))
      expect(again.toJSON()).toEqual(partitions.toJSON())
    }
  })

  it('refuses what it would place differently', () => {
    const json = make(servers(3), 16).toJSON()
    const altered = [
      { ...json, v: 2 },
      { ...json, strategy: 'ring' },
      { ...json, hash: 'md5' },
      { ...json, nodes: undefined },
      { ...json, seed: 1 },
      { ...json, count: 32 },
      { ...json, maxLoad: 1.01 },
      { ...json, nodes: json.nodes.slice(1) },
      null,
    ]
    for (const one of altered) {
      expect(() => partitionsFromJSON(one as never)).toThrow(
        expect.objectContaining({ code: 'RING_MISMATCH' }),
      )
    }
    const hash = { name: 'xxh32', hash: () => 1 }
    expect(() => partitionsFromJSON(json, { hash })).toThrow(
      expect.objectContaining({ code: 'RING_MISMATCH' }),
    )
  })

  it('asks for no more draws than allowed, and says so before it makes any', () => {
    const json = make(servers(3), 16).toJSON()
    expect(partitionsFromJSON(json, { maxDraws: 48 }).fingerprint).toBe(json.fingerprint)
    expect(() => partitionsFromJSON(json, { maxDraws: 47 })).toThrow(
      'asks for 48 draws, maxDraws allows 47; if you trust where it comes from, pass a greater maxDraws',
    )
    const hash = { name: 'xxh32', hash: vi.fn(() => 1) }
    const call = (): unknown => partitionsFromJSON({ ...json, count: 2 ** 20, nodes: servers(257) }, { hash })
    expect(call).toThrow(/maxDraws allows 268435456/)
    expect(call).toThrow(expect.objectContaining({ code: 'RING_MISMATCH' }))
    expect(hash.hash).not.toHaveBeenCalled()
    expect(() => partitionsFromJSON({ ...json, count: Number.NaN })).toThrow(/count must be/)
    expect(() => partitionsFromJSON(json, { maxDraws: 0 })).toThrow(
      expect.objectContaining({ code: 'RING_INVALID_OPTION' }),
    )
  })
})
