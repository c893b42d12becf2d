import { describe, expect, it } from 'vitest'
import { codedError } from '../coded-error.ts'
import { eventually, event, frame, settle, TcpWorld, type TestNode } from './tcp-world.ts'

async function pair(): Promise<{ a: TestNode; b: TestNode; world: TcpWorld }> {
  const world = new TcpWorld()
  const [a, b] = await Promise.all([world.node('a'), world.node('b')])
  return { a, b, world }
}

describe('tcpTransport', () => {
  it('carries frames both ways, the first ones from before the connection stands', async () => {
    const { a, b } = await pair()
    expect(a.transport.send('b', 'ch', frame(1))).toBe(true)
    expect(b.transport.send('a', 'ch', frame(2))).toBe(true)
    await eventually(() => b.frames.length === 1 && a.frames.length === 1)
    expect([a.frames, b.frames]).toEqual([['b:2'], ['a:1']])
    expect(a.transport.stats()).toMatchObject({
      incoming: 1,
      outgoing: 1,
      framesSent: 1,
      framesReceived: 1,
      queuedBytes: 0,
    })
  })

  it('keeps the order of thousands of frames of every size', async () => {
    const { a, b } = await pair()
    const sizes = [0, 1, 64, 1023, 1024, 1025, 4096, 70_000]
    const seen: string[] = []
    b.transport.receive('sizes', (_, bytes) => seen.push(`${bytes.length}:${bytes[0]}:${bytes.at(-1)}`))
    const expected: string[] = []
    for (let i = 0; i < 3000; i++) {
      const bytes = new Uint8Array(sizes[i % sizes.length] ?? 0).fill(i)
      while (!a.transport.send('b', 'sizes', bytes)) await settle()
      expected.push(`${bytes.length}:${bytes[0]}:${bytes.at(-1)}`)
    }
    await eventually(() => seen.length === expected.length)
    expect(seen).toEqual(expected)
  })

  it('carries many channels at once, and drops frames of a channel that nobody receives', async () => {
    const { a, b } = await pair()
    const channels = Array.from({ length: 40 }, (_, i) => `raft:${'ä'.repeat(i)}${i}`)
    const seen: string[] = []
    for (const channel of channels)
      b.transport.receive(channel, (_, bytes) => seen.push(`${channel}=${bytes[0]}`))
    const expected: string[] = []
    for (let i = 0; i < 400; i++) {
      const channel = channels[(i * 7) % 40] ?? ''
      a.transport.send('b', channel, frame(i))
      if (i % 10 === 0) a.transport.send('b', 'nobody', frame(i))
      expected.push(`${channel}=${i % 256}`)
    }
    await eventually(() => seen.length === 400)
    expect(seen).toEqual(expected)
    expect(b.transport.stats()).toMatchObject({ framesReceived: 400, framesUnclaimed: 40 })
  })

  it('gives the receiver bytes that stay as they are', async () => {
    const { a, b } = await pair()
    const kept: Uint8Array[] = []
    b.transport.receive('keep', (_, bytes) => kept.push(bytes))
    for (let i = 0; i < 5000; i++) {
      a.transport.send('b', 'keep', new Uint8Array(100).fill(i))
      if (i % 50 === 0) await settle()
    }
    await eventually(() => kept.length === 5000)
    expect(kept.every((bytes, i) => bytes.length === 100 && bytes.every((byte) => byte === i % 256))).toBe(
      true,
    )
  })

  it('survives a handler that throws, and reports it', async () => {
    const { a, b } = await pair()
    b.transport.receive('bad', () => {
      throw new Error('oops')
    })
    a.transport.send('b', 'bad', frame(1))
    a.transport.send('b', 'ch', frame(2))
    await event(b, 'handler-failed', { level: 'error', channel: 'bad', peer: 'a', error: 'Error: oops' })
    await eventually(() => b.frames.length === 1)
    expect(b.transport.stats().handlerFailures).toBe(1)
  })

  it('survives an observer that throws', async () => {
    const world = new TcpWorld()
    const observer = (): never => {
      throw new Error('broken')
    }
    const [a, b] = await Promise.all([world.node('a', { observer }), world.node('b', { observer })])
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
  })

  it.each(['', 'x'.repeat(256), 'ä'.repeat(128)])(
    'refuses a channel name of a wrong length',
    async (channel) => {
      const { a } = await pair()
      expect(() => a.transport.receive(channel, () => {})).toThrow(
        codedError('HOST_INVALID_OPTION', 'channel'),
      )
      expect(a.transport.send('b', channel, frame())).toBe(false)
    },
  )

  it('does not accept what it cannot deliver', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { maxFrameBytes: 2048 })
    await world.node('b')
    expect(a.transport.send('a', 'ch', frame())).toBe(false)
    expect(a.transport.send('nobody', 'ch', frame())).toBe(false)
    expect(a.transport.send('b', 'ch', new Uint8Array(2049))).toBe(false)
    expect(a.transport.send('b', 'ch', new Uint8Array(2048))).toBe(true)
    expect(a.transport.stats()).toMatchObject({ framesSent: 1, framesDropped: 3 })
  })

  it('respects a peer that takes smaller frames than itself', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const b = await world.node('b', { maxFrameBytes: 2048 })
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    expect(a.transport.send('b', 'ch', new Uint8Array(2049))).toBe(false)
    expect(a.transport.send('b', 'ch', new Uint8Array(2048))).toBe(true)
    await eventually(() => b.frames.length === 2)
  })

  it('lets no more than 1 MiB wait for a connection', async () => {
    const { a, b } = await pair()
    const accepted = Array.from({ length: 20 }, () => a.transport.send('b', 'ch', new Uint8Array(100_000)))
    expect(accepted.filter(Boolean)).toHaveLength(10)
    await eventually(() => b.frames.length === 10)
  })

  it('does not send before it is open', async () => {
    const { a } = await pair()
    const world = new TcpWorld()
    const late = await world.node('late')
    await late.transport.close()
    expect(late.transport.send('a', 'ch', frame())).toBe(false)
    expect(a.transport.capabilities).toEqual({
      ordered: true,
      reliable: true,
      maxFrameBytes: 16 * 1024 * 1024,
    })
  })

  it('writes its address into the book, unless one is there', async () => {
    const world = new TcpWorld()
    world.addresses.set('b', 'tcp://proxy:1')
    const [a, b] = await Promise.all([world.node('a'), world.node('b')])
    const c = await world.node('c', { advertise: 'tcp://outside:2' })
    expect(world.addresses.get('a')).toBe(`tcp://127.0.0.1:${a.port}`)
    expect(world.addresses.get('b')).toBe('tcp://proxy:1')
    expect(b.transport.localAddress).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
    expect([c.transport.localAddress, world.addresses.get('c')]).toEqual([
      'tcp://outside:2',
      'tcp://outside:2',
    ])
  })
})
