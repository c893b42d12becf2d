import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { eventually, event, frame, hello, rawServer, settle, TcpWorld } from './tcp-world.ts'

const MIB = 1024 * 1024

describe('congestion', () => {
  it('is answered by false, bounded, said once, and over when the peer reads again', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { maxFrameBytes: MIB, maxQueueBytes: 4 * MIB })
    let peer: Socket | undefined
    const { address } = await rawServer((socket) => {
      peer = socket
      socket.pause()
      socket.write(hello('slow'))
    })
    world.addresses.set('slow', address)
    a.transport.send('slow', 'ch', frame(1))
    await event(a, 'connection-opened', { peer: 'slow' })
    const chunk = new Uint8Array(256 * 1024)
    let accepted = 0
    for (let refusals = 0; refusals < 20;) {
      if (a.transport.send('slow', 'ch', chunk)) accepted++
      else refusals++
      expect(a.transport.stats().queuedBytes).toBeLessThanOrEqual(4 * MIB + 64)
      await settle()
    }
    expect(a.events.filter(({ type }) => type === 'transport.congested')).toHaveLength(1)
    expect(a.transport.stats().queuedBytes).toBeGreaterThan(3 * MIB)
    let read = 0
    peer?.on('data', (bytes: Buffer) => (read += bytes.length))
    peer?.resume()
    await eventually(() => read > accepted * chunk.length)
    expect(a.transport.send('slow', 'ch', chunk)).toBe(true)
    await eventually(() => read > (accepted + 1) * chunk.length)
    expect(a.transport.stats().queuedBytes).toBe(0)
  })

  it('holds within one tick too', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { maxFrameBytes: MIB, maxQueueBytes: MIB })
    const { address } = await rawServer((socket) => {
      socket.pause()
      socket.write(hello('slow'))
    })
    world.addresses.set('slow', address)
    a.transport.send('slow', 'ch', frame(1))
    await event(a, 'connection-opened', { peer: 'slow' })
    let sent = 0
    while (sent < 100_000 && a.transport.send('slow', 'ch', new Uint8Array(1000))) sent++
    expect(sent).toBeLessThan(100_000)
    expect(a.transport.stats().queuedBytes).toBeLessThanOrEqual(MIB + 64)
  })

  it('of one peer does not touch another', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { maxFrameBytes: MIB, maxQueueBytes: MIB })
    const b = await world.node('b')
    const { address } = await rawServer((socket) => {
      socket.pause()
      socket.write(hello('slow'))
    })
    world.addresses.set('slow', address)
    a.transport.send('slow', 'ch', frame(1))
    await event(a, 'connection-opened', { peer: 'slow' })
    for (let refusals = 0; refusals < 10;) {
      if (!a.transport.send('slow', 'ch', new Uint8Array(MIB))) refusals++
      await settle()
    }
    a.transport.send('b', 'ch', frame(5))
    await eventually(() => b.frames.length === 1)
  })

  it('never keeps a frame of the largest size from an empty queue', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { maxFrameBytes: MIB, maxQueueBytes: MIB })
    const b = await world.node('b')
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    expect(a.transport.send('b', 'ch', new Uint8Array(MIB))).toBe(true)
    await eventually(() => b.frames.length === 2)
  })
})
