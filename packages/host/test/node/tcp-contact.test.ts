import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/address-book.ts'
import type { TlsOptions } from '../../src/node/index.ts'
import { event, eventually, frame, rawServer, settle, TcpWorld, type TestNode } from './tcp-world.ts'

function addressOf(node: TestNode): string {
  return `tcp://127.0.0.1:${node.port}`
}

function keys(name: string): TlsOptions {
  const pem = (file: string): string => readFileSync(new URL(`fixtures/${file}.pem`, import.meta.url), 'utf8')
  return { key: pem(`${name}.key`), cert: pem(`${name}.cert`), ca: pem('ca.cert') }
}

/** Nodes that know nobody: each has an address book of its own. */
async function strangers(
  ...options: readonly (readonly [id: string, tls?: TlsOptions])[]
): Promise<readonly TestNode[]> {
  const world = new TcpWorld()
  return await Promise.all(
    options.map(([id, tls]) =>
      world.node(id, { addresses: new AddressBook(), ...(tls !== undefined && { tls }) }),
    ),
  )
}

async function pair(): Promise<readonly [TestNode, TestNode]> {
  const [a, b] = await strangers(['a'], ['b'])
  if (a === undefined || b === undefined) throw new Error('two nodes expected')
  return [a, b]
}

describe('contact', () => {
  it('carries frames, in order, to whoever answers', async () => {
    const [a, b] = await pair()
    for (const byte of [1, 2, 3]) expect(a.transport.contact(addressOf(b), 'ch', frame(byte))).toBe(true)
    await eventually(() => b.frames.length === 3)
    expect(b.frames).toEqual(['a:1', 'a:2', 'a:3'])
    expect(a.transport.stats()).toMatchObject({ framesSent: 3, framesDropped: 0, outgoing: 1 })
  })

  it('makes the connection that of the node which answered, as long as it lasts', async () => {
    const [a, b] = await pair()
    expect(a.transport.send('b', 'ch', frame(1))).toBe(false)
    a.transport.contact(addressOf(b), 'ch', frame(2))
    await eventually(() => b.frames.length === 1)
    expect(a.transport.send('b', 'ch', frame(3))).toBe(true)
    expect(a.transport.contact(addressOf(b), 'ch', frame(4))).toBe(true)
    await eventually(() => b.frames.length === 3)
    expect(b.frames).toEqual(['a:2', 'a:3', 'a:4'])
    expect(b.transport.stats()).toMatchObject({ incoming: 1 })
    await b.transport.close()
    await event(a, 'connection-closed', { peer: 'b' })
    a.clock.advance(60_000)
    expect(a.transport.send('b', 'ch', frame(5))).toBe(false)
    expect(a.transport.stats().outgoing).toBe(0)
  })

  it('takes the place of a connection that leads to the same node by another name', async () => {
    const world = new TcpWorld()
    const [a, b] = await Promise.all([world.node('a'), world.node('b')])
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    a.transport.contact(`tcp://localhost:${b.port}`, 'ch', frame(2))
    await eventually(() => b.frames.length === 2)
    await eventually(() => a.transport.stats().outgoing === 1 && b.transport.stats().incoming === 1)
    await settle()
    expect(a.transport.send('b', 'ch', frame(3))).toBe(true)
    await eventually(() => b.frames.length === 3)
    expect(b.frames).toEqual(['a:1', 'a:2', 'a:3'])
  })

  it('of oneself, as among seeds that are the same for all, is nothing to worry about', async () => {
    const [a] = await pair()
    expect(a.transport.contact(addressOf(a), 'ch', frame(1))).toBe(false)
    a.transport.contact(`localhost:${a.port}`, 'ch', frame(1))
    await event(a, 'peer-refused', { reason: 'wrong-id', direction: 'out', level: 'info' })
    expect(a.events.filter(({ level }) => level === 'warn')).toEqual([])
    expect(a.frames).toEqual([])
  })

  it('of another process under the same id is refused, and said aloud', async () => {
    const [a, other] = await strangers(['a'], ['a'])
    if (a === undefined || other === undefined) throw new Error('two nodes expected')
    a.transport.contact(addressOf(other), 'ch', frame(1))
    await event(a, 'peer-refused', { reason: 'wrong-id', direction: 'out', level: 'warn' })
    await eventually(() => a.transport.stats().framesDropped === 1)
  })

  it('of an address where nobody is loses the frame, and is told of once', async () => {
    const [a, b] = await pair()
    await b.transport.close()
    for (const byte of [1, 2]) {
      expect(a.transport.contact(addressOf(b), 'ch', frame(byte))).toBe(true)
      await eventually(() => a.transport.stats().connectFailures === byte)
    }
    const failures = a.events.filter(({ type }) => type === 'transport.connect-failed')
    expect(failures.map(({ level }) => level)).toEqual(['warn', 'debug'])
    expect(a.transport.stats().framesDropped).toBe(2)
  })

  it('lets a bounded number of frames wait for a bounded number of answers', async () => {
    const [a] = await pair()
    const mute = await Promise.all(Array.from({ length: 66 }, () => rawServer(() => undefined)))
    const accepted = mute.map(({ address }) => a.transport.contact(address, 'ch', frame(1)))
    expect(accepted.filter(Boolean).length).toBe(64)
    const [first] = mute
    const big = new Uint8Array(600_000)
    expect(a.transport.contact(first?.address ?? '', 'ch', big)).toBe(true)
    expect(a.transport.contact(first?.address ?? '', 'ch', big)).toBe(false)
    // Two addresses too many, one frame too many, and in the end all that waited.
    await eventually(() => {
      a.clock.advance(5000)
      return a.transport.stats().framesDropped === 2 + 1 + 64 + 1
    })
  })

  it('under TLS accepts only who proves the id that it answers with', async () => {
    const [a, b, liar] = await strangers(['a', keys('a')], ['b', keys('b')], ['c', keys('b')])
    if (a === undefined || b === undefined || liar === undefined) throw new Error('three nodes expected')
    a.transport.contact(addressOf(b), 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    a.transport.contact(addressOf(liar), 'ch', frame(2))
    await event(a, 'peer-refused', { reason: 'wrong-certificate', direction: 'out' })
    expect(liar.frames).toEqual([])
    expect(a.transport.send('c', 'ch', frame(3))).toBe(false)
  })

  it('is given up when the transport closes', async () => {
    const [a] = await pair()
    const { address } = await rawServer(() => undefined)
    a.transport.contact(address, 'ch', frame(1))
    await settle()
    await a.transport.close()
    expect(a.clock.armed).toBe(0)
    expect(a.transport.contact(address, 'ch', frame(1))).toBe(false)
    expect(a.transport.stats().framesDropped).toBe(2)
  })
})
