import { describe, expect, it } from 'vitest'
import { eventually, event, frame, hello, rawClient, rawServer, settle, TcpWorld } from './tcp-world.ts'

describe('liveness', () => {
  it('keeps a quiet connection between live nodes alive by pings', async () => {
    const world = new TcpWorld()
    const options = { pingIntervalMs: 1000, idleTimeoutMs: 3000, lingerMs: 86_400_000 }
    const [a, b] = await Promise.all([world.node('a', options), world.node('b', options)])
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    for (let second = 0; second < 20; second++) {
      const { bytesReceived } = a.transport.stats()
      a.clock.advance(1000)
      b.clock.advance(1000)
      await eventually(() => a.transport.stats().bytesReceived > bytesReceived)
      await settle()
    }
    a.transport.send('b', 'ch', frame(2))
    await eventually(() => b.frames.length === 2)
    expect(a.events.filter(({ type }) => type === 'transport.connection-opened')).toHaveLength(1)
  })

  it('closes a connection that somebody made and that has fallen silent', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { pingIntervalMs: 1000, idleTimeoutMs: 3000 })
    const client = await rawClient(a.port)
    client.socket.write(hello('x'))
    await event(a, 'connection-opened', { peer: 'x' })
    a.clock.advance(3000)
    await settle()
    expect(a.transport.stats().incoming).toBe(1)
    a.clock.advance(1000)
    await client.closed
    await event(a, 'connection-closed', { reason: 'idle', direction: 'in', peer: 'x', level: 'warn' })
  })

  it('closes a connection that it made and that is answered by nothing, and dials again', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { pingIntervalMs: 1000, idleTimeoutMs: 3000 })
    const received: Buffer[] = []
    let connects = 0
    const { address } = await rawServer((socket) => {
      connects++
      socket.on('data', (chunk) => received.push(chunk))
      socket.write(hello('x'))
    })
    world.addresses.set('x', address)
    a.transport.send('x', 'ch', frame(1))
    await event(a, 'connection-opened', { peer: 'x' })
    for (let second = 0; second < 4; second++) {
      a.clock.advance(1000)
      await settle()
    }
    await event(a, 'connection-closed', { reason: 'idle', direction: 'out', peer: 'x' })
    a.clock.advance(50)
    await eventually(() => connects === 2)
    const pings = Buffer.concat(received).toString('hex').split('020000000001').length - 1
    expect(pings).toBe(3)
  })

  it('reads what has arrived before it takes its own stall for silence', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { pingIntervalMs: 1000, idleTimeoutMs: 3000 })
    const client = await rawClient(a.port)
    client.socket.write(hello('x'))
    await event(a, 'connection-opened', { peer: 'x' })
    // The process stands still for a minute: when its timer fires at last, a ping waits unread in the socket.
    await new Promise((resolve) => setTimeout(resolve, 1))
    client.socket.write(Buffer.from([2, 0, 0, 0, 0, 1]))
    const until = performance.now() + 20
    while (performance.now() < until);
    a.clock.advance(60_000)
    await settle()
    expect(a.transport.stats().closed.idle).toBe(0)
    expect(a.transport.stats().incoming).toBe(1)
  })

  it('closes a connection that nobody sends on any more, and makes a new one when somebody does', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { pingIntervalMs: 1000, idleTimeoutMs: 3000, lingerMs: 5000 })
    const b = await world.node('b')
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    for (let second = 0; second < 7; second++) {
      expect(a.transport.stats().closed.unused).toBe(second < 6 ? 0 : 1)
      a.clock.advance(1000)
      await settle()
    }
    await event(a, 'connection-closed', { reason: 'unused', direction: 'out', level: 'info' })
    await event(b, 'connection-closed', { reason: 'goodbye', direction: 'in' })
    expect(a.transport.send('b', 'ch', frame(2))).toBe(true)
    await eventually(() => b.frames.length === 2)
  })

  it('stops dialling a dead peer that nobody sends to any more', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { pingIntervalMs: 1000, lingerMs: 5000 })
    world.addresses.set('x', 'tcp://nonsense')
    a.transport.send('x', 'ch', frame(1))
    a.clock.advance(1000)
    await settle()
    for (let second = 0; second < 10; second++) {
      a.clock.advance(1000)
      await settle()
    }
    const { connectFailures } = a.transport.stats()
    expect(connectFailures).toBeGreaterThan(3)
    a.clock.advance(60_000)
    await settle()
    expect(a.transport.stats().connectFailures).toBe(connectFailures)
  })

  it('answers no more pings of a peer that does not read the answers', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const client = await rawClient(a.port)
    client.socket.write(hello('x'))
    await event(a, 'connection-opened', { peer: 'x' })
    client.socket.pause()
    const pings = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([2, 0, 0, 0, 0, 1])))
    const rounds = 60
    for (let i = 0; i < rounds; i++) client.socket.write(pings)
    await eventually(() => a.transport.stats().bytesReceived === rounds * pings.length)
    client.socket.write(Buffer.from([3, 0, 0, 0, 2, 0x63, 0x68]))
    await eventually(() => a.frames.length === 1)
    // What the kernel takes (about 10 MiB at most) and 64 KiB; all answers together would be 36 MB.
    client.socket.resume()
    client.socket.write(Buffer.from([6, 0, 0, 0, 2, 0x63, 0x68, 1, 1, 1]))
    await eventually(() => a.frames.length === 2)
    await settle()
    const answered = client.received.reduce((sum, { length }) => sum + length, 0)
    expect(answered).toBeLessThan((rounds * pings.length) / 2)
  })
})
