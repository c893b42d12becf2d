import { describe, expect, it } from 'vitest'
import { createHistory } from '../src/history.ts'
import { createRing, type Ring } from '../src/ring.ts'

interface Server {
  readonly id: string
  readonly weight?: number
  readonly url?: string
}

function ringOf(...ids: string[]): Ring<Server> {
  return createRing<Server>(ids.map((id) => ({ id })))
}

const KEYS = Array.from({ length: 500 }, (_, at) => `key:${at}`)

function ids(nodes: readonly Server[]): string[] {
  return nodes.map(({ id }) => id)
}

describe('a history', () => {
  const old = ringOf('a', 'b', 'c')
  const young = old.with({ id: 'd' })

  it('begins with one generation', () => {
    const history = createHistory(old)
    expect([history.current, history.depth, history.generations]).toEqual([old, 2, [old]])
    for (const key of KEYS) {
      expect(history.owner(key)).toBe(old.owner(key))
      expect(history.owners(key)).toEqual([old.owner(key)])
      expect(history.stable(key, 2)).toEqual(old.replicas(key, 2))
    }
  })

  it('keeps as many generations as were asked for and leaves the old history alone', () => {
    const first = createHistory(old, { depth: 3 })
    const later = young.with({ id: 'e' })
    const last = later.without('a')
    const second = first.push(young)
    expect(second.push(later).push(last).generations).toEqual([last, later, young])
    expect(first.generations).toEqual([old])
    expect(createHistory(old).push(young).push(later).generations).toEqual([later, young])
    expect(createHistory(old, { depth: 1 }).push(young).generations).toEqual([young])
  })

  it('names the owners of a key, newest first, each once', () => {
    const history = createHistory(old, { depth: 3 })
      .push(young)
      .push(young.with({ id: 'e' }))
    let several = 0
    for (const key of KEYS) {
      const owners = history.generations.map((ring) => ring.owner(key)!.id)
      expect(ids(history.owners(key))).toEqual([...new Set(owners)])
      expect(history.owner(key)!.id).toBe(owners[0])
      if (new Set(owners).size > 1) several++
    }
    expect(several).toBeGreaterThan(50)
  })

  it('still names an owner that has left', () => {
    const history = createHistory(old).push(old.without('b'))
    const key = KEYS.find((name) => old.owner(name)!.id === 'b')!
    expect(ids(history.owners(key))).toEqual([history.current.owner(key)!.id, 'b'])
  })

  it('returns the newest object of a node', () => {
    const moved = young.withMembers(young.nodes.map((node) => ({ ...node, url: `new-${node.id}` })))
    const history = createHistory(old).push(moved)
    const key = KEYS.find((name) => moved.owner(name)!.id === 'd')!
    const owner = old.owner(key)!.id
    expect(history.owners(key).map(({ url }) => url)).toEqual(['new-d', `new-${owner}`])
  })

  it('names those replicas that have held a key all along', () => {
    const history = createHistory(old, { depth: 3 })
      .push(young)
      .push(young.with({ id: 'e' }))
    let fewer = 0
    for (const key of KEYS) {
      const all = history.generations.map((ring) => ids(ring.replicas(key, 2)))
      const expected = all[0]!.filter((id) => all[1]!.includes(id) && all[2]!.includes(id))
      const stable = history.stable(key, 2)
      expect(ids(stable)).toEqual(expected)
      for (const node of stable) expect(history.current.node(node.id)).toBe(node)
      if (expected.length < 2) fewer++
    }
    expect(fewer).toBeGreaterThan(50)
  })

  it('names none when every replica is new', () => {
    const history = createHistory(ringOf('a', 'b')).push(ringOf('c', 'd'))
    expect(history.stable('key', 2)).toEqual([])
    expect(history.owners('key')).toHaveLength(2)
  })

  it('does not forget where data was for a placement that moves nothing', () => {
    const same = young.withMembers([...young.nodes, { id: 'off', weight: 0 }])
    const history = createHistory(old).push(young).push(same)
    expect(history.generations).toEqual([same, old])
    expect(history.current).toBe(same)
    expect(createHistory(old).push(old).generations).toEqual([old])
  })

  it('has no owner when nobody is there', () => {
    const history = createHistory(old).push(ringOf())
    expect(history.owner('key')).toBeUndefined()
    expect(history.owners('key')).toEqual([old.owner('key')])
    expect(history.stable('key', 3)).toEqual([])
    expect(createHistory(ringOf()).owners('key')).toEqual([])
  })

  it('refuses a depth or a count that makes no sense', () => {
    const invalid: unknown = expect.objectContaining({ code: 'RING_INVALID_OPTION' })
    for (const depth of [0, 1.5, 101, NaN]) expect(() => createHistory(old, { depth })).toThrow(invalid)
    for (const count of [0, 1.5, NaN]) expect(() => createHistory(old).stable('key', count)).toThrow(invalid)
  })
})
