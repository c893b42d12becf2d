import { describe, expect, it } from 'vitest'
import type { RefusalReason } from '../../src/node/index.ts'
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
  type TestNode,
} from './tcp-world.ts'

/** Checks that the node still serves a well-behaved peer. */
async function stillServes(world: TcpWorld, node: TestNode): Promise<void> {
  const friend = await world.node('friend')
  friend.transport.send(node.id, 'ch', frame(7))
  await eventually(() => node.frames.includes('friend:7'))
}

function versioned(version: number): Buffer {
  const bytes = Buffer.from(hello('x'))
  bytes.writeUInt32LE(version, 8)
  return bytes
}

describe('a stranger on the port', () => {
  it.each<[string, RefusalReason, Uint8Array]>([
    ['garbage', 'bad-magic', Buffer.from('\0\0\0\0')],
    ['HTTP', 'bad-magic', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['TLS', 'bad-magic', Uint8Array.of(0x16, 3, 1, 0, 200)],
    ['a broken introduction', 'malformed-hello', hello('')],
    ['another protocol version', 'wrong-version', versioned(2)],
    ['another cluster', 'wrong-cluster', hello('x', { clusterId: 'other' })],
    ['our own id', 'wrong-id', hello('a')],
  ])('that speaks %s is refused as %s', async (_, reason, bytes) => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const client = await rawClient(a.port)
    client.socket.write(bytes)
    await client.closed
    await event(a, 'peer-refused', { reason, direction: 'in' })
    expect(a.transport.stats().refused[reason]).toBe(1)
    expect(a.transport.stats().incoming).toBe(0)
    await stillServes(world, a)
  })

  it('gets no answer to garbage, and a reason when it is a node', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const stranger = await rawClient(a.port)
    stranger.socket.write('GET /')
    const cousin = await rawClient(a.port)
    cousin.socket.write(hello('x', { clusterId: 'other' }))
    await Promise.all([stranger.closed, cousin.closed])
    expect(stranger.received).toEqual([])
    expect(Buffer.concat(cousin.received).subarray(1, 5).toString()).toBe('CLNY')
  })

  it('that hangs up in the middle of the handshake is counted', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const client = await rawClient(a.port)
    client.socket.write(hello('x').subarray(0, 10))
    await settle()
    client.socket.destroy()
    await event(a, 'peer-refused', { reason: 'hung-up', level: 'info' })
    await stillServes(world, a)
  })

  it.each(['says nothing', 'sends one byte at a time'])('that %s is cut off at the deadline', async (how) => {
    const world = new TcpWorld()
    const a = await world.node('a', { handshakeTimeoutMs: 3000 })
    const client = await rawClient(a.port)
    const bytes = hello('x')
    await eventually(() => a.transport.stats().incoming === 1)
    for (let second = 0; second < 3; second++) {
      if (how !== 'says nothing') client.socket.write(bytes.subarray(second, second + 1))
      await settle()
      expect(a.transport.stats().incoming).toBe(1)
      a.clock.advance(1000)
    }
    await client.closed
    await event(a, 'peer-refused', { reason: 'timeout' })
    await eventually(() => a.transport.stats().incoming === 0)
    await stillServes(world, a)
  })

  it('beyond maxConnections is turned away', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { maxConnections: 2 })
    const [one] = await Promise.all([rawClient(a.port), rawClient(a.port)])
    await eventually(() => a.transport.stats().incoming === 2)
    const third = await rawClient(a.port)
    await third.closed
    await event(a, 'peer-refused', { reason: 'too-many-connections' })
    one.socket.destroy()
    await eventually(() => a.transport.stats().incoming === 1)
    await stillServes(world, a)
  })

  it('is never delivered, whatever follows its refused introduction', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const client = await rawClient(a.port)
    client.socket.write(Buffer.concat([hello('x', { clusterId: 'other' }), wireFrame('ch', frame(1))]))
    await client.closed
    expect(a.frames).toEqual([])
  })
})

describe('a peer that breaks the rules later', () => {
  it.each([
    ['oversized-frame', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    ['oversized-frame', wireFrame('ch', new Uint8Array(2049)).subarray(0, 10)],
    ['malformed-frame', Uint8Array.of(0, 0, 0, 0)],
    ['malformed-frame', Uint8Array.of(2, 0, 0, 0, 200, 65)],
  ] as const)('is cut off for an %s', async (reason, bytes) => {
    const world = new TcpWorld()
    const a = await world.node('a', { maxFrameBytes: 2048 })
    const client = await rawClient(a.port)
    // The limit is on the payload: with a channel of 255 bytes it is met exactly.
    const good = wireFrame('c'.repeat(255), new Uint8Array(2048))
    client.socket.write(Buffer.concat([hello('x'), wireFrame('ch', frame(1)), good]))
    await eventually(() => a.frames.length === 1 && a.transport.stats().framesUnclaimed === 1)
    const late = bytes.length === 10 ? Buffer.concat([bytes, new Uint8Array(3000)]) : bytes
    client.socket.write(Buffer.concat([late, wireFrame('ch', frame(2))]))
    await client.closed
    await event(a, 'connection-closed', { reason, direction: 'in', peer: 'x', level: 'warn' })
    expect(a.transport.stats().closed[reason]).toBe(1)
    expect(a.frames).toEqual(['x:1'])
    await stillServes(world, a)
  })

  it('is cut off for sending frames on a connection that it did not make', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const { address } = await rawServer((socket) => {
      socket.write(Buffer.concat([hello('x'), wireFrame('ch', frame(1))]))
    })
    world.addresses.set('x', address)
    a.transport.send('x', 'ch', frame(1))
    await event(a, 'connection-closed', { reason: 'malformed-frame', direction: 'out' })
    expect(a.frames).toEqual([])
  })

  it('cannot make the node throw with any bytes', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    let state = 12_345
    const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 8
    const clients = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const client = await rawClient(a.port)
        const noise = Buffer.from(Array.from({ length: 500 }, () => random() % (i % 2 === 0 ? 256 : 4)))
        client.socket.end(i % 3 === 0 ? noise : Buffer.concat([hello(`x${i}`), noise]))
        return client
      }),
    )
    await Promise.all(clients.map(({ closed }) => closed))
    await stillServes(world, a)
  })
})

describe('a node that was dialled', () => {
  it.each<[string, RefusalReason, Uint8Array]>([
    ['is another node', 'wrong-id', hello('y')],
    ['is of another cluster', 'wrong-cluster', hello('x', { clusterId: 'other' })],
    ['speaks another version', 'wrong-version', versioned(7)],
    ['is no node', 'bad-magic', Buffer.from('220 smtp ready\r\n')],
    ['requires TLS', 'bad-magic', Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10)],
    ['refuses us', 'refused-by-peer', hello('x', { refusal: 'wrong-cluster' })],
  ])('and %s is refused as %s', async (_, reason, answer) => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const received: Buffer[] = []
    const { address } = await rawServer((socket) => {
      socket.on('data', (chunk) => received.push(chunk))
      socket.write(answer)
    })
    world.addresses.set('x', address)
    expect(a.transport.send('x', 'secret', frame(1))).toBe(true)
    const refused = await event(a, 'peer-refused', { reason, direction: 'out', peer: 'x', address })
    expect(refused.level).toBe('warn')
    expect(a.transport.stats().refused[reason]).toBe(1)
    expect(a.transport.stats().framesDropped).toBe(1)
    await settle()
    expect(Buffer.concat(received).includes('secret')).toBe(false)
  })

  it('and says nothing is given up at the deadline', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { handshakeTimeoutMs: 3000 })
    let sockets = 0
    const { address } = await rawServer(() => sockets++)
    world.addresses.set('x', address)
    a.transport.send('x', 'ch', frame(1))
    await eventually(() => sockets === 1)
    await settle()
    a.clock.advance(2999)
    await settle()
    expect(a.transport.stats().refused.timeout).toBe(0)
    a.clock.advance(1)
    await event(a, 'peer-refused', { reason: 'timeout', direction: 'out' })
  })

  it('and that it really is refuses it by name on both sides, when the cluster is another', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const b = await world.node('b', { clusterId: 'other' })
    a.transport.send('b', 'ch', frame(1))
    await event(a, 'peer-refused', { reason: 'wrong-cluster', direction: 'out', peer: 'b' })
    await event(b, 'peer-refused', { reason: 'wrong-cluster', direction: 'in', peer: 'a' })
    expect(b.frames).toEqual([])
  })
})
