import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RingNode } from '../../src/core/members.ts'
import type { Placement } from '../../src/core/placement.ts'
import { createRing } from '../../src/ring.ts'
import { type Acquisition, createBoundedLoad } from '../../src/strategies/bounded.ts'
import { createMaglev } from '../../src/strategies/maglev.ts'
import { createPartitions } from '../../src/strategies/partitions.ts'
import { createRendezvous } from '../../src/strategies/rendezvous.ts'
import { keys, members, servers } from './given.ts'

const weighted = members(8).map((nodes) =>
  nodes.map((node) => ({ ...node, weight: Math.min(node.weight ?? 1, 50) })),
)
const placements = fc.constantFrom(
  (nodes: readonly RingNode[]) => createRing(nodes, { vnodes: 4 }),
  (nodes: readonly RingNode[]) => createRendezvous(nodes),
  (nodes: readonly RingNode[]) => createPartitions(nodes, { count: 64, maxLoad: 1.2 }),
  (nodes: readonly RingNode[]) => createMaglev(nodes, { size: 251 }),
)

/** ceil(factor × total × part), rounding errors aside; 1 at least, for a weight that is nothing beside the others. */
function bound(nodes: readonly RingNode[], { weight = 1 }: RingNode, total: number, factor: number): number {
  if (weight === 0) return 0
  const sum = nodes.reduce((all, other) => all + (other.weight ?? 1), 0)
  return Math.max(1, Math.ceil(((factor * total * weight) / sum) * (1 - 1e-13)))
}

describe('createBoundedLoad', () => {
  it('keeps its bound and finds room through any sequence of calls', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ acquire: fc.string({ maxLength: 3 }) }) },
      { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ members: weighted }) },
    )
    const steps = fc.array(step, { maxLength: 120, size: 'max' })
    const factors = fc.constantFrom(1 + Number.EPSILON, 1.1, 1.25, 3)
    const property = fc.property(weighted, placements, factors, steps, (start, place, factor, sequence) => {
      let nodes = start
      const bounded = createBoundedLoad<RingNode>(place(nodes), { factor })
      const held: Acquisition<RingNode>[] = []
      const counting = (): number =>
        held.filter(({ node }) => nodes.some(({ id, weight }) => id === node.id && weight > 0)).length
      for (const one of sequence) {
        if ('acquire' in one) {
          const taken = bounded.acquire(one.acquire)
          expect(taken === undefined).toBe(nodes.every(({ weight }) => weight === 0))
          if (taken === undefined) continue
          held.push(taken)
          expect(bounded.load(taken.node.id)).toBeLessThanOrEqual(
            bound(nodes, taken.node, counting(), factor),
          )
          expectFirstWithRoom(bounded.placement, one.acquire, taken.node, (node) => {
            const load = bounded.load(node.id) + 1
            return load <= bound(nodes, node, counting(), factor)
          })
        } else if ('release' in one) {
          const [gone] = held.splice(one.release % (held.length + 1), 1)
          gone?.release()
        } else {
          nodes = one.members
          bounded.update(place(nodes))
        }
        expect(bounded.total).toBe(counting())
        for (const [id, load] of bounded.loads) {
          expect(load).toBe(held.filter(({ node }) => node.id === id).length)
        }
        expect([...bounded.loads.values()].reduce((sum, load) => sum + load, 0)).toBe(held.length)
      }
      for (const one of held) one.release()
      expect(bounded.total).toBe(0)
      expect([...bounded.loads.keys()].sort()).toEqual(nodes.map(({ id }) => id).sort())
    })
    fc.assert(property, { seed: 13, numRuns: 60 })
  })

  it('gives the owner where it has room, and the next in the preference where not', () => {
    const ring = createRing(servers(10))
    const bounded = createBoundedLoad(ring)
    const [first, second, third] = ring.replicas('hot', 3)
    // Alone, ceil(1.25 × 1 / 10) = 1 each; up to 8 acquisitions nobody may have a second.
    expect(bounded.acquire('hot')?.node).toBe(first)
    expect(bounded.acquire('hot')?.node).toBe(second)
    expect(bounded.acquire('hot')?.node).toBe(third)
    expect([bounded.load(first?.id as string), bounded.total]).toEqual([1, 3])
  })

  it('spreads a thousand of one key within the bound', () => {
    const nodes = servers(10, (at) => (at === 0 ? 11 : 1))
    const bounded = createBoundedLoad(createRing(nodes), { factor: 1.1 })
    for (let at = 0; at < 1000; at++) bounded.acquire('hot')
    expect(bounded.load('10.0.0.0:7000')).toBeLessThanOrEqual(605)
    for (const { id } of nodes.slice(1)) expect(bounded.load(id)).toBeLessThanOrEqual(55)
    expect(bounded.total).toBe(1000)
  })

  it('moves few keys from their owners with the usual factor', () => {
    const ring = createRing(servers(20), { vnodes: 1000 })
    const bounded = createBoundedLoad(ring)
    const away = keys(5000).filter((key) => bounded.acquire(key)?.node !== ring.owner(key))
    expect(away.length).toBeLessThan(250)
  })

  it('releases once, by call or at the end of a block', () => {
    const bounded = createBoundedLoad(createRing(servers(3)))
    const one = bounded.acquire('a') as Acquisition<RingNode>
    const other = bounded.acquire('b') as Acquisition<RingNode>
    one.release()
    one.release()
    one[Symbol.dispose]()
    expect(bounded.total).toBe(1)
    other[Symbol.dispose]()
    expect(bounded.total).toBe(0)
  })

  it('keeps what is held through an update, and counts it again when its node returns', () => {
    const ring = createRing([{ id: 'a' }])
    const bounded = createBoundedLoad<RingNode>(ring)
    const leases = [bounded.acquire('1'), bounded.acquire('2')]
    bounded.update(createRing([{ id: 'b' }]))
    expect([bounded.load('a'), bounded.total]).toEqual([2, 0])
    expect(bounded.acquire('3')?.node.id).toBe('b')
    bounded.update(createRing([{ id: 'a' }, { id: 'b' }]))
    expect([bounded.load('a'), bounded.total]).toEqual([2, 3])
    bounded.update(createRing([{ id: 'a', weight: 0 }, { id: 'b' }]))
    expect([bounded.load('a'), bounded.total]).toEqual([2, 1])
    leases[0]?.release()
    leases[1]?.release()
    expect([...bounded.loads]).toEqual([
      ['a', 0],
      ['b', 1],
    ])
    expect(bounded.total).toBe(1)
  })

  it('forgets a node that is gone with its last acquisition', () => {
    const bounded = createBoundedLoad<RingNode>(createRing([{ id: 'a' }]))
    const lease = bounded.acquire('1')
    bounded.update(createRing([{ id: 'b' }]))
    expect([...bounded.loads.keys()]).toEqual(['b', 'a'])
    lease?.release()
    expect([...bounded.loads.keys()]).toEqual(['b'])
    expect(bounded.load('a')).toBe(0)
  })

  it('takes a placement without walk by its replicas', () => {
    const { nodes, fingerprint, position, owner, replicas } = bare(createRendezvous(servers(4)))
    const bounded = createBoundedLoad({ nodes, fingerprint, position, owner, replicas })
    const taken = Array.from({ length: 4 }, () => bounded.acquire('hot')?.node.id)
    expect(taken.slice(0, 3)).toEqual(replicas('hot', 3).map(({ id }) => id))
  })

  it('gives nothing where nobody can take anything', () => {
    expect(createBoundedLoad(createRing([])).acquire('k')).toBeUndefined()
    expect(createBoundedLoad(createRing([{ id: 'a', weight: 0 }])).acquire('k')).toBeUndefined()
    const drained = createRing([{ id: 'a', weight: 0 }, { id: 'b' }], { overrides: { k: 'a' } })
    expect(createBoundedLoad(drained).acquire('k')?.node.id).toBe('b')
  })

  it.each([1, 0.9, 0, -1, NaN, Infinity])('refuses a factor of %s', (factor) => {
    const code: unknown = expect.objectContaining({ code: 'RING_INVALID_OPTION' })
    expect(() => createBoundedLoad(createRing([]), { factor })).toThrow(code)
  })
})

function expectFirstWithRoom(
  placement: Placement<RingNode>,
  key: string,
  taken: RingNode,
  hasRoom: (node: RingNode) => boolean,
): void {
  for (const node of placement.replicas(key, placement.nodes.length)) {
    if (node === taken) return
    expect(hasRoom(node)).toBe(false)
  }
  expect.unreachable('the node taken is in the preference')
}

function bare(placement: Placement<RingNode>): Placement<RingNode> {
  return {
    nodes: placement.nodes,
    fingerprint: placement.fingerprint,
    position: (key) => placement.position(key),
    owner: (key) => placement.owner(key),
    replicas: (key, count) => placement.replicas(key, count),
  }
}
