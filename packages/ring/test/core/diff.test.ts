import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, diff, type DiffOptions } from '../../src/core/diff.ts'
import type { RingNode } from '../../src/core/members.ts'
import type { Plan, PlanMove, PlanRange } from '../../src/core/plan.ts'
import type { Placement } from '../../src/core/placement.ts'
import { pureXxh32 } from '../../src/core/hasher.ts'
import { createRing, type Ring } from '../../src/ring.ts'
import { createMaglev } from '../../src/strategies/maglev.ts'
import { createPartitions } from '../../src/strategies/partitions.ts'

const CIRCLE = 2 ** 32
const RUNS = { seed: 3, numRuns: 80 }

/** Point 22 of the one is point 151 of the other: the first two of n0, n1, n2 … with a point in common at 160 each, found by trying all. */
const COLLIDING = ['n45', 'n233'] as const

function ringOf(ids: readonly string[], vnodes = 20): Ring {
  return createRing(
    ids.map((id) => ({ id })),
    { vnodes },
  )
}

const STRATEGIES = {
  partitions: (ids: readonly string[]) =>
    createPartitions(
      ids.map((id) => ({ id })),
      { count: 64 },
    ),
  maglev: (ids: readonly string[]) =>
    createMaglev(
      ids.map((id) => ({ id })),
      { size: 257 },
    ),
}

function isIn({ from, to }: PlanRange<RingNode>, position: number): boolean {
  if (from === to) return true
  return from < to ? position > from && position <= to : position > from || position <= to
}

function idsOf(move: PlanMove<RingNode>): unknown[] {
  return [move.role, move.source?.id, move.target?.id, move.copies]
}

/** What the definition says, for one position, straight from the replicas on both sides. */
function expectedMoves(before: Ring, after: Ring, position: number, options: DiffOptions): unknown[] {
  const { replicas = 1, spread } = options
  const choice = spread === undefined ? undefined : { spread }
  const had = before.replicasAt(position, replicas, choice).map(({ id }) => id)
  const has = after.replicasAt(position, replicas, choice).map(({ id }) => id)
  return Array.from({ length: replicas }, (_, role) => role)
    .filter((role) => had[role] !== has[role])
    .map((role) => {
      const target = has[role]
      return [
        role,
        had[role] ?? had[0],
        target,
        target !== undefined && had.length > 0 && !had.includes(target),
      ]
    })
}

/** Every edge of every range and of every arc is where a mistake would be. */
function positionsToTry(before: Ring, after: Ring, plan: Plan): number[] {
  const edges = [
    ...before.boundaries(),
    ...after.boundaries(),
    ...plan.ranges.flatMap(({ from, to }) => [from, to]),
  ]
  return [
    0,
    CIRCLE - 1,
    ...edges.flatMap((edge) => [(edge + CIRCLE - 1) % CIRCLE, edge, (edge + 1) % CIRCLE]),
  ]
}

function requireExact(before: Ring, after: Ring, options: DiffOptions = {}): Plan {
  const plan = diff(before, after, options)
  const wrong = positionsToTry(before, after, plan).filter((position) => {
    const found = plan.ranges.filter((range) => isIn(range, position)).sort((a, b) => a.role - b.role)
    return (
      JSON.stringify(found.map(idsOf)) !== JSON.stringify(expectedMoves(before, after, position, options))
    )
  })
  expect(wrong).toEqual([])
  requireTidy(plan)
  return plan
}

/** Sorted, sized, not overlapping, as long as can be; the totals are the sums. */
function requireTidy({ ranges, moved, copied }: Plan): void {
  for (const [at, range] of ranges.entries()) {
    const { from, to, positions, role } = range
    expect(positions).toBe(from === to ? CIRCLE : (to - from + CIRCLE) % CIRCLE)
    const next = ranges[at + 1]
    if (next !== undefined) expect(from < next.from || (from === next.from && role < next.role)).toBe(true)
    const follower = ranges.find((other) => other !== range && other.role === role && other.from === to)
    if (follower !== undefined) expect(idsOf(follower)).not.toEqual(idsOf(range))
  }
  const sum = (some: readonly PlanRange<RingNode>[]): number =>
    some.reduce((total, { positions }) => total + positions, 0)
  expect(moved * CIRCLE).toBe(sum(ranges.filter(({ role }) => role === 0)))
  expect(copied * CIRCLE).toBe(sum(ranges.filter(({ copies }) => copies)))
  expect(moved).toBeLessThanOrEqual(1)
}

const members = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...'abcdefghij'),
    weight: fc.constantFrom(0, 0.5, 1, 1, 2),
    zone: fc.constantFrom('z1', 'z2', 'z3'),
  }),
  { selector: ({ id }) => id, maxLength: 7 },
)
const options = fc.record(
  { replicas: fc.integer({ min: 1, max: 4 }), spread: fc.constant('zone' as const) },
  { requiredKeys: ['replicas'] },
)

describe('diff, for any two rings', () => {
  it('says of every position what its replicas say', () => {
    fc.assert(
      fc.property(members, members, options, (old, young, about) => {
        requireExact(createRing(old, { vnodes: 4 }), createRing(young, { vnodes: 4 }), about)
      }),
      RUNS,
    )
  })

  it('agrees with the owners of 100,000 keys', () => {
    const ids = Array.from({ length: 60 }, (_, at) => `node-${at}`)
    const before = ringOf(ids, 40).withWeight('node-7', 3)
    const after = ringOf([...ids.slice(4), 'new-1', 'new-2'], 40).withWeight('node-8', 2)
    const plan = diff(before, after)
    let moved = 0
    let wrong = 0
    for (let at = 0; at < 100_000; at++) {
      const key = at % 2 === 0 ? `user:${at}` : `${at}-9f31c2e4-d1a0-4f6e-8c55-${at * 7919}`
      const range = rangeAt(plan.ranges, before.position(key))
      const [from, to] = [before.owner(key), after.owner(key)]
      if (from?.id !== to?.id) moved++
      if (from?.id === to?.id ? range !== undefined : range?.source !== from || range?.target !== to) wrong++
    }
    expect(wrong).toBe(0)
    expect(Math.abs(moved / 100_000 - plan.moved)).toBeLessThan(0.01)
  })

  it('tells of a key what its range tells', () => {
    const before = ringOf(['a', 'b', 'c', 'd'])
    const after = before.with({ id: 'e' }).without('b')
    const plan = diff(before, after, { replicas: 3 })
    const asked = compare(before, after, { replicas: 3 })
    let unmoved = 0
    for (let key = 0; key < 1000; key++) {
      const found = plan.ranges
        .filter((range) => isIn(range, before.position(key)))
        .sort((a, b) => a.role - b.role)
      const expected = found.length === 0 ? undefined : found.map(idsOf)
      expect(plan.contains(key)?.map(idsOf)).toEqual(expected)
      expect(asked.contains(key)?.map(idsOf)).toEqual(expected)
      if (expected === undefined) unmoved++
    }
    expect(unmoved).toBeGreaterThan(100)
    expect([plan.replicas, asked.replicas]).toEqual([3, 3])
  })
})

/** By bisection, so that this test has its own way of finding. Only for ranges of one role. */
function rangeAt(ranges: readonly PlanRange<RingNode>[], position: number): PlanRange<RingNode> | undefined {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ranges[middle]!.from < position) low = middle + 1
    else high = middle
  }
  return [ranges[low - 1], ranges.at(-1)].find((range) => range !== undefined && isIn(range, position))
}

describe('one node more or less', () => {
  it('moves ranges to the node that comes and nothing else', () => {
    fc.assert(
      fc.property(members, fc.constantFrom(0.5, 1, 2), (old, weight) => {
        const before = createRing<RingNode>(old, { vnodes: 10 })
        const plan = diff(before, before.with({ id: 'new', weight }))
        expect(plan.ranges.length).toBeGreaterThan(0)
        expect(plan.ranges.filter(({ target }) => target?.id !== 'new')).toEqual([])
        // Where nobody has anything, nothing can be sent.
        expect(plan.copied).toBe(before.owner('any') === undefined ? 0 : plan.moved)
        const back = diff(before.with({ id: 'new', weight }), before)
        expect(back.ranges.filter(({ source }) => source?.id !== 'new')).toEqual([])
        expect(back.moved).toBe(plan.moved)
      }),
      RUNS,
    )
  })

  it('does so for 1 to 200 equal nodes', () => {
    for (let count = 1, ring = ringOf(['n0'], 20); count < 200; count++) {
      const next = ring.with({ id: `n${count}` })
      const others = diff(ring, next).ranges.filter(({ target }) => target?.id !== `n${count}`)
      expect(others).toEqual([])
      ring = next
    }
  })

  it('sends data to nobody but the new replicas', () => {
    const before = ringOf(['a', 'b', 'c', 'd'])
    const { ranges } = requireExact(before, before.with({ id: 'e' }), { replicas: 3 })
    expect(new Set(ranges.filter(({ copies }) => copies).map(({ target }) => target?.id))).toEqual(
      new Set(['e']),
    )
    expect(ranges.some(({ copies }) => !copies)).toBe(true)
  })

  it('follows a drained node and a changed weight', () => {
    const before = ringOf(['a', 'b', 'c'])
    const drained = requireExact(before, before.withWeight('b', 0))
    expect(new Set(drained.ranges.map(({ source }) => source?.id))).toEqual(new Set(['b']))
    expect(requireExact(before, before.withWeight('b', 2)).ranges.length).toBeGreaterThan(0)
  })
})

describe('the edges of a plan', () => {
  it('has nothing when nothing changes', () => {
    const ring = ringOf(['a', 'b', 'c'])
    for (const plan of [
      diff(ring, ringOf(['c', 'b', 'a'])),
      diff(ringOf([]), ringOf([])),
      diff(ring, ring, { replicas: 3 }),
    ]) {
      expect(plan.ranges).toEqual([])
      expect([plan.moved, plan.copied]).toEqual([0, 0])
      expect(String(plan)).toBe('nothing moves')
      expect(plan.contains('a')).toBeUndefined()
    }
  })

  it('gives everything to the first who come, with nobody as the source', () => {
    const plan = requireExact(ringOf([]), ringOf(['a', 'b', 'c']), { replicas: 2 })
    expect([plan.moved, plan.copied]).toEqual([1, 0])
    expect(plan.ranges.every(({ source }) => source === undefined)).toBe(true)
  })

  it.each(Object.entries(STRATEGIES))('is exact on the way from a ring to %s, and back', (_, create) => {
    const ring = ringOf(['a', 'b', 'c', 'd'])
    const other = create(['b', 'c', 'd', 'e'])
    for (const [before, after] of [
      [ring, other],
      [other, ring],
    ] as const) {
      const { ranges, moved } = diff<RingNode>(before, after, { replicas: 2 })
      const edges = ranges.flatMap(({ from, to }) => [from, (from + 1) % CIRCLE, to, (to + 1) % CIRCLE])
      const probes = [...edges, ...Array.from({ length: 2000 }, (_, at) => pureXxh32.hash(`probe ${at}`, 0))]
      for (const position of probes) {
        const told = ranges
          .filter((range) => isIn(range, position))
          .map(({ role, target }) => [role, target?.id])
        const [had, has] = [before, after].map((side) => side.replicasAt(position, 2).map(({ id }) => id))
        const changed = [0, 1].filter((role) => had![role] !== has![role]).map((role) => [role, has![role]])
        expect(told.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual(changed)
      }
      expect(moved).toBeGreaterThan(0.5)
    }
  })

  it('takes everything from the last who leave, with nobody as the target', () => {
    const plan = requireExact(ringOf(['a', 'b', 'c']), ringOf([]), { replicas: 2 })
    expect([plan.moved, plan.copied]).toEqual([1, 0])
    expect(plan.ranges.every(({ target }) => target === undefined)).toBe(true)
  })

  it('is one range of the whole circle from one sole node to another', () => {
    const plan = requireExact(ringOf(['a']), ringOf(['b']))
    expect(plan.ranges).toHaveLength(1)
    const [range] = plan.ranges
    expect(range).toMatchObject({
      role: 0,
      positions: CIRCLE,
      copies: true,
      source: { id: 'a' },
      target: { id: 'b' },
    })
    expect(range!.from).toBe(range!.to)
    expect(requireExact(ringOf([]), createRing([{ id: 'a' }], { vnodes: 1 })).ranges[0]!.positions).toBe(
      CIRCLE,
    )
  })

  it('takes the second copy from the owner when there was no second', () => {
    const plan = requireExact(ringOf(['a']), ringOf(['a', 'b']), { replicas: 2 })
    const seconds = plan.ranges.filter(({ role, target }) => role === 1 && target?.id === 'b')
    expect(seconds.length).toBeGreaterThan(0)
    expect(seconds.every(({ source, copies }) => source?.id === 'a' && copies)).toBe(true)
    expect(plan.copied).toBe(1)
  })

  it('joins what lies on both sides of position 0 to one range, the last', () => {
    const before = ringOf(['a', 'b', 'c'])
    const gone = before.replicasAt(0, 1)[0]!
    const { ranges } = requireExact(before, before.without(gone.id))
    const around = ranges.filter((range) => isIn(range, 0))
    expect(around).toHaveLength(1)
    expect(around[0]).toBe(ranges.at(-1))
    expect(around[0]!.from).toBeGreaterThan(around[0]!.to)
    expect(isIn(around[0]!, CIRCLE - 1)).toBe(true)
  })

  it('stays exact where points of two nodes collide', () => {
    const [first, second] = COLLIDING
    const shared = pureXxh32.hash(`22:${first}`, 0)
    expect(pureXxh32.hash(`151:${second}`, 0)).toBe(shared)
    const both = ringOf([...COLLIDING, 'x'], 160)
    expect(both.boundaries()).toHaveLength(3 * 160 - 1)
    // The order of ids decides, for the owner and for the second.
    expect(both.replicasAt(shared, 2).map(({ id }) => id)).toEqual([second, first])
    for (const id of COLLIDING) {
      const alone = both.without(id)
      for (const replicas of [1, 2]) {
        requireExact(alone, both, { replicas })
        requireExact(both, alone, { replicas })
      }
      expect(diff(alone, both).ranges.every(({ target }) => target?.id === id)).toBe(true)
    }
  })
})

describe('keys placed by name', () => {
  const plain = ringOf(['a', 'b', 'c'])
  const owner = plain.owner('hot')!.id
  const [other, third] = ['a', 'b', 'c'].filter((id) => id !== owner) as [string, string]

  it('are answered by name and not by range', () => {
    const before = plain.withOverrides({ hot: other })
    const after = plain.withOverrides({ hot: third })
    const plan = diff(before, after)
    expect(plan.ranges).toEqual([])
    expect(plan.contains('hot')!.map(idsOf)).toEqual([[0, other, third, true]])
    expect(plan.contains('cold')).toBeUndefined()
    expect([...plan.named].map(([name, moves]) => [name, moves.map(idsOf)])).toEqual([
      ['hot', [[0, other, third, true]]],
    ])
  })

  it('stay while their range goes', () => {
    const before = plain.withOverrides({ hot: other })
    const plan = diff(before, before.without(owner))
    expect(plan.ranges.some((range) => isIn(range, plain.position('hot')))).toBe(true)
    expect(plan.contains('hot')).toBeUndefined()
    expect([...plan.named]).toEqual([['hot', []]])
  })

  it('are known when they are so on one side alone, whatever their bytes', () => {
    const key = ['ключ', 'ключи', 'キー', 'clé'].find((name) => plain.owner(name)!.id !== other)!
    const named = plain.withOverrides({ [key]: other })
    for (const plan of [diff(plain, named), diff(named, plain)]) {
      const bytes = String.fromCharCode(...new TextEncoder().encode(key))
      expect([...plan.named.keys()]).toEqual([bytes])
      expect(plan.named.get(bytes)).toEqual(plan.contains(key))
      expect(plan.named.get(bytes)).toHaveLength(1)
    }
  })
})

describe('what a plan answers', () => {
  const before = ringOf(['a', 'b', 'c'])
  const after = before.without('c').with({ id: 'd' })

  it('lists the ranges between two nodes', () => {
    const plan = diff(before, after)
    const pairs = ['a', 'b', 'c', 'd'].flatMap((from) =>
      ['a', 'b', 'c', 'd'].map((to) => plan.between(from, to)),
    )
    expect(pairs.flat()).toHaveLength(plan.ranges.length)
    expect(plan.between('c', 'd').length).toBeGreaterThan(0)
    expect(
      plan.between('c', 'd').every(({ source, target }) => source?.id === 'c' && target?.id === 'd'),
    ).toBe(true)
    expect(plan.between('d', 'c')).toEqual([])
  })

  it('refuses ids that are members of neither side', () => {
    const plan = diff(before, after)
    expect(() => plan.between('a', 'zz')).toThrow(expect.objectContaining({ code: 'RING_UNKNOWN_NODE' }))
    expect(() => plan.between('zz', 'a')).toThrow("'zz' is a member neither before nor after")
  })

  it('returns the very nodes of each side', () => {
    const heavier = before.withWeight('a', 3)
    for (const { source, target } of diff(before, heavier).ranges) {
      expect(source).toBe(before.node(source!.id))
      expect(target).toBe(heavier.node('a'))
    }
  })

  it('prints the totals of each pair', () => {
    const plan = diff(before, before.with({ id: 'd' }))
    const lines = String(plan).split('\n')
    expect(lines[0]).toMatch(/^source +target +share +to copy +ranges$/)
    expect(lines).toHaveLength(5)
    const [source, target, share, , , , ranges] = lines[1]!.split(/ +/) as string[]
    expect(target).toBe('d')
    const between = plan.between(source!, 'd')
    expect(between).toHaveLength(Number(ranges))
    const positions = between.reduce((sum, range) => sum + range.positions, 0)
    expect(share).toBe(((positions / CIRCLE) * 100).toFixed(2))
    const shares = lines.slice(1, 4).map((line) => Number(line.split(/ +/)[2]))
    expect(shares).toEqual([...shares].sort((a, b) => b - a))
    const all = `${(plan.moved * 100).toFixed(2)} %`
    expect(lines.at(-1)).toBe(
      `${all} of the circle changes its owner, ${all} has to be copied, ranges: ${plan.ranges.length}`,
    )
  })

  it('prints roles when there are replicas, nobody by name, ids on one line, and not too much', () => {
    expect(String(diff(before, after, { replicas: 2 }))).toMatch(/^role +source/)
    expect(String(diff(ringOf([]), ringOf(['line\nbreak\u202e'])))).toMatch(
      /\(nobody\) +line\\u\{a\}break\\u\{202e\} +100\.00 %/,
    )
    const many = Array.from({ length: 60 }, (_, at) => `n${at}`)
    const text = String(diff(ringOf(many), ringOf([...many, 'x'], 20).withWeight('x', 50)))
    expect(text.split('\n')).toHaveLength(43)
    expect(text).toContain('\nand 20 pairs more\n')
  })
})

describe('what can be compared', () => {
  it('is only what gives keys the same positions', () => {
    const ring = createRing([{ id: 'a' }])
    const seeded = createRing([{ id: 'a' }], { seed: 1 })
    expect(() => diff(ring, seeded)).toThrow(expect.objectContaining({ code: 'RING_MISMATCH' }))
    expect(() => diff(createRing([]), createRing([], { seed: 1 }))).toThrow('[RING_MISMATCH]')
  })

  it('is everything, key by key', () => {
    const before = createRing([{ id: 'a' }, { id: 'b' }])
    const after: Placement<RingNode> = {
      nodes: before.nodes,
      fingerprint: 'everything to b',
      position: () => 0,
      owner: () => before.node('b'),
      replicas: () => [before.node('b')!],
    }
    const asked = compare(before, after)
    for (let key = 0; key < 50; key++) {
      const expected = before.owner(key)!.id === 'b' ? undefined : [[0, 'a', 'b', true]]
      expect(asked.contains(key)?.map(idsOf)).toEqual(expected)
    }
  })

  it('refuses options that make no sense', () => {
    const ring = ringOf(['a'])
    for (const bad of [{ replicas: 0 }, { replicas: 1.5 }, { spread: 'rack' }, { replica: 3 }]) {
      const invalid: unknown = expect.objectContaining({ code: 'RING_INVALID_OPTION' })
      expect(() => diff(ring, ring, bad as DiffOptions)).toThrow(invalid)
      expect(() => compare(ring, ring, bad as DiffOptions)).toThrow(invalid)
    }
  })
})
