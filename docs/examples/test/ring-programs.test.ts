import { describe, expect, it } from 'vitest'
import { printed } from './ring-run.ts'

describe('the programs of @colony/ring', () => {
  it('ring-cache.ts: the node with twice the weight holds about twice as much; a new node takes its share from all', async () => {
    const lines = (await printed('ring-cache.ts')).trimEnd().split('\n')
    const [owner, first, second, third, grown, agreement] = lines
    expect(owner).toMatch(/^user:42 is kept at redis:\/\/10\.0\.0\.[123]:6379$/)
    const shares = [first, second, third].map((line) =>
      Number(/holds ([\d.]+) % of the keys$/.exec(line!)![1]),
    )
    expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(100, 0)
    for (const [at, ideal] of [25, 25, 50].entries()) expect(Math.abs(shares[at]! - ideal)).toBeLessThan(5)
    expect(grown).toMatch(/^cache-4 takes (1[6-9]|2[0-4])\.\d %; 0 keys move between the others$/)
    expect(agreement).toBe('both agree: true')
    expect(lines).toHaveLength(6)
  })

  it('ring-drain.ts: what the plan names moves, and is found afterwards; then the drained node can go', async () => {
    const lines = (await printed('ring-drain.ts')).trimEnd().split('\n')
    const pairs = lines.slice(1, 4)
    expect(pairs.map((line) => line.split(/ +/).slice(0, 2).join()).toSorted()).toEqual(['b,a', 'b,c', 'b,d'])
    const [total, first, moved, found, removed] = lines.slice(4)
    const share = Number(/^([\d.]+) % of the circle changes its owner/.exec(total!)![1])
    expect(share).toBeGreaterThan(20)
    expect(share).toBeLessThan(30)
    expect(first).toMatch(/^the first: \(\d+, \d+\] from b to [acd]$/)
    const orders = Number(/^(\d+) orders moved, b holds 0$/.exec(moved!)![1])
    expect(Math.abs(orders / 100 - share)).toBeLessThan(2)
    expect(found).toBe('10000 of 10000 are where the new ring looks for them')
    expect(removed).toBe('then b can go: nothing moves')
    expect(lines).toHaveLength(9)
  })

  it('ring-zones.ts: three replicas in three zones, also while a node is down', async () => {
    const lines = (await printed('ring-zones.ts')).trimEnd().split('\n')
    const [plain, spread, degraded, first] = lines
    const zonesOf = (line: string): string[] => [...line.matchAll(/\((eu-\d)\)/g)].map(([, zone]) => zone!)
    expect(new Set(zonesOf(plain!)).size).toBeLessThan(3) // or the example would show nothing
    for (const line of [spread, degraded]) expect(zonesOf(line!).toSorted()).toEqual(['eu-1', 'eu-2', 'eu-3'])
    const owner = /: +(\w) /.exec(spread!)![1]!
    expect(degraded).toMatch(new RegExp(`^while ${owner} is down:  [^${owner}]`))
    expect(first).toBe(`first to answer:  ${/down:  (\w)/.exec(degraded!)![1]}`)
    expect(lines).toHaveLength(4)
  })

  it('ring-members.ts: one change for news that comes together, none for a suspicion or for late news', async () => {
    const [formed, unchanged, changed, ...more] = (await printed('ring-members.ts')).trimEnd().split('\n')
    expect(formed).toBe('now a, b, c: 100.0 % of the keys have another owner')
    expect(unchanged).toBe('still 3 nodes')
    expect(changed).toMatch(/^now a, c, d: (4\d|5\d)\.\d % of the keys have another owner$/)
    expect(more).toEqual([])
  })
})
