import { ColonyError } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { createRing, RingError, type RingErrorCode, type RingNode } from '../src/index.ts'
import { servers, users } from './nodes.ts'

const abc = createRing(servers(3))

function code(call: () => unknown): RingErrorCode | undefined {
  try {
    call()
  } catch (error) {
    return error instanceof RingError ? error.code : undefined
  }
  return undefined
}

describe('a ring', () => {
  it('gives back the very objects it was made of, typed', () => {
    interface Server extends RingNode {
      readonly url: string
    }
    const server: Server = { id: 'a', url: 'http://a' }
    const ring = createRing<Server>([server])
    expect(ring.owner('k')).toBe(server)
    expect(ring.owner('k')?.url).toBe('http://a')
    expect(ring.node('a')).toBe(server)
    expect(ring.node('b')).toBeUndefined()
  })

  it('gives a key to the first point at or after its position', () => {
    const hash = {
      name: 'fixed',
      hash: (data: string | Uint8Array) => Number(String(data).replace(/^\d+:/, '')),
    }
    const ring = createRing([{ id: '100' }, { id: '200' }], { hash, vnodes: 1 })
    const owners = ['0', '100', '101', '200', '201', '4294967295'].map((key) => ring.owner(key)?.id)
    expect(owners).toEqual(['100', '100', '200', '200', '100', '100'])
    expect(ring.replicas('150', 5).map(({ id }) => id)).toEqual(['200', '100'])
  })

  it('with one node gives it everything, without any nothing', () => {
    const one = createRing([{ id: 'a' }])
    expect(users(100).every((key) => one.owner(key)?.id === 'a')).toBe(true)
    const none = createRing([])
    expect([none.owner('k'), none.replicas('k', 3), [...none.walk('k')]]).toEqual([undefined, [], []])
  })

  it('gives a drained node nothing, and keeps it a member', () => {
    const ring = abc.withWeight('10.0.0.1:7000', 0)
    expect(ring.nodes).toHaveLength(3)
    expect(ring.pointsOf('10.0.0.1:7000')).toBe(0)
    expect(new Set(users(2000).map((key) => ring.owner(key)?.id)).has('10.0.0.1:7000')).toBe(false)
    expect(
      ring
        .replicas('k', 3)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['10.0.0.0:7000', '10.0.0.2:7000'])
    expect(createRing(servers(2, (node) => ({ ...node, weight: 0 }))).owner('k')).toBeUndefined()
  })

  it('counts points as weight times vnodes, rounded, and at least one', () => {
    const ring = createRing(
      [
        { id: 'half', weight: 0.5 },
        { id: 'three halves', weight: 1.5 },
        { id: 'tiny', weight: 1e-9 },
      ],
      { vnodes: 1 },
    )
    expect(['half', 'three halves', 'tiny'].map((id) => ring.pointsOf(id))).toEqual([1, 2, 1])
  })

  it('leaves those who read an old snapshot undisturbed', () => {
    const before = users(500).map((key) => abc.owner(key))
    const next = abc.with({ id: 'd' }).without('10.0.0.0:7000').withWeight('d', 3)
    expect(next.version).toBe(abc.version + 3)
    expect(users(500).map((key) => abc.owner(key))).toEqual(before)
  })

  it('walks through everybody, the owner first, each once', () => {
    const ring = createRing(servers(20))
    const walked = [...ring.walk('user:1')]
    expect(new Set(walked).size).toBe(20)
    expect(walked[0]).toBe(ring.owner('user:1'))
    expect(ring.replicas('user:1', 20)).toEqual(walked)
    expect(ring.replicas('user:1', 100)).toEqual(walked)
  })

  it('passes over those who are skipped', () => {
    const ring = createRing(servers(5))
    const [first, second, third] = ring.replicas('k', 3)
    expect(ring.replicas('k', 2, { skip: (node) => node === first })).toEqual([second, third])
    expect(ring.replicas('k', 2, { skip: () => true })).toEqual([])
  })

  it('spreads replicas over zones, and repeats zones only when it has to', () => {
    const ring = createRing(servers(9, (node, at) => ({ ...node, zone: `z${at % 3}` })))
    for (const key of users(300)) {
      const zones = ring.replicas(key, 3, { spread: 'zone' }).map(({ zone }) => zone)
      expect(new Set(zones).size).toBe(3)
      const five = ring.replicas(key, 5, { spread: 'zone' })
      expect(new Set(five.map(({ zone }) => zone)).size).toBe(3)
      expect(new Set(five).size).toBe(5)
      expect(five[0]).toBe(ring.owner(key))
    }
    expect(ring.replicas('k', 20, { spread: 'zone' })).toHaveLength(9)
  })

  it('takes a repeated zone in the order met, as many as must be repeated', () => {
    // Owners in ring order: a1 a2 a3 b1. For three replicas in two zones one repeat is due, and a2 is met before b1.
    const hash = {
      name: 'order',
      hash: (data: string | Uint8Array) => Number(/(\d+)$/.exec(String(data))?.[1]),
    }
    const nodes = [
      { id: 'n10', zone: 'a' },
      { id: 'n20', zone: 'a' },
      { id: 'n30', zone: 'a' },
      { id: 'n40', zone: 'b' },
    ]
    const ring = createRing(nodes, { hash, vnodes: 1 })
    const ids = (count: number): string[] => ring.replicas('0', count, { spread: 'zone' }).map(({ id }) => id)
    expect([ids(1), ids(2), ids(3)]).toEqual([['n10'], ['n10', 'n40'], ['n10', 'n20', 'n40']])
  })

  it('without zones spreads as if each node were one', () => {
    expect(abc.replicas('k', 3, { spread: 'zone' })).toEqual(abc.replicas('k', 3))
  })

  it('places named keys by name, all forms of a key alike, and only them', () => {
    const [, second] = abc.replicas('user:42', 2)
    const ring = abc.withOverrides(new Map([['user:42', second?.id ?? '']]))
    expect(ring.owner('user:42')).toBe(second)
    expect(ring.owner(new TextEncoder().encode('user:42'))).toBe(second)
    expect(ring.replicas('user:42', 3).map(({ id }) => id)).toEqual([
      second?.id,
      ...abc.replicas('user:42', 3).flatMap((node) => (node === second ? [] : [node.id])),
    ])
    expect(users(200).every((key) => ring.owner(key) === abc.owner(key))).toBe(true)
    expect(ring.withMembers(ring.nodes.filter((node) => node !== second)).owner('user:42')).toBeDefined()
    expect(
      ring
        .without(second?.id ?? '')
        .with(second as RingNode)
        .owner('user:42'),
    ).toBe(second)
  })

  it.each<[string, () => unknown, RingErrorCode]>([
    ['an id twice', () => createRing([{ id: 'a' }, { id: 'a' }]), 'RING_DUPLICATE_NODE'],
    ['an id that is there', () => abc.with({ id: '10.0.0.0:7000' }), 'RING_DUPLICATE_NODE'],
    ['an empty id', () => createRing([{ id: '' }]), 'RING_INVALID_NODE'],
    ['no node', () => createRing([undefined as never]), 'RING_INVALID_NODE'],
    ['a negative weight', () => createRing([{ id: 'a', weight: -1 }]), 'RING_INVALID_NODE'],
    ['a weight that is no number', () => abc.withWeight('10.0.0.0:7000', Number.NaN), 'RING_INVALID_NODE'],
    ['an infinite weight', () => createRing([{ id: 'a', weight: Infinity }]), 'RING_INVALID_NODE'],
    ['a zone that is no string', () => createRing([{ id: 'a', zone: 1 as never }]), 'RING_INVALID_NODE'],
    ['an unknown id, removed', () => abc.without('x'), 'RING_UNKNOWN_NODE'],
    ['an unknown id, weighed', () => abc.withWeight('x', 1), 'RING_UNKNOWN_NODE'],
    ['no replicas', () => abc.replicas('k', 0), 'RING_INVALID_OPTION'],
    ['half a replica', () => abc.replicas('k', 0.5, { skip: () => false }), 'RING_INVALID_OPTION'],
    ['no points', () => createRing([], { vnodes: 0 }), 'RING_INVALID_OPTION'],
    ['a fraction of a seed', () => createRing([], { seed: 0.5 }), 'RING_INVALID_OPTION'],
    ['a hash that is none', () => createRing([], { hash: {} as never }), 'RING_INVALID_OPTION'],
    ['an unknown option', () => createRing([], { replicas: 3 } as never), 'RING_INVALID_OPTION'],
    ['an override to nobody', () => abc.withOverrides({ k: '' }), 'RING_INVALID_OPTION'],
    ['a key of another type', () => abc.owner({} as never), 'RING_INVALID_KEY'],
    ['NaN for a key', () => abc.owner(Number.NaN), 'RING_INVALID_KEY'],
  ])('refuses %s', (_, call, expected) => {
    expect(code(call)).toBe(expected)
    expect(call).toThrow(ColonyError)
  })
})
