import { describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/address-book.ts'
import { nodeHost } from '../../src/node/index.ts'
import { codedError } from '../coded-error.ts'
import { eventually, frame } from './tcp-world.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

describe('nodeHost', () => {
  it('is a whole world: clock, randomness, addresses and a transport that lives with its users', async () => {
    const addresses = new AddressBook()
    const [a, b] = [0, 1].map(() => nodeHost({ clusterId: 'c', listen: LOOPBACK, addresses }))
    if (a === undefined || b === undefined) throw new Error('two hosts expected')
    const frames: string[] = []
    b.transport.receive('ch', (from, bytes) => frames.push(`${from}:${bytes.join()}`))
    const [first, second, other] = await Promise.all([a.open('a'), a.open('a'), b.open('b')])
    expect(a.transport.localAddress).toBe(addresses.get('a'))
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => frames.length === 1)
    await first?.[Symbol.asyncDispose]()
    a.transport.send('b', 'ch', frame(2))
    await eventually(() => frames.length === 2)
    await second?.[Symbol.asyncDispose]()
    expect(a.transport.send('b', 'ch', frame(3))).toBe(false)
    await expect(a.open('a')).rejects.toThrow(codedError('HOST_CLOSED'))
    await other?.[Symbol.asyncDispose]()
    expect(a.clock.now()).toBeGreaterThan(0)
    expect(a.random.float()).toBeLessThan(1)
  })

  it('makes its own address book when it is given none', () => {
    const [a, b] = [0, 1].map(() => nodeHost({ clusterId: 'c', listen: LOOPBACK }))
    expect(a?.addresses).toBeInstanceOf(AddressBook)
    expect(a?.addresses).not.toBe(b?.addresses)
  })

  it('can be opened again after the port was in use', async () => {
    const first = nodeHost({ clusterId: 'c', listen: LOOPBACK })
    const lease = await first.open('a')
    const listen = first.transport.localAddress ?? ''
    const second = nodeHost({ clusterId: 'c', listen })
    await expect(second.open('b')).rejects.toThrow(codedError('HOST_ADDRESS_IN_USE'))
    await lease[Symbol.asyncDispose]()
    await using _ = await second.open('b')
    expect(second.transport.localAddress).toBe(listen)
  })
})
