import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RingNode } from '../../src/core/members.ts'
import { minusLog, mix } from '../../src/core/rendezvous.ts'
import { createRendezvous } from '../../src/strategies/rendezvous.ts'
import { counted, keys, members, servers } from './given.ts'

const KEYS = keys(200)
const RUNS = { seed: 5, numRuns: 80 }

function owners(nodes: readonly RingNode[], asked = KEYS): (string | undefined)[] {
  const placement = createRendezvous(nodes)
  return asked.map((key) => placement.owner(key)?.id)
}

describe('minusLog', () => {
  it('is -ln(u) within a few units of the last place', () => {
    const property = fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }),
      fc.integer({ min: 0, max: 52 }),
      (bits, shift) => {
        const u = Number((bits >> BigInt(shift)) * 2n + 1n) / 2 ** 53
        for (const value of [u, 1 - u]) {
          expect(Math.abs(minusLog(value) + Math.log(value))).toBeLessThanOrEqual(-Math.log(value) * 1e-15)
        }
      },
    )
    fc.assert(property, { seed: 1, numRuns: 3000 })
  })

  it('is above 0 and finite at both ends', () => {
    expect(minusLog(1 - 2 ** -53)).toBeGreaterThan(0)
    expect(minusLog(2 ** -53)).toBeCloseTo(53 * Math.LN2, 12)
  })
})

describe('mix', () => {
  it('turns each bit of the result with each bit of what goes in, with a chance of one half', () => {
    const flips = new Float64Array(96 * 32)
    const rounds = 1000
    for (let round = 0; round < rounds; round++) {
      const words = [mix(round, 1, 2), mix(round, 3, 4), mix(round, 5, 6)] as const
      const base = mix(...words)
      for (let bit = 0; bit < 96; bit++) {
        const changed = words.map((word, at) => (at === bit >> 5 ? word ^ (1 << (bit & 31)) : word))
        const difference = base ^ mix(changed[0] as number, changed[1] as number, changed[2] as number)
        for (let out = 0; out < 32; out++) (flips[bit * 32 + out] as number) += (difference >>> out) & 1
      }
    }
    // Standard deviation 1.6 %; the worst of 3072 is some four of them.
    for (const count of flips) expect(Math.abs(count / rounds - 0.5)).toBeLessThan(0.08)
  })
})

describe('createRendezvous', () => {
  it('moves keys only to or from a node that comes, goes or changes its weight', () => {
    const property = fc.property(
      members(),
      fc.nat(),
      fc.integer({ min: 0, max: 9 }),
      (nodes, pick, weight) => {
        const all = createRendezvous(nodes)
        const { id } = nodes[pick % nodes.length] as RingNode
        for (const other of [all.without(id), all.withWeight(id, weight)]) {
          for (const key of KEYS) {
            const before = all.owner(key)?.id
            const after = other.owner(key)?.id
            expect(before === after || before === id || after === id).toBe(true)
          }
        }
      },
    )
    fc.assert(property, RUNS)
  })

  it('moves keys one way only when a weight grows', () => {
    const before = owners(servers(10), keys(5000))
    const after = owners(
      servers(10, (at) => (at === 3 ? 2 : 1)),
      keys(5000),
    )
    const moved = after.filter((owner, at) => owner !== before[at])
    expect(new Set(moved)).toEqual(new Set(['10.0.0.3:7000']))
    // From 1/10 to 2/11.
    expect(Math.abs(moved.length / 5000 - 9 / 110)).toBeLessThan(0.015)
  })

  it('depends on the set only', () => {
    const property = fc.property(members(), fc.nat(), (nodes, pick) => {
      const at = pick % nodes.length
      const turned = [...nodes.slice(at), ...nodes.slice(0, at)].reverse()
      const direct = createRendezvous(nodes)
      const [first, ...others] = turned as [RingNode, ...RingNode[]]
      let steps = createRendezvous([{ id: 'passing-by' }, { ...first, weight: 3 }])
      for (const node of others) steps = steps.with(node)
      steps = steps.without('passing-by').withWeight(first.id, first.weight as number)
      expect(steps.fingerprint).toBe(direct.fingerprint)
      for (const key of KEYS.slice(0, 50)) expect(steps.replicas(key, 20)).toEqual(direct.replicas(key, 20))
    })
    fc.assert(property, RUNS)
  })

  it('gives distinct replicas, the owner first, fewer as the beginning of more', () => {
    const property = fc.property(members(20), fc.string(), (nodes, key) => {
      const placement = createRendezvous(nodes)
      const all = placement.replicas(key, 100)
      expect(new Set(all).size).toBe(nodes.filter(({ weight }) => weight !== 0).length)
      expect(new Set(all).size).toBe(all.length)
      expect(all[0]).toBe(placement.owner(key))
      expect([...placement.walk(key)]).toEqual(all)
      for (let count = 1; count <= all.length; count++) {
        expect(placement.replicas(key, count)).toEqual(all.slice(0, count))
      }
    })
    fc.assert(property, RUNS)
  })

  it('makes the next replica the owner when the owner goes', () => {
    const placement = createRendezvous(servers(20, (at) => 1 + (at % 4)))
    for (const key of KEYS) {
      const [owner, next] = placement.replicas(key, 2) as [RingNode, RingNode]
      expect(placement.without(owner.id).owner(key)?.id).toBe(next.id)
    }
  })

  it('shares keys in proportion to the weights, as evenly as chance has it', () => {
    const weights = [0.5, 1, 2, 4, 0, 2.5]
    const counts = counted(
      owners(
        servers(6, (at) => weights[at] as number),
        keys(50_000),
      ),
    )
    for (const [at, weight] of weights.entries()) {
      const expected = weight * 5000
      const sigma = Math.sqrt(50_000 * (weight / 10) * (1 - weight / 10))
      expect(Math.abs((counts.get(`10.0.0.${at}:7000`) ?? 0) - expected)).toBeLessThanOrEqual(3.5 * sigma)
    }
  })

  it('spreads keys over a hundred nodes no wider than chance has it', () => {
    const counts = [...counted(owners(servers(100), keys(100_000))).values()]
    const variance = counts.reduce((sum, count) => sum + (count - 1000) ** 2, 0) / 100
    // cv 0.0315 for throws of dice; its own spread is 7 %.
    expect(Math.sqrt(variance) / 1000).toBeLessThan(0.0385)
    expect(Math.sqrt(variance) / 1000).toBeGreaterThan(0.025)
  })

  it('spreads over zones, passes over nodes and follows overrides', () => {
    const nodes = servers(9).map((node, at) => ({ ...node, zone: `z${at % 3}` }))
    const down = (node: RingNode): boolean => node.id === '10.0.0.4:7000'
    const placement = createRendezvous(nodes, { overrides: { hot: '10.0.0.8:7000', lost: 'nobody' } })
    for (const key of KEYS) {
      const spread = placement.replicas(key, 3, { spread: 'zone', skip: down })
      expect(new Set(spread.map(({ zone }) => zone)).size).toBe(3)
      expect(spread.some(down)).toBe(false)
    }
    expect(placement.owner('hot')?.id).toBe('10.0.0.8:7000')
    const all = placement.replicas('hot', 9)
    expect(all[0]?.id).toBe('10.0.0.8:7000')
    expect(new Set(all).size).toBe(9)
    expect(placement.owner('lost')).toBe(createRendezvous(nodes).owner('lost'))
    expect(placement.fingerprint).not.toBe(createRendezvous(nodes).fingerprint)
    const natural = createRendezvous(nodes).owner('hot')?.id as string
    expect(createRendezvous(nodes, { overrides: { hot: natural } }).fingerprint).toBe(
      createRendezvous(nodes).fingerprint,
    )
  })

  it('has a fingerprint of what decides', () => {
    const base = createRendezvous(servers(5)).fingerprint
    expect(createRendezvous(servers(5, () => 4)).fingerprint).toBe(base)
    expect(createRendezvous([...servers(5), { id: 'drained', weight: 0 }]).fingerprint).toBe(base)
    expect(createRendezvous([{ id: 'a', weight: 3 }]).fingerprint).toBe(
      createRendezvous([{ id: 'a' }]).fingerprint,
    )
    const others = [
      createRendezvous(servers(5), { seed: 1 }),
      createRendezvous(servers(6)),
      createRendezvous(servers(5, (at) => (at === 0 ? 2 : 1))),
      createRendezvous(servers(5).map((node) => ({ ...node, zone: 'z' }))),
      createRendezvous(servers(5), { hash: { name: 'xxh32', hash: () => 7 } }),
    ]
    expect(new Set([base, ...others.map(({ fingerprint }) => fingerprint)]).size).toBe(6)
  })

  it('gives every node its part even when all hashes collide but one of two', () => {
    const hash = {
      name: 'half',
      hash: (data: string | Uint8Array): number =>
        String(data).startsWith('0:') ? 1 : String(data).length * 77,
    }
    const placement = createRendezvous([{ id: 'a' }, { id: 'bb' }, { id: 'ccc' }], { hash })
    const given = counted(Array.from({ length: 300 }, (_, at) => placement.owner('k'.repeat(at))?.id))
    for (const count of given.values()) expect(count).toBeGreaterThan(70)
    expect(given.size).toBe(3)
  })

  it('breaks ties by id', () => {
    const hash = { name: 'one', hash: () => 1 }
    const placement = createRendezvous([{ id: 'c' }, { id: 'a' }, { id: 'b' }], { hash })
    expect(placement.owner('k')?.id).toBe('a')
    expect(placement.replicas('k', 3).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(placement.without('a').with({ id: 'a' }).owner('k')?.id).toBe('a')
  })

  it('owns nothing without nodes, and refuses bad input', () => {
    const none = createRendezvous<RingNode>([{ id: 'a', weight: 0 }])
    expect(none.owner('k')).toBeUndefined()
    expect(none.replicas('k', 3)).toEqual([])
    expect(createRendezvous([]).owner('k')).toBeUndefined()
    const code = (is: string): unknown => expect.objectContaining({ code: is })
    expect(() => none.with({ id: 'a' })).toThrow(code('RING_DUPLICATE_NODE'))
    expect(() => none.without('b')).toThrow(code('RING_UNKNOWN_NODE'))
    expect(() => none.withWeight('b', 1)).toThrow(code('RING_UNKNOWN_NODE'))
    expect(() => none.withWeight('a', -1)).toThrow(code('RING_INVALID_NODE'))
    expect(() => none.with({ id: '' })).toThrow(code('RING_INVALID_NODE'))
    expect(() => none.replicas('k', 0)).toThrow(code('RING_INVALID_OPTION'))
    expect(() => none.owner({} as never)).toThrow(code('RING_INVALID_KEY'))
    expect(() => createRendezvous([], { seed: -1 })).toThrow(code('RING_INVALID_OPTION'))
    expect(() => createRendezvous([], { hash: {} as never })).toThrow(code('RING_INVALID_OPTION'))
    expect(() => createRendezvous([], { size: 7 } as never)).toThrow(code('RING_INVALID_OPTION'))
  })
})
