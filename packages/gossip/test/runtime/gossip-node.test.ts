import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import type { CoreEvent } from '../../src/core/core-event.ts'
import { code, fakeNode, join, state, text, typedNode } from './fake-node.ts'
import { member, verdict } from './fake-core.ts'

describe('peers', () => {
  it('are snapshots: the same object until something changes, another one then', async () => {
    const { node, tell } = await typedNode()
    expect(node.peers.alive()).toEqual([])
    tell(join('c'), join('b'), state('b', 'load', '0.5'))
    const before = node.peers.get('b')
    const list = node.peers.alive()
    expect(list.map(({ id }) => id)).toEqual(['b', 'c'])
    expect(before).toMatchObject({ id: 'b', status: 'alive', address: 'mem://b', state: { load: 0.5 } })
    expect(node.peers.get('b')).toBe(before)
    expect(node.peers.alive()).toBe(list)
    tell(state('b', 'load', '0.75'))
    expect(before?.state.load).toBe(0.5)
    expect(node.peers.get('b')?.state.load).toBe(0.75)
    expect(node.peers.get('c')).toBe(list[1])
    expect(Object.isFrozen(before) && Object.isFrozen(before?.state) && Object.isFrozen(list)).toBe(true)
  })

  it('are there while suspected, known when failed, and gone when forgotten; never this node', async () => {
    const { node, tell } = await typedNode()
    tell(join('b'), join('c'))
    tell({ type: 'suspect', member: member('b', 'suspect'), why: verdict('suspect') })
    expect(node.peers.alive().map(({ id, status }) => [id, status])).toEqual([
      ['b', 'suspect'],
      ['c', 'alive'],
    ])
    expect(node.peers.size).toBe(2)
    tell({ type: 'fail', member: member('b', 'failed'), why: verdict('failed') })
    expect(node.peers.alive().map(({ id }) => id)).toEqual(['c'])
    expect(node.peers.all().map(({ id }) => id)).toEqual(['b', 'c'])
    tell({ type: 'forget', member: member('b', 'failed') })
    expect(node.peers.get('b')).toBeUndefined()
    expect(node.self.id).toBe('self')
  })

  it('are up to date while events of the same step are told yet', async () => {
    const { node, tell } = await typedNode()
    const seen: unknown[] = []
    tell(join('b'))
    node.on('join', () => seen.push(node.peers.get('b')?.state.load))
    node.peers.all()
    tell(join('c'), state('b', 'load', '3'))
    expect(seen).toEqual([3])
  })

  it('show no value that cannot be decoded, and say so; keys that the schema lacks are no trouble', async () => {
    const { node, tell, host } = await typedNode()
    const updated = vi.fn()
    node.on('update', updated)
    tell(join('b'), state('b', 'load', 'much'), state('b', 'other', '1'), state('b', '__proto__', '1'))
    expect(node.peers.get('b')?.state).toEqual({})
    expect(updated).not.toHaveBeenCalled()
    expect(host.observed).toContainEqual(
      expect.objectContaining({ type: 'gossip.undecodable', level: 'warn', from: 'b' }),
    )
    expect(node.metrics().undecodable).toBeGreaterThan(0)
  })
})

describe('own state', () => {
  it('begins with what was given, and is written by key', async () => {
    const { node, core } = await typedNode()
    // Before the first tick: nobody hears of a node without its state.
    expect(core.inputs[0]?.input).toEqual({ type: 'set', key: 'role', value: text('api') })
    node.set('shard:7', 3, { ttlMs: 1000 })
    node.delete('shard:7')
    expect(core.fed('set').slice(1)).toEqual([
      { type: 'set', key: 'shard:7', value: text('3'), ttlMs: 1000 },
      { type: 'set', key: 'shard:7', value: undefined },
    ])
  })

  it('refuses what cannot be, by name', async () => {
    const { node, core } = await typedNode()
    expect(() => node.set('rolle' as never, 'x' as never)).toThrow(
      /no key of the schema; there are role, load/,
    )
    expect(() => node.delete('rolle' as never)).toThrow(code('GOSSIP_INVALID_OPTION'))
    expect(() => node.set('load', Number.NaN)).toThrow(code('GOSSIP_VALUE_NOT_ENCODABLE'))
    expect(() => node.set('load', undefined as never)).toThrow(code('GOSSIP_VALUE_NOT_ENCODABLE'))
    // JSON alone would take it for a value.
    const { node: untyped } = await fakeNode()
    expect(() => untyped.set('load', undefined)).toThrow(code('GOSSIP_VALUE_NOT_ENCODABLE'))
    expect(() => node.set('load', 1, { ttlMs: 0 })).toThrow(code('GOSSIP_INVALID_OPTION'))
    const expected = [
      ['too-many-keys', 'GOSSIP_STATE_FULL'],
      ['too-many-bytes', 'GOSSIP_STATE_FULL'],
      ['value-too-large', 'GOSSIP_TOO_LARGE'],
      ['invalid-key', 'GOSSIP_INVALID_OPTION'],
      ['left', 'GOSSIP_CLOSED'],
    ] as const
    for (const [refused, named] of expected) {
      core.refused = refused
      expect(() => node.set('load', 1)).toThrow(code(named))
    }
  })
})

describe('events', () => {
  it('come to listeners by type and to streams in order, with the peer as it was and why', async () => {
    const { node, tell } = await typedNode()
    const joined = vi.fn()
    const stream = node.events()
    node.on('join', (event) => {
      expectTypeOf(event.type).toEqualTypeOf<'join'>()
      expectTypeOf(event.peer.state.load).toEqualTypeOf<number | undefined>()
      joined(event)
    })
    node.on('update', ({ key, value }) => {
      expectTypeOf(key).toEqualTypeOf<'role' | 'load' | `shard:${string}`>()
      expectTypeOf(value).toEqualTypeOf<string | number | undefined>()
    })
    tell(join('b'), state('b', 'load', '1'), {
      type: 'fail',
      member: member('b', 'failed'),
      why: verdict('failed', 'c'),
    })
    expect(joined).toHaveBeenCalledOnce()
    expect(joined.mock.calls[0]?.[0]).toMatchObject({ type: 'join', peer: { id: 'b', status: 'alive' } })
    await node.close()
    const read: unknown[] = []
    for await (const event of stream) read.push(event)
    expect(read).toMatchObject([
      { type: 'join', peer: { id: 'b', status: 'alive' } },
      { type: 'update', peer: { id: 'b' }, key: 'load', value: 1 },
      { type: 'fail', peer: { id: 'b', status: 'failed' }, why: { accuser: 'c' } },
      { type: 'majority', held: false },
    ])
  })

  it('of a listener that throws reach the others, and the observer hears of it', async () => {
    const { node, tell, host } = await typedNode()
    const second = vi.fn()
    node.on('join', () => {
      throw new Error('mine')
    })
    node.on('join', second)
    tell(join('b'))
    expect(second).toHaveBeenCalledOnce()
    expect(host.observed).toContainEqual(
      expect.objectContaining({ type: 'gossip.listener-failed', event: 'join' }),
    )
    expect(host.observed).toContainEqual(
      expect.objectContaining({
        ...{ type: 'gossip.member-joined', level: 'info', node: 'self', peer: 'b', status: 'alive' },
        ...{ accuser: 'self', path: 'direct', reason: 'it is alive' },
      }),
    )
  })

  it('tell of this node neither as of a peer nor twice', async () => {
    const { node, tell } = await typedNode()
    const heard = vi.fn()
    for (const type of ['join', 'suspect', 'recover', 'update', 'move'] as const) node.on(type, heard)
    tell(join('self'), state('self', 'load', '1'), {
      type: 'recover',
      member: member('self'),
      why: verdict('alive'),
    })
    tell({ type: 'move', member: member('self'), previous: member('self') })
    expect(heard).not.toHaveBeenCalled()
  })

  it('say when most of the cluster is out of sight, and when it is back', async () => {
    const { node, tell, host } = await typedNode()
    const majority = vi.fn()
    node.on('majority', majority)
    tell(join('b'), join('c'))
    expect(node.isMajority()).toBe(true)
    const fail = (id: string): CoreEvent => ({
      type: 'fail',
      member: member(id, 'failed'),
      why: verdict('failed'),
    })
    tell(fail('b'))
    expect(node.isMajority()).toBe(true)
    tell(fail('c'))
    expect(node.isMajority()).toBe(false)
    expect(node.isMajority({ of: ['self'] })).toBe(true)
    expect(node.isMajority({ of: ['self', 'x'] })).toBe(false)
    // Who has left is no part of the cluster any more.
    tell({ type: 'leave', member: member('b', 'left'), why: verdict('left') })
    tell({ type: 'leave', member: member('c', 'left'), why: verdict('left') })
    expect(majority.mock.calls).toEqual([
      [{ type: 'majority', held: false, present: 1, known: 3 }],
      [{ type: 'majority', held: true, present: 1, known: 1 }],
    ])
    expect(host.observed).toContainEqual(expect.objectContaining({ type: 'gossip.majority', level: 'warn' }))
  })

  it('say that this node was removed, and close it', async () => {
    const { node, tell, host } = await typedNode()
    const removed = vi.fn()
    node.on('removed', removed)
    tell({ type: 'leave', member: member('self', 'left'), why: verdict('left', 'b') })
    expect(removed).toHaveBeenCalledOnce()
    expect(() => node.set('load', 1)).toThrow(code('GOSSIP_CLOSED'))
    await node.close()
    expect(host.leases).toBe(0)
  })
})

describe('watch', () => {
  it('hears of keys by prefix, this node’s too, and of what is there already if it wants', async () => {
    const { node, tell } = await typedNode()
    tell(join('b'), state('b', 'shard:1', '1'), state('b', 'load', '2'))
    const heard: unknown[] = []
    const watching = node.watch('shard:', ({ peer, key, value }) => heard.push([peer.id, key, value]), {
      initial: true,
    })
    tell(
      state('b', 'shard:2', '2'),
      state('self', 'shard:3', '3'),
      state('b', 'load', '4'),
      state('b', 'shard:1', undefined),
    )
    watching[Symbol.dispose]()
    tell(state('b', 'shard:4', '4'))
    expect(heard).toEqual([
      ['b', 'shard:1', 1],
      ['b', 'shard:2', 2],
      ['self', 'shard:3', 3],
      ['b', 'shard:1', undefined],
    ])
  })

  it('ends with its signal, and a listener that throws is reported', async () => {
    const { node, tell, host } = await typedNode()
    tell(join('b'))
    const controller = new AbortController()
    const heard = vi.fn(() => {
      throw new Error('mine')
    })
    node.watch('', heard, { signal: controller.signal })
    tell(state('b', 'load', '1'))
    controller.abort()
    tell(state('b', 'load', '2'))
    expect(heard).toHaveBeenCalledOnce()
    expect(host.observed).toContainEqual(
      expect.objectContaining({ type: 'gossip.listener-failed', event: 'watch' }),
    )
  })
})

describe('health, explanations and metrics', () => {
  it('say how this node is, and why another is taken for what', async () => {
    const { node, core, tell, host } = await typedNode()
    tell(join('b'), { type: 'fail', member: member('b', 'failed'), why: verdict('failed') })
    Object.assign(core.health, { score: 3, reasons: ['a probe failed'] })
    core.drops['malformed'] = 2
    expect(node.health()).toEqual({
      ...{ score: 3, reasons: ['a probe failed'], loopLagMs: 0, joined: true },
      peers: { alive: 0, suspect: 0, failed: 1, left: 0 },
    })
    host.clock.time += 2000
    expect(node.explain('b')?.text).toBe(
      'b is failed (mem://b, incarnation 1.0)\n  3.0 s ago failed: it is failed (by this node; path: direct)',
    )
    expect(node.explain('nobody')).toBeUndefined()
    expect(node.metrics()).toMatchObject({ dropped: { malformed: 2, sealed: 0 }, droppedEvents: 0 })
  })
})

describe('removal, leaving and closing', () => {
  it('removes others, not itself and nobody unknown', async () => {
    const { node, core, tell } = await typedNode()
    tell(join('b'))
    node.remove('b')
    expect(core.fed('remove')).toEqual([{ type: 'remove', id: 'b' }])
    expect(() => node.remove('self')).toThrow(/leaves/)
    expect(() => node.remove('x')).toThrow(/not known/)
  })

  it('says goodbye until it is known, then closes; whoever calls again gets the same', async () => {
    const { node, core, tell, host } = await typedNode()
    const leaving = node.leave({ timeoutMs: 2000, acknowledgements: 2 })
    expect(node.leave()).toEqual(leaving)
    expect(core.fed('leave')).toEqual([{ type: 'leave', acknowledgements: 2, timeoutMs: 2000 }])
    expect(() => node.set('load', 1)).toThrow(code('GOSSIP_CLOSED'))
    expect(host.leases).toBe(1)
    tell({ type: 'left', acknowledged: 2 })
    expect(await leaving).toBe(2)
    expect(host.leases).toBe(0)
    expect(await node.leave()).toBe(2)
  })

  it('is over in time, should the core not say so', async () => {
    const { node, host } = await typedNode()
    const leaving = node.leave({ timeoutMs: 500 })
    host.clock.run(2000)
    expect(await leaving).toBe(0)
  })

  it('leaves when its signal aborts', async () => {
    const controller = new AbortController()
    const { core } = await fakeNode({ signal: controller.signal })
    controller.abort()
    expect(core.fed('leave')).toHaveLength(1)
  })

  it('ends every wait and every loop when it closes', async () => {
    const { node, host, tell } = await typedNode()
    tell(join('b'))
    const ready = node.ready({ minPeers: 5 })
    const sent = node.broadcast('x', 1, { await: 'all' })
    const event = node.events().next()
    const leaving = expect(Promise.all([ready, sent])).rejects.toThrow(code('GOSSIP_CLOSED'))
    await node.close()
    await leaving
    await expect(sent).rejects.toThrow(code('GOSSIP_CLOSED'))
    expect((await event).done).toBe(true)
    await expect(node.ready()).rejects.toThrow(code('GOSSIP_CLOSED'))
    expect(() => node.set('load', 1)).toThrow(code('GOSSIP_CLOSED'))
    expect(host.transport.handler).toBeUndefined()
    expect(host.clock.alarms).toEqual([])
    expect(await node.leave()).toBe(0)
  })

  it('stops when the core throws, and says so to everybody who asks', async () => {
    const { node, core, host } = await typedNode()
    core.onStep = () => {
      throw new Error('broken')
    }
    host.transport.peerClosed?.('b')
    expect(host.observed).toContainEqual(expect.objectContaining({ type: 'gossip.stopped', level: 'error' }))
    expect(() => node.set('load', 1)).toThrow(code('GOSSIP_INVARIANT_BROKEN'))
    await node.close()
    expect(host.leases).toBe(0)
  })
})
