import { describe, expect, it } from 'vitest'
import { RingError, type RingErrorCode } from '../../src/index.ts'
import {
  createKetama,
  type KetamaNode,
  type KetamaOptions,
  type KetamaServers,
} from '../../src/node/index.ts'
import { hashringAnswers, libmemcachedAnswers, type Answers } from './ketama-answers.ts'

function idsOf(servers: KetamaServers): string[] {
  if (typeof servers === 'string') return [servers]
  if (!(Symbol.iterator in servers)) return Object.keys(servers)
  return [...servers].map((server) => (typeof server === 'string' ? server : server.id))
}

/** Key and owner of every answer. */
function* answersOf({ servers, owners }: Answers): Generator<readonly [string, string | undefined]> {
  const ids = idsOf(servers)
  for (const pair of owners.split(' ')) {
    const [name = '', at] = pair.split('=')
    yield [/^\d/.test(name) ? `user:${name}` : name, ids[Number(at)]]
  }
}

function expectCode(code: RingErrorCode, act: () => unknown): void {
  let error: unknown
  try {
    act()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(RingError)
  expect((error as RingError).code).toBe(code)
}

describe.each([
  ['hashring', hashringAnswers],
  ['libmemcached', libmemcachedAnswers],
] as const)('ketama like %s', (_like, cases) => {
  it.each(cases.map((answers) => [answers.name, answers] as const))('%s', (_name, answers) => {
    const ketama = createKetama(answers.servers, answers.options)
    for (const [key, owner] of answersOf(answers)) expect([key, ketama.owner(key)?.id]).toEqual([key, owner])
  })
})

describe('ketama', () => {
  const three = ['10.0.0.1:11211', '10.0.0.2:11211', '10.0.0.3:11211']
  const keys = Array.from({ length: 500 }, (_, at) => `user:${at}`)

  it('is like libmemcached unless told otherwise', () => {
    const plain = createKetama(three)
    expect(plain.fingerprint).toBe(
      createKetama(three, { like: 'libmemcached', defaultPort: 11_211 }).fingerprint,
    )
    expect(plain.fingerprint).not.toBe(createKetama(three, { like: 'hashring' }).fingerprint)
    expect(plain.fingerprint).toBe(createKetama(three, { like: 'hashring', defaultPort: 11_211 }).fingerprint)
    expect(createKetama(three, { defaultPort: 0 }).fingerprint).toBe(
      createKetama(three, { like: 'hashring' }).fingerprint,
    )
  })

  it('has 160 points for each of three equal servers, four a digest', () => {
    expect(createKetama(three).boundaries()).toHaveLength(480)
    expect(createKetama(three, { pointsPerDigest: 3 }).boundaries()).toHaveLength(360)
    expect(createKetama(three, { vnodes: 7 }).boundaries()).toHaveLength(84)
  })

  it('takes one name, names, nodes or a record, and returns the very nodes', () => {
    const nodes = three.map((id, at): KetamaNode & { url: string } => ({ id, url: `memcache://${at}` }))
    const ketama = createKetama(new Set(nodes))
    expect(nodes).toContain(ketama.owner('a'))
    expect(ketama.owner('a')?.url).toMatch(/^memcache/)
    expect(createKetama(three).fingerprint).toBe(ketama.fingerprint)
    expect(createKetama(Object.fromEntries(three.map((id) => [id, 5]))).fingerprint).toBe(ketama.fingerprint)
    expect(createKetama('a:1').owner('x')).toEqual({ id: 'a:1' })
    expect(createKetama({ 'a:1': { weight: 2, zone: 'z' } }).nodes).toEqual([
      { id: 'a:1', weight: 2, zone: 'z' },
    ])
  })

  it('hashes every form of a key as the same bytes', () => {
    const ketama = createKetama(three)
    expect(ketama.position('42')).toBe(ketama.position(42))
    expect(ketama.position('42')).toBe(ketama.position(42n))
    expect(ketama.position('é\ud800')).toBe(ketama.position(new TextEncoder().encode('é\ufffd')))
    // md5('') begins with d4 1d 8c d9.
    expect(ketama.position('')).toBe(0xd98c1dd4)
    expectCode('RING_INVALID_KEY', () => ketama.position(Number.NaN))
    expectCode('RING_INVALID_KEY', () => createKetama([]).owner(null as never))
  })

  it('has arcs that agree with its owners and replicas', () => {
    const ketama = createKetama({ 'a:1': 3, 'b:1': 1, 'c:1': 2, 'd:1': 4 })
    const boundaries = ketama.boundaries()
    expect([...boundaries].sort((a, b) => a - b)).toEqual([...boundaries])
    for (const key of keys) {
      const position = ketama.position(key)
      const end = boundaries.find((boundary) => boundary >= position) ?? boundaries[0] ?? 0
      expect(ketama.replicasAt(end, 1)).toEqual([ketama.owner(key)])
      const replicas = ketama.replicas(key, 3)
      expect(new Set(replicas).size).toBe(3)
      expect(replicas[0]).toBe(ketama.owner(key))
      expect(ketama.replicasAt(position, 3)).toEqual(replicas)
      expect(ketama.replicas(key, 9)).toHaveLength(4)
    }
    expect(ketama.overrides.size).toBe(0)
  })

  it('spreads over zones and skips', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id, at) => ({ id, zone: at < 2 ? 'east' : 'west' }))
    const ketama = createKetama(nodes)
    for (const key of keys) {
      expect(new Set(ketama.replicas(key, 2, { spread: 'zone' }).map(({ zone }) => zone)).size).toBe(2)
      const owner = ketama.owner(key)
      const rest = ketama.replicas(key, 4, { skip: (node) => node === owner })
      expect(rest).toEqual(ketama.replicas(key, 4).slice(1))
    }
  })

  it('leaves a server of weight 0 out of the reckoning but among the members', () => {
    const drained = createKetama({ 'a:1': 1, 'b:1': 0, 'c:1': 1 })
    expect(drained.nodes.map(({ id }) => id)).toEqual(['a:1', 'b:1', 'c:1'])
    expect(drained.fingerprint).toBe(createKetama(['a:1', 'c:1']).fingerprint)
  })

  it('owns nothing without servers', () => {
    const empty = createKetama([])
    expect(empty.owner('a')).toBeUndefined()
    expect(empty.replicas('a', 2)).toEqual([])
    expect(empty.boundaries()).toHaveLength(0)
    expect(createKetama({ 'a:1': 0 }).owner('a')).toBeUndefined()
  })

  it('refuses what is wrong', () => {
    expectCode('RING_DUPLICATE_NODE', () => createKetama(['a:1', 'b:1', 'a:1']))
    expectCode('RING_INVALID_NODE', () => createKetama(['']))
    expectCode('RING_INVALID_NODE', () => createKetama({ 'a:1': -1 }))
    expectCode('RING_INVALID_NODE', () => createKetama({ 'a:1': Number.NaN }))
    expectCode('RING_INVALID_NODE', () => createKetama({ 'a:1': { vnodes: 1.5 } }))
    expectCode('RING_INVALID_OPTION', () => createKetama(three).replicas('a', 0))
    const wrong = [
      { like: 'twemproxy' },
      { vnodes: 0 },
      { pointsPerDigest: 5 },
      { defaultPort: 65_536 },
      { 'vnode count': 40 },
    ]
    for (const options of wrong)
      expectCode('RING_INVALID_OPTION', () => createKetama(three, options as KetamaOptions))
  })
})
