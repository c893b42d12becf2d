import { describe, expect, it, vi } from 'vitest'
import { createRing, ringFromJSON, type RingJSON, type RingNode } from '../src/index.ts'
import { servers, users } from './nodes.ts'

const ring = createRing(
  servers(5, (node, at) => ({ ...node, weight: at / 2, url: `http://${at}` })),
  { seed: 7, vnodes: 40, overrides: { 'user:1': '10.0.0.2:7000', ключ: '10.0.0.3:7000', k: 'later' } },
)
const json = (): RingJSON<RingNode> => JSON.parse(JSON.stringify(ring)) as RingJSON<RingNode>

describe('a ring as JSON', () => {
  it('makes the same ring again, nodes with all that was in them', () => {
    const again = ringFromJSON(json())
    expect(again.fingerprint).toBe(ring.fingerprint)
    for (const key of [...users(500), 'user:1', 'ключ']) expect(again.owner(key)).toEqual(ring.owner(key))
    expect(JSON.stringify(again)).toBe(JSON.stringify(ring))
    expect(again.with({ id: 'later' }).owner('k')?.id).toBe('later')
  })

  it('does not depend on the order in which nodes were given', () => {
    const other = createRing(ring.nodes.toReversed(), { seed: 7, vnodes: 40 })
    expect(JSON.stringify(other.toJSON().nodes)).toBe(JSON.stringify(ring.toJSON().nodes))
  })

  it('holds inputs and not points: a few dozen bytes a node', () => {
    expect(JSON.stringify(createRing(servers(1000))).length).toBeLessThan(40_000)
  })

  it.each<[string, (form: RingJSON<RingNode>) => unknown, RegExp]>([
    ['another version', (form) => ({ ...form, v: 2 }), /v 2/],
    ['another strategy', (form) => ({ ...form, strategy: 'maglev' }), /maglev/],
    ['nothing', () => undefined, /no description of a ring/],
    ['another hash function', (form) => ({ ...form, hash: 'md5' }), /'md5', this process has 'xxh32'/],
    ['no nodes', (form) => ({ ...form, nodes: undefined }), /no list of nodes/],
    [
      'other nodes than it was made with',
      (form) => ({ ...form, nodes: form.nodes.slice(0, -1) }),
      /fingerprint/,
    ],
    ['an override that is no pair', (form) => ({ ...form, overrides: [7] }), /override/],
    ['an override without a node', (form) => ({ ...form, overrides: [['k']] }), /override/],
    ['an override of a key that is no text', (form) => ({ ...form, overrides: [[[null], 'a']] }), /override/],
    ['another seed', (form) => ({ ...form, seed: 8 }), /fingerprint/],
  ])('refuses %s', (_, change, message) => {
    const call = (): unknown => ringFromJSON(change(json()) as RingJSON<RingNode>)
    expect(call).toThrow(message)
    expect(call).toThrow(expect.objectContaining({ code: 'RING_MISMATCH' }))
  })

  it('asks for no more points than allowed, and says so before it makes any', () => {
    const points = ring.nodes.reduce((sum, { id }) => sum + ring.pointsOf(id), 0)
    expect(ringFromJSON(json(), { maxPoints: points }).fingerprint).toBe(ring.fingerprint)
    expect(() => ringFromJSON(json(), { maxPoints: points - 1 })).toThrow(
      `asks for ${points} points, maxPoints allows ${points - 1}; if you trust where it comes from, pass a greater maxPoints`,
    )
    const hash = { name: 'xxh32', hash: vi.fn(() => 1) }
    const huge = { ...json(), vnodes: 65_536, nodes: servers(17, (node) => ({ ...node, weight: 1 })) }
    const call = (): unknown => ringFromJSON(huge, { hash })
    expect(call).toThrow(/asks for 1114112 points, maxPoints allows 1048576/)
    expect(call).toThrow(expect.objectContaining({ code: 'RING_MISMATCH' }))
    expect(hash.hash).not.toHaveBeenCalled()
  })

  it.each([0, 1.5, -1, Number.NaN, Infinity, 2 ** 32])('refuses %d for a limit', (maxPoints) => {
    expect(() => ringFromJSON(json(), { maxPoints })).toThrow(
      expect.objectContaining({ code: 'RING_INVALID_OPTION' }),
    )
  })
})
