import { describe, expect, it, vi } from 'vitest'
import type { FindSeeds } from '../../src/runtime/options.ts'
import { fakeNode } from './fake-node.ts'
import { member, verdict } from './fake-core.ts'

/** Lets promises that have settled be noticed. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

describe('ready()', () => {
  it('resolves at once when enough are there, and as soon as they are', async () => {
    const { node, core, host } = await fakeNode()
    expect(await node.ready({ minPeers: 0 })).toBe(0)
    const ready = node.ready({ minPeers: 2 })
    core.next(['b', 'c'].map((id) => ({ type: 'join', member: member(id), why: verdict('alive') })))
    host.transport.peerClosed?.('b')
    expect(await ready).toBe(2)
    expect(await node.ready({ minPeers: 2 })).toBe(2)
    expect(host.clock.alarms).toEqual([])
  })

  it.each([
    [{}, /0 of 1 other members are known after 100 ms: no seed is named/],
    [{ seeds: ['mem://b'] }, /none of 1 seed has answered/],
    [{ seeds: () => new Promise<never>(() => {}) }, /has not answered yet/],
    [{ seeds: () => Promise.reject(new Error('no DNS')) }, /finds seeds failed \(no DNS\)/],
    [{ seeds: () => Promise.resolve([1 as never]) }, /finds seeds failed \(.*a seed is an address, not 1/],
  ])('names what is missing: %o', async (options, message) => {
    const { node, host } = await fakeNode(options)
    await settle()
    const ready = node.ready({ timeoutMs: 100 })
    host.clock.run(100)
    await expect(ready).rejects.toThrow(message)
    await expect(ready).rejects.toMatchObject({ code: 'GOSSIP_NOT_READY', retryable: true })
  })

  it('names a cluster that is another, and others who are too few', async () => {
    const { node, core, host } = await fakeNode({ seeds: ['mem://b'] })
    core.next([{ type: 'wrong-cluster', from: 'x' }])
    host.transport.peerClosed?.('b')
    const ready = node.ready({ timeoutMs: 100 })
    host.clock.run(100)
    await expect(ready).rejects.toThrow(/'x' answered, but for another cluster/)
    core.next([{ type: 'join', member: member('b'), why: verdict('alive') }])
    host.transport.peerClosed?.('b')
    const more = node.ready({ minPeers: 2, timeoutMs: 100 })
    host.clock.run(100)
    await expect(more).rejects.toThrow(/1 of 2 .* the others have not joined yet/)
  })

  it('ends with its signal, and refuses what cannot be', async () => {
    const { node } = await fakeNode()
    const controller = new AbortController()
    const ready = node.ready({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(ready).rejects.toThrow('enough')
    await expect(node.ready({ signal: controller.signal })).rejects.toThrow('enough')
    await expect(node.ready({ minPeers: -1 })).rejects.toMatchObject({ code: 'GOSSIP_INVALID_OPTION' })
    await expect(node.ready({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'GOSSIP_INVALID_OPTION' })
  })
})

describe('seeds', () => {
  it('of a list are told once', async () => {
    const { core } = await fakeNode({ seeds: ['mem://b', 'mem://b', { id: 'c', address: 'mem://c' }] })
    expect(core.fed('seeds')).toEqual([
      { type: 'seeds', seeds: [{ address: 'mem://b' }, { id: 'c', address: 'mem://c' }] },
    ])
  })

  it('of a function are asked for again and again, sooner after a failure, and not after the end', async () => {
    let answer: () => Promise<readonly string[]> = () => Promise.reject(new Error('no DNS'))
    const find = vi.fn<FindSeeds>(() => answer())
    const { node, core, host } = await fakeNode({ seeds: find, advanced: { seedIntervalMs: 10_000 } })
    await settle()
    for (const wait of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const calls = find.mock.calls.length
      host.clock.run(wait - 1)
      expect(find).toHaveBeenCalledTimes(calls)
      host.clock.run(1)
      expect(find).toHaveBeenCalledTimes(calls + 1)
      await settle()
    }
    expect(host.observed).toContainEqual(
      expect.objectContaining({ type: 'gossip.seeds-failed', level: 'warn' }),
    )
    answer = () => Promise.resolve(['mem://b'])
    host.clock.run(10_000)
    await settle()
    answer = () => Promise.resolve(['mem://c'])
    host.clock.run(10_000)
    await settle()
    expect(core.fed('seeds').map(({ seeds }) => seeds)).toEqual([
      [{ address: 'mem://b' }],
      [{ address: 'mem://c' }],
    ])
    // After a success a failure is a first one again.
    answer = () => Promise.reject(new Error('no DNS'))
    host.clock.run(10_000)
    await settle()
    const before = find.mock.calls.length
    host.clock.run(500)
    expect(find).toHaveBeenCalledTimes(before + 1)
    await settle()
    await node.close()
    const calls = find.mock.calls.length
    host.clock.run(100_000)
    expect(find).toHaveBeenCalledTimes(calls)
  })

  it('of a function that never answers do not end the search, and a late answer counts for nothing', async () => {
    const waiting: ((seeds: readonly string[]) => void)[] = []
    const { core, host } = await fakeNode({ seeds: () => new Promise((resolve) => waiting.push(resolve)) })
    host.clock.run(30_000)
    expect(waiting).toHaveLength(2)
    waiting[0]?.(['mem://late'])
    waiting[1]?.(['mem://b'])
    await settle()
    expect(core.fed('seeds').map(({ seeds }) => seeds)).toEqual([[{ address: 'mem://b' }]])
  })
})
