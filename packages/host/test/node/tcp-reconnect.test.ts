import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  eventually,
  event,
  frame,
  hello,
  rawClient,
  rawServer,
  settle,
  TcpWorld,
  wireFrame,
} from './tcp-world.ts'

describe('reconnecting', () => {
  it('waits a random part of a bound that doubles up to the maximum', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { reconnect: { minMs: 100, maxMs: 700 }, pingIntervalMs: 600_000 })
    const down = await world.node('down')
    await down.transport.close()
    expect(a.transport.send('down', 'ch', frame(1))).toBe(true)
    const { stats } = a.transport
    const failures = (): number => stats.call(a.transport).connectFailures
    for (const [i, delay] of [100, 200, 400, 700, 700].entries()) {
      await eventually(() => failures() === i + 1)
      expect(a.transport.send('down', 'ch', frame(1))).toBe(false)
      a.clock.advance(delay - 1)
      await settle()
      expect(failures()).toBe(i + 1)
      a.clock.advance(1)
    }
    await eventually(() => failures() === 6)
    const levels = a.events
      .filter(({ type }) => type === 'transport.connect-failed')
      .map(({ level }) => level)
    expect(levels).toEqual(['warn', 'debug', 'debug', 'debug', 'debug', 'debug'])
    expect(stats.call(a.transport)).toMatchObject({ framesSent: 1, framesDropped: 6 })
  })

  it('uses the part that the random numbers say', async () => {
    const world = new TcpWorld()
    const random = { float: () => 0.25, integer: () => 1, fork: () => random }
    const a = await world.node('a', { random, reconnect: { minMs: 100 } })
    world.addresses.set('x', 'tcp://nonsense')
    a.transport.send('x', 'ch', frame(1))
    expect(a.transport.stats().connectFailures).toBe(1)
    a.clock.advance(24)
    expect(a.transport.stats().connectFailures).toBe(1)
    a.clock.advance(1)
    expect(a.transport.stats().connectFailures).toBe(2)
  })

  it('finds a peer again that comes back, at the same address', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const b = await world.node('b')
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    await b.transport.close()
    await event(a, 'connection-closed', { reason: 'goodbye', direction: 'out', peer: 'b', level: 'info' })
    const again = await world.node('b', { listen: { host: '127.0.0.1', port: b.port } })
    await eventually(() => {
      a.clock.advance(10)
      return a.transport.send('b', 'ch', frame(2))
    })
    await eventually(() => again.frames.length >= 1)
    expect(again.frames[0]).toBe('a:2')
  })

  it('uses the address of the moment: a peer that moved is found there, without waiting', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const b = await world.node('b')
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    await b.transport.close()
    await event(a, 'connection-closed', { peer: 'b' })
    expect(a.transport.send('b', 'ch', frame(2))).toBe(false)
    world.addresses.delete('b')
    const moved = await world.node('b')
    expect(moved.port).not.toBe(b.port)
    expect(a.transport.send('b', 'ch', frame(3))).toBe(true)
    await eventually(() => moved.frames.includes('a:3'))
  })

  it('keeps a connection that stands when the address changes', async () => {
    const world = new TcpWorld()
    const [a, b] = await Promise.all([world.node('a'), world.node('b')])
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    world.addresses.set('b', 'tcp://127.0.0.1:1')
    a.transport.send('b', 'ch', frame(2))
    await eventually(() => b.frames.length === 2)
  })

  it('gives up a peer whose address was forgotten', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    world.addresses.set('x', 'tcp://127.0.0.1:1')
    a.transport.send('x', 'ch', frame(1))
    await event(a, 'connect-failed', { peer: 'x' })
    world.addresses.delete('x')
    a.clock.advance(2000)
    await settle()
    expect(a.transport.stats().connectFailures).toBe(1)
    expect(a.transport.send('x', 'ch', frame(1))).toBe(false)
  })

  it('dials at once, and lets answers wait, when the peer is heard from', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { reconnect: { minMs: 600_000, maxMs: 600_000 } })
    const first = await world.node('b')
    await first.transport.close()
    a.transport.send('b', 'ch', frame(1))
    await event(a, 'connect-failed', { peer: 'b' })
    expect(a.transport.send('b', 'ch', frame(1))).toBe(false)
    a.transport.receive('ask', (from, bytes) => a.transport.send(from, 'ch', bytes))
    const again = await world.node('b', { listen: { host: '127.0.0.1', port: first.port } })
    again.transport.send('a', 'ask', frame(9))
    await eventually(() => again.frames.includes('a:9'))
  })

  it('lets nothing wait for a connect that has little hope', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { reconnect: { minMs: 100 } })
    const sockets: Socket[] = []
    const { address } = await rawServer((socket) => {
      if (sockets.push(socket) === 1) socket.destroy()
    })
    world.addresses.set('x', address)
    expect(a.transport.send('x', 'ch', frame(1))).toBe(true)
    await event(a, 'peer-refused', { reason: 'hung-up', peer: 'x' })
    a.clock.advance(100)
    await eventually(() => sockets.length === 2)
    await settle()
    expect(a.transport.send('x', 'ch', frame(2))).toBe(false)
    sockets[1]?.write(hello('x'))
    await event(a, 'connection-opened', { peer: 'x' })
    expect(a.transport.send('x', 'ch', frame(3))).toBe(true)
  })

  it('drops a connection to a peer that has come back as another incarnation', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const sockets: Socket[] = []
    // Loses its memory without closing its sockets, as after a power cut.
    const { address } = await rawServer((socket) => {
      const incarnation = sockets.push(socket) === 1 ? '11'.repeat(8) : '22'.repeat(8)
      socket.write(hello('x', { incarnation }))
    })
    world.addresses.set('x', address)
    a.transport.send('x', 'ch', frame(1))
    await event(a, 'connection-opened', { direction: 'out' })
    const same = await rawClient(a.port)
    same.socket.write(hello('x', { incarnation: '11'.repeat(8) }))
    await event(a, 'connection-opened', { direction: 'in' })
    await settle()
    expect(sockets).toHaveLength(1)
    const restarted = await rawClient(a.port)
    restarted.socket.write(hello('x', { incarnation: '22'.repeat(8) }))
    await event(a, 'connection-closed', { direction: 'out', reason: 'superseded' })
    await eventually(() => sockets.length === 2)
  })

  it('does not dial in a tight loop a peer that accepts and closes', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { reconnect: { minMs: 100, maxMs: 1000 } })
    let connects = 0
    const { address } = await rawServer((socket) => {
      connects++
      socket.end(hello('x'))
    })
    world.addresses.set('x', address)
    a.transport.send('x', 'ch', frame(1))
    for (const [i, delay] of [100, 200, 400, 800, 1000].entries()) {
      await eventually(() => connects === i + 1 && a.transport.stats().closed.ended === i + 1)
      a.clock.advance(delay - 1)
      await settle()
      expect(connects).toBe(i + 1)
      a.clock.advance(1)
    }
  })

  it('starts from the smallest delay again after a connection that has lasted', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { reconnect: { minMs: 100, maxMs: 1000 }, pingIntervalMs: 600_000 })
    const sockets: Socket[] = []
    const { address } = await rawServer((socket) => {
      sockets.push(socket)
      socket.write(hello('x'))
    })
    world.addresses.set('x', address)
    a.transport.send('x', 'ch', frame(1))
    for (let i = 1; i <= 4; i++) {
      await eventually(() => sockets.length === i && a.transport.stats().outgoing === 1)
      a.clock.advance(1000)
      sockets[i - 1]?.destroy()
      await eventually(() => a.transport.stats().outgoing === 0)
      a.clock.advance(100)
    }
    await eventually(() => sockets.length === 5)
  })
})

describe('a peer that connects anew', () => {
  it('supersedes its older connection', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const older = await rawClient(a.port)
    older.socket.write(Buffer.concat([hello('x'), wireFrame('ch', frame(1))]))
    await eventually(() => a.frames.length === 1)
    const newer = await rawClient(a.port)
    newer.socket.write(
      Buffer.concat([hello('x', { incarnation: 'ff'.repeat(8) }), wireFrame('ch', frame(2))]),
    )
    await older.closed
    const closed = await event(a, 'connection-closed', { reason: 'superseded', peer: 'x' })
    expect(closed['detail']).toContain('has restarted')
    newer.socket.write(wireFrame('ch', frame(3)))
    await eventually(() => a.frames.length === 3)
    expect(a.frames).toEqual(['x:1', 'x:2', 'x:3'])
    expect(a.transport.stats().incoming).toBe(1)
    const newest = await rawClient(a.port)
    newest.socket.write(hello('x'))
    await newer.closed
    await eventually(() => a.transport.stats().closed.superseded === 2)
  })
})
