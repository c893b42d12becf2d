import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect as connectTls, createServer, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { certificateNames } from '../../src/node/tls.ts'
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
  wireFrame,
  type TestNode,
} from './tcp-world.ts'

function pem(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8')
}

function keys(name: string): { key: string; cert: string; ca: string } {
  return { key: pem(`${name}.key`), cert: pem(`${name}.cert`), ca: pem('ca.cert') }
}

/** A TLS client that is no transport; resolves when it has been closed. */
async function tlsClient(
  port: number,
  options: ConnectionOptions,
  bytes?: Uint8Array,
): Promise<{ closed: Promise<void>; version: () => string | null }> {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    ca: pem('ca.cert'),
    checkServerIdentity: () => undefined,
    ...options,
  })
  socket.on('error', () => {})
  socket.on('secureConnect', () => {
    if (bytes !== undefined) socket.write(bytes)
  })
  socket.resume()
  closeAfterTest({ close: () => void socket.destroy() })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  await Promise.race([closed, new Promise((resolve) => socket.once('secureConnect', resolve))])
  return { closed, version: () => socket.getProtocol() }
}

/** Checks that the node still serves a well-behaved peer. */
async function stillServes(world: TcpWorld, node: TestNode): Promise<void> {
  const friend = await world.node('c', { tls: keys('c') })
  friend.transport.send(node.id, 'ch', frame(7))
  await eventually(() => node.frames.includes('c:7'))
}

describe('mutual TLS', () => {
  it('carries frames between nodes that are named by DNS name, URI and common name', async () => {
    const world = new TcpWorld()
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => world.node(id, { tls: keys(id) })))
    const nodes = [a, b, c].filter((node) => node !== undefined)
    for (const from of nodes) for (const to of nodes) from.transport.send(to.id, 'ch', frame(1))
    await eventually(() => nodes.every(({ frames }) => frames.length === 2))
    expect(nodes.map(({ frames }) => [...frames].sort())).toEqual([
      ['b:1', 'c:1'],
      ['a:1', 'c:1'],
      ['a:1', 'b:1'],
    ])
  })

  it('carries large and small frames in order', async () => {
    const world = new TcpWorld()
    const [a, b] = await Promise.all([
      world.node('a', { tls: keys('a') }),
      world.node('b', { tls: keys('b') }),
    ])
    const seen: number[] = []
    b.transport.receive('sizes', (_, bytes) => seen.push(bytes.length))
    const sizes = Array.from({ length: 200 }, (_, i) => (i * 7919) % 50_000)
    for (const size of sizes) while (!a.transport.send('b', 'sizes', new Uint8Array(size))) await settle()
    await eventually(() => seen.length === sizes.length)
    expect(seen).toEqual(sizes)
  })

  it('refuses a node whose certificate names another, on both sides', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a') })
    const impostor = await world.node('b', { tls: keys('c') })
    impostor.transport.send('a', 'ch', frame(1))
    const refused = await event(a, 'peer-refused', {
      reason: 'wrong-certificate',
      direction: 'in',
      peer: 'b',
    })
    expect(refused['detail']).toBe("node 'b' presents a certificate for CN=c")
    await event(impostor, 'peer-refused', { reason: 'refused-by-peer', detail: 'wrong-certificate' })
    a.transport.send('b', 'secret', frame(1))
    await event(a, 'peer-refused', { reason: 'wrong-certificate', direction: 'out', peer: 'b' })
    expect(a.frames).toEqual([])
    await stillServes(world, a)
  })

  it('does not look at the common name of a certificate that has names', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a') })
    const d = await world.node('d', { tls: keys('d') })
    d.transport.send('a', 'ch', frame(1))
    await event(a, 'peer-refused', { reason: 'wrong-certificate', peer: 'd' })
  })

  it('refuses a certificate that another authority signed, on both sides', async () => {
    const world = new TcpWorld()
    const b = await world.node('b', { tls: keys('b') })
    // The stranger trusts our authority, so only its own certificate is at fault.
    const stranger = await world.node('a', { tls: keys('stranger') })
    stranger.transport.send('b', 'ch', frame(1))
    await event(b, 'peer-refused', { reason: 'tls-failed', direction: 'in' })
    b.transport.send('a', 'ch', frame(1))
    await event(b, 'peer-refused', { reason: 'tls-failed', direction: 'out', peer: 'a' })
    expect([b.frames, stranger.frames]).toEqual([[], []])
    await stillServes(world, b)
  })

  it('refuses a client without a certificate', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a') })
    const { closed } = await tlsClient(a.port, {}, Buffer.concat([hello('c'), wireFrame('ch', frame(1))]))
    await closed
    await event(a, 'peer-refused', { reason: 'tls-failed', direction: 'in' })
    expect(a.frames).toEqual([])
    await eventually(() => a.transport.stats().incoming === 0)
    await stillServes(world, a)
  })

  it('speaks TLS 1.3 only, unless 1.2 is asked for', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a') })
    const old = await tlsClient(a.port, { ...keys('c'), maxVersion: 'TLSv1.2' })
    await old.closed
    await event(a, 'peer-refused', { reason: 'tls-failed' })
    const b = await world.node('b', { tls: { ...keys('b'), minVersion: 'TLSv1.2' } })
    const client = await tlsClient(b.port, { ...keys('c'), maxVersion: 'TLSv1.2' }, hello('c'))
    await event(b, 'connection-opened', { peer: 'c' })
    expect(client.version()).toBe('TLSv1.2')
  })

  it('refuses plain TCP on its port, from garbage and from a plain node', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a') })
    const garbage = await rawClient(a.port)
    garbage.socket.write('GET / HTTP/1.1\r\n\r\n')
    await garbage.closed
    await eventually(() => a.transport.stats().refused['tls-failed'] === 1)
    const plain = await world.node('b')
    plain.transport.send('a', 'ch', frame(1))
    await eventually(() => a.transport.stats().refused['tls-failed'] === 2)
    await eventually(() => plain.events.some(({ type }) => type === 'transport.peer-refused'))
    expect(a.frames).toEqual([])
    await stillServes(world, a)
  })

  it('is refused on a plain port, by name', async () => {
    const world = new TcpWorld()
    const plain = await world.node('b')
    const a = await world.node('a', { tls: keys('a') })
    a.transport.send('b', 'ch', frame(1))
    const refused = await event(plain, 'peer-refused', { reason: 'bad-magic', direction: 'in' })
    expect(refused['detail']).toContain('speaks TLS')
    await event(a, 'peer-refused', { reason: 'tls-failed', direction: 'out', peer: 'b' })
  })

  it('counts a client that hangs up in the middle of it', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a') })
    const client = await rawClient(a.port)
    await eventually(() => a.transport.stats().incoming === 1)
    client.socket.destroy()
    await event(a, 'peer-refused', { reason: 'hung-up' })
    await eventually(() => a.transport.stats().incoming === 0)
  })

  it('cuts off a client that does not finish it, or does not introduce itself after it, at one deadline', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a'), handshakeTimeoutMs: 3000 })
    const mute = await rawClient(a.port)
    await eventually(() => a.transport.stats().incoming === 1)
    a.clock.advance(2000)
    const shy = await tlsClient(a.port, keys('c'))
    await settle()
    expect(a.transport.stats().incoming).toBe(2)
    a.clock.advance(1000)
    await mute.closed
    await eventually(() => a.transport.stats().refused.timeout === 1)
    expect(a.transport.stats().incoming).toBe(1)
    a.clock.advance(2000)
    await shy.closed
    await eventually(() => a.transport.stats().refused.timeout === 2)
    expect(a.transport.stats().refused['hung-up']).toBe(0)
  })

  it('leaves the introduction only the time that it has not used itself', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a'), handshakeTimeoutMs: 3000 })
    const slow = await rawClient(a.port)
    slow.socket.removeAllListeners('data')
    await eventually(() => a.transport.stats().incoming === 1)
    a.clock.advance(2000)
    await tlsClient(a.port, { ...keys('c'), socket: slow.socket })
    await settle()
    a.clock.advance(999)
    await settle()
    expect(a.transport.stats().incoming).toBe(1)
    a.clock.advance(1)
    await event(a, 'peer-refused', { reason: 'timeout' })
    await slow.closed
  })

  it('gives up a server that does not finish it', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a'), handshakeTimeoutMs: 3000 })
    // A plain node would refuse TLS at once; an accepting socket that says nothing does not.
    let sockets = 0
    const { address } = await rawServer(() => sockets++)
    world.addresses.set('b', address)
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => sockets === 1)
    await settle()
    a.clock.advance(3000)
    await event(a, 'peer-refused', { reason: 'timeout', direction: 'out', peer: 'b' })
  })

  it('refuses a server that belongs to the authority, and is another node', async () => {
    const world = new TcpWorld()
    const a = await world.node('a', { tls: keys('a') })
    const server = createServer(
      { key: pem('c.key'), cert: pem('c.cert'), minVersion: 'TLSv1.3' },
      (socket) => {
        socket.on('error', () => {})
        socket.write(hello('b'))
      },
    )
    closeAfterTest({ close: () => void server.close() })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve())
    })
    world.addresses.set('b', `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
    a.transport.send('b', 'ch', frame(1))
    await event(a, 'peer-refused', { reason: 'wrong-certificate', direction: 'out', peer: 'b' })
  })
})

describe('certificateNames', () => {
  function certificate(subjectaltname: string | undefined, commonName: unknown = 'cn'): PeerCertificate {
    return { subject: { CN: commonName }, subjectaltname } as PeerCertificate
  }

  it.each([
    ['DNS:a', 'a', true],
    ['DNS:x, DNS:a', 'a', true],
    ['URI:colony:a', 'a', true],
    ['URI:colony:node%20a', 'node a', true],
    ['URI:http://a', 'cn', true],
    ['IP Address:10.0.0.1', 'cn', true],
    [undefined, 'cn', true],
    ['DNS:b', 'a', false],
    ['DNS:b', 'cn', false],
    ['URI:colony:b', 'cn', false],
    ['DNS:aa', 'a', false],
    ['DNS:*', 'a', false],
    // One name that tries to look like two.
    ['DNS:"b, DNS:a, c"', 'a', false],
    ['URI:"colony:b, DNS:a"', 'a', false],
    ['DNS:"b\\", DNS:a, c"', 'a', false],
    [undefined, 'a', false],
    [undefined, '', false],
  ])('%s names %s: %s', (names, id, expected) => {
    expect(certificateNames(certificate(names), id)).toBe(expected)
  })

  it('does not accept one of several common names, nor the certificate of a socket that is gone', () => {
    expect(certificateNames(certificate(undefined, ['a', 'b']), 'a')).toBe(false)
    expect(certificateNames({} as PeerCertificate, 'a')).toBe(false)
  })
})
