import { describe, expect, it } from 'vitest'
import { timingOf } from '../../../src/core/profiles.ts'
import { CoreNet } from '../core-net.ts'
import { bytes, text } from '../state/state-net.ts'

function set(net: CoreNet, id: string, key: string, value: string | undefined): void {
  net.input(id, { type: 'set', key, value: value === undefined ? undefined : bytes(value) })
}

/** What `id` knows of `owner`, as text. */
function stateOf(net: CoreNet, id: string, owner: string): string {
  return [...net.core(id).state(owner)]
    .map(([key, value]) => `${key}=${text(value)}`)
    .sort()
    .join(' ')
}

/** Whether all nodes know the same of everything. */
function agree(net: CoreNet, ids: readonly string[]): boolean {
  const [first] = ids
  const { members, contents } = net.core(first!).fingerprint
  return ids.every((id) => {
    const one = net.core(id).fingerprint
    return one.members === members && one.contents === contents
  })
}

function expectSameStates(net: CoreNet, ids: readonly string[]): void {
  for (const id of ids)
    for (const owner of ids) expect(stateOf(net, id, owner)).toBe(stateOf(net, owner, owner))
}

describe('a cluster', () => {
  it('agrees on all states while 30 % of the datagrams are lost', () => {
    for (let seed = 1; seed <= 2; seed++) {
      const net = new CoreNet({ seed, record: false })
      const ids = net.addMany(30)
      net.loss = 0.3
      for (const id of ids) for (const key of ['a', 'b', 'c']) set(net, id, key, `${id}-${key}`)
      expect(net.runUntil(() => agree(net, ids), 60_000)).toBe(true)
      expectSameStates(net, ids)
    }
  })

  it('that was split for a quarter of an hour is one again within a minute, with all that both parts said, and nobody is lost for it', () => {
    for (let seed = 1; seed <= 2; seed++) {
      const net = new CoreNet({ seed })
      const ids = net.addMany(20)
      const left = ids.slice(0, 10)
      net.isolate(left)
      net.run(60_000)
      for (const id of left) expect(net.core(id).members.size).toBe(10)
      for (const id of ids) {
        set(net, id, 'seen', `during-${id}`)
        net.input(id, { type: 'share', key: `by-${id}`, value: bytes(id) })
      }
      net.run(840_000)
      const before = net.events.length
      net.heal()
      expect(net.runUntil(() => agree(net, ids) && net.core('n1').members.size === 20, 60_000)).toBe(true)
      for (const id of ids) expect(net.core(id).members.size).toBe(20)
      expectSameStates(net, ids)
      for (const id of ids) expect([...net.core(id).sharedKeys()].length).toBe(20)
      net.run(120_000)
      expect(net.events.slice(before).filter(({ type }) => type === 'fail')).toEqual([])
    }
  })

  it('resets whoever was away for longer than tombstones are kept: no deleted key comes back', () => {
    const timing = timingOf('lan', { tombstoneMs: 120_000 })
    const net = new CoreNet({ seed: 5, core: { timing } })
    const ids = net.addMany(6)
    for (const key of ['keep', 'gone']) set(net, 'n2', key, 'old')
    net.input('n3', { type: 'share', key: 'gone', value: bytes('old') })
    net.run(10_000)
    net.isolate(['n6'])
    net.run(5000)
    set(net, 'n2', 'gone', undefined)
    net.input('n3', { type: 'share', key: 'gone', value: undefined })
    net.run(400_000)
    expect(net.core('n1').copyOf('n2')).toMatchObject({ tombstones: 0, floor: 3 })
    set(net, 'n2', 'new', 'yes')
    net.run(10_000)
    expect(stateOf(net, 'n6', 'n2')).toBe('gone=old keep=old')
    net.heal()
    expect(net.runUntil(() => agree(net, ids), 60_000)).toBe(true)
    net.run(30_000)
    for (const id of ids) {
      expect(stateOf(net, id, 'n2')).toBe('keep=old new=yes')
      expect(net.core(id).sharedValue('gone')).toBeUndefined()
    }
    expect(net.core('n6').copyOf('n2')?.floor).toBe(3)
  })

  it('forgets at once what an earlier life of a member said', () => {
    const net = new CoreNet({ seed: 6 })
    const ids = net.addMany(5)
    for (let count = 0; count < 20; count++) set(net, 'n3', `key-${count}`, 'old')
    net.run(5000)
    net.crash('n3')
    net.restart('n3', ['n1'])
    set(net, 'n3', 'key-1', 'new')
    expect(net.runUntil(() => agree(net, ids), 20_000)).toBe(true)
    for (const id of ids) expect(stateOf(net, id, 'n3')).toBe('key-1=new')
  })

  it('brings a newcomer ten megabytes while it goes on as usual', () => {
    const net = new CoreNet({ seed: 7, record: false })
    const ids = net.addMany(10)
    const value = new Uint8Array(50_000).fill(3)
    for (const id of ids)
      for (let key = 0; key < 20; key++) net.input(id, { type: 'set', key: `key-${key}`, value })
    expect(net.runUntil(() => agree(net, ids), 120_000)).toBe(true)
    const start = net.now
    net.add('late', ['n1'])
    expect(net.runUntil(() => agree(net, [...ids, 'late']), 60_000)).toBe(true)
    expect(net.now - start).toBeLessThan(20_000)
    expect([...net.core('late').state('n7')].length).toBe(20)
    expect(net.core('late').members.size).toBe(11)
  })
})
