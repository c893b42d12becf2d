import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/address-book.ts'
import { tcpTransport } from '../../src/node/index.ts'
import { codedError } from '../coded-error.ts'
import {
  closeAfterTest,
  eventually,
  event,
  frame,
  hello,
  rawClient,
  rawServer,
  settle,
  TcpWorld,
} from './tcp-world.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

describe('closing', () => {
  it('flushes what was accepted, and says goodbye', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { closeTimeoutMs: 1000 })
    const b = await world.node('b')
    let bytes = 0
    b.transport.receive('bulk', (_, received) => (bytes += received.length))
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    for (let i = 0; i < 100; i++) expect(a.transport.send('b', 'bulk', new Uint8Array(100_000))).toBe(true)
    await a.transport.close()
    await eventually(() => bytes === 10_000_000)
    await event(b, 'connection-closed', { reason: 'goodbye', direction: 'in', peer: 'a' })
    await event(a, 'closed')
    await eventually(() => b.transport.stats().incoming === 0)
  })

  it('is idempotent, final, and leaves no timer', async () => {
    const world = new TcpWorld()
    const [a, b] = await Promise.all([world.node('a'), world.node('b')])
    a.transport.send('b', 'ch', frame(1))
    b.transport.send('a', 'ch', frame(1))
    world.addresses.set('dead', 'tcp://127.0.0.1:1')
    a.transport.send('dead', 'ch', frame(1))
    await eventually(() => a.frames.length + b.frames.length === 2)
    const closing = a.transport.close()
    expect(a.transport.close()).toBe(closing)
    expect(a.transport.send('b', 'ch', frame(2))).toBe(false)
    await closing
    expect(a.clock.armed).toBe(0)
    expect(a.transport.stats()).toMatchObject({ incoming: 0, outgoing: 0, queuedBytes: 0 })
    await expect(a.transport.open('a')).rejects.toThrow(codedError('HOST_CLOSED'))
    await expect(rawClient(a.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('waits until the last socket of others is gone too', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { closeTimeoutMs: 1000 })
    const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(a.port)))
    for (const [i, { socket }] of clients.entries()) socket.write(hello(`x${i}`))
    await eventually(
      () => a.events.filter(({ type }) => type === 'transport.connection-opened').length === 20,
    )
    await a.transport.close()
    expect(a.transport.stats().incoming).toBe(0)
  })

  it('delivers nothing any more', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { closeTimeoutMs: 1000 })
    const b = await world.node('b')
    b.transport.send('a', 'ch', frame(1))
    await eventually(() => a.frames.length === 1)
    const closing = a.transport.close()
    b.transport.send('a', 'ch', frame(2))
    await closing
    await settle()
    expect(a.frames).toEqual(['b:1'])
  })

  it('waits no longer than closeTimeoutMs for a peer that does not read', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { closeTimeoutMs: 1000 })
    const { address } = await rawServer((socket) => {
      socket.pause()
      socket.write(hello('stuck'))
    })
    world.addresses.set('stuck', address)
    a.transport.send('stuck', 'ch', frame(1))
    await event(a, 'connection-opened', { peer: 'stuck' })
    for (let i = 0; i < 30; i++) a.transport.send('stuck', 'ch', new Uint8Array(1_000_000))
    // One more that has not even introduced itself, and one that will not hang up.
    const mute = await rawClient(a.port)
    const deaf = await rawClient(a.port)
    deaf.socket.write(hello('deaf'))
    await event(a, 'connection-opened', { peer: 'deaf' })
    deaf.socket.pause()
    let closed = false
    const closing = a.transport.close().then(() => (closed = true))
    await mute.closed
    await settle()
    a.clock.advance(999)
    await settle()
    expect(closed).toBe(false)
    a.clock.advance(1)
    await closing
    expect(a.clock.armed).toBe(0)
  })

  it('may happen before, and during, opening', async () => {
    const options = { clusterId: 'c', addresses: new AddressBook(), listen: LOOPBACK }
    await tcpTransport(options).close()
    const transport = tcpTransport(options)
    const opening = transport.open('a')
    const refused = expect(opening).rejects.toThrow(codedError('HOST_CLOSED'))
    await transport.close()
    await refused
    expect(transport.localAddress).toBeUndefined()
  })

  it('by an observer, in the middle of anything, is harmless', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', {
      pingIntervalMs: 1000,
      observer: ({ type }) => {
        if (type === 'transport.connection-closed') void a.transport.close()
      },
    })
    const client = await rawClient(a.port)
    client.socket.write(hello('x'))
    await eventually(() => a.transport.stats().incoming === 1)
    await settle()
    a.clock.advance(4000)
    await client.closed
    await a.transport.close()
    expect(a.clock.armed).toBe(0)
  })

  it('lets the process end', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', fileURLToPath(new URL('two-nodes.ts', import.meta.url))],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    closeAfterTest({ close: () => void child.kill() })
    const output: string[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect([code, output.join('')]).toEqual([0, 'closed'])
  })
})

describe('listening', () => {
  it('on a port in use fails with what to do about it', async () => {
    const server = createServer()
    closeAfterTest({ close: () => void server.close() })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve())
    })
    const { port } = server.address() as AddressInfo
    const options = { clusterId: 'c', addresses: new AddressBook(), listen: { host: '127.0.0.1', port } }
    const transport = tcpTransport(options)
    const error = codedError('HOST_ADDRESS_IN_USE', `port ${port} on 127.0.0.1 is in use: stop the process`)
    await expect(transport.open('a')).rejects.toThrow(error)
    await expect(transport.open('a')).rejects.toMatchObject({
      retryable: true,
      cause: { code: 'EADDRINUSE' },
    })
    await new Promise((resolve) => server.close(resolve))
    await transport.open('a')
    expect(transport.localAddress).toBe(`tcp://127.0.0.1:${port}`)
    await transport.close()
  })

  it('at an address of another machine fails', async () => {
    const listen = { host: '192.0.2.1', port: 0 }
    const transport = tcpTransport({ clusterId: 'c', addresses: new AddressBook(), listen })
    await expect(transport.open('a')).rejects.toThrow(codedError('HOST_LISTEN_FAILED', 'EADDRNOTAVAIL'))
    await transport.close()
  })

  it('twice is refused', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    await expect(a.transport.open('b')).rejects.toThrow(codedError('HOST_IDENTITY_CONFLICT', "'a'"))
  })

  it('under an impossible id is refused', async () => {
    const transport = tcpTransport({ clusterId: 'c', addresses: new AddressBook(), listen: LOOPBACK })
    await expect(transport.open('')).rejects.toThrow(codedError('HOST_INVALID_OPTION', 'id'))
  })

  it('on every interface tells an address that others can dial', async () => {
    const transport = tcpTransport({ clusterId: 'c', addresses: new AddressBook(), listen: 0 })
    await transport.open('a')
    expect(transport.localAddress).toMatch(/^tcp:\/\/\d+\.\d+\.\d+\.\d+:\d+$/)
    expect(transport.localAddress).not.toContain('0.0.0.0')
    await transport.close()
  })
})
