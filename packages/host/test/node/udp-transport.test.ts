import { createSocket, Socket } from 'node:dgram'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AddressBook } from '../../src/address-book.ts'
import { nodeHost, udpTransport, type UdpTransport, type UdpTransportOptions } from '../../src/node/index.ts'
import { DatagramHeads } from '../../src/node/datagram-head.ts'
import type { ObservedEvent } from '../../src/observer.ts'
import { codedError } from '../coded-error.ts'
import { ManualClock } from './manual-clock.ts'
import { closeAfterTest, eventually, frame, settle } from './tcp-world.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

interface UdpNode {
  readonly transport: UdpTransport
  readonly addresses: AddressBook
  readonly clock: ManualClock
  readonly events: ObservedEvent[]
  /** What came on channel `ch`: `from:bytes path`. */
  readonly frames: string[]
  readonly port: number
}

async function udpNode(id: string, options: Partial<UdpTransportOptions> = {}): Promise<UdpNode> {
  const [clock, addresses] = [new ManualClock(), new AddressBook()]
  const events: ObservedEvent[] = []
  const transport = udpTransport({
    clusterId: 'test',
    addresses,
    listen: LOOPBACK,
    clock,
    observer: (event) => events.push(event),
    closeTimeoutMs: 0,
    ...options,
  })
  const frames: string[] = []
  transport.receive('ch', (from, bytes, path) =>
    frames.push(`${from}:${bytes.length > 9 ? bytes.length : bytes.join()} ${path}`),
  )
  await transport.open(id)
  closeAfterTest({
    close: async () => {
      const pushing = setInterval(() => clock.advance(60_000), 10)
      await transport.close()
      clearInterval(pushing)
    },
  })
  return {
    transport,
    addresses: options.addresses ?? addresses,
    clock,
    events,
    frames,
    port: portOf(transport),
  }
}

function portOf({ localAddress }: UdpTransport): number {
  return Number(/\d+$/.exec(localAddress ?? '')?.[0])
}

async function pair(options: Partial<UdpTransportOptions> = {}): Promise<readonly [UdpNode, UdpNode]> {
  const addresses = new AddressBook()
  return [await udpNode('a', { addresses, ...options }), await udpNode('b', { addresses, ...options })]
}

/** A socket that sends whatever a test likes. */
async function stranger(port: number, ...datagrams: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const bytes of datagrams) {
    await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve))
  }
  socket.close()
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('frames', () => {
  it('up to datagramBytes travel alone, larger ones and those of stream over a connection; the receiver is told', async () => {
    const [a, b] = await pair({ datagramBytes: 100 })
    expect(a.transport.capabilities).toMatchObject({ datagramBytes: 100, ordered: false, reliable: false })
    for (const size of [100, 101]) a.transport.send('b', 'ch', new Uint8Array(size))
    a.transport.stream('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 3)
    expect([...b.frames].sort()).toEqual(['a:1 stream', 'a:100 datagram', 'a:101 stream'])
    expect(a.transport.stats()).toMatchObject({ datagramsSent: 1, stream: { framesSent: 2 } })
    expect(b.transport.stats()).toMatchObject({ datagramsReceived: 1, stream: { framesReceived: 2 } })
  })

  it('cost ten bytes and the rest of the id', async () => {
    const [a, b] = await pair()
    a.transport.send('b', 'ch', new Uint8Array(40))
    await eventually(() => b.frames.length === 1)
    expect([a.transport.stats().bytesSent, b.transport.stats().bytesReceived]).toEqual([50, 50])
  })

  it('of channels that are not among datagramChannels go over a connection, whatever their size', async () => {
    const [a, b] = await pair({ datagramChannels: ['ch'] })
    const paths: unknown[] = []
    b.transport.receive('log', (_from, _frame, path) => paths.push(path))
    a.transport.send('b', 'log', frame(1))
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => paths.length + b.frames.length === 2)
    expect([paths, b.frames]).toEqual([['stream'], ['a:1 datagram']])
  })

  it('reach a seed by its address alone, over a connection', async () => {
    const [a, b] = [await udpNode('a'), await udpNode('b')]
    expect(a.transport.contact(b.transport.localAddress ?? '', 'ch', frame(7))).toBe(true)
    await eventually(() => b.frames.length === 1)
    expect(b.frames).toEqual(['a:7 stream'])
  })

  it('answer a sender whose address nobody knows', async () => {
    const [a, b] = [await udpNode('a'), await udpNode('b')]
    a.addresses.set('b', b.transport.localAddress ?? '')
    expect(b.transport.send('a', 'ch', frame(2))).toBe(false)
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => b.frames.length === 1)
    expect(b.transport.send('a', 'ch', frame(2))).toBe(true)
    await eventually(() => a.frames.length === 1)
    expect(a.frames).toEqual(['b:2 datagram'])
  })

  it('find their way by host name, those that were sent before it was looked up too', async () => {
    const [a, b] = [await udpNode('a', { listen: 0 }), await udpNode('b', { listen: 0 })]
    a.addresses.set('b', `udp://localhost:${b.port}`)
    for (const byte of [1, 2]) expect(a.transport.send('b', 'ch', frame(byte))).toBe(true)
    await eventually(() => b.frames.length === 2)
    expect(a.transport.send('b', 'ch', frame(3))).toBe(true)
    await eventually(() => b.frames.length === 3)
  })

  it('to a name that does not exist are dropped, and the name is tried again later', async () => {
    const a = await udpNode('a')
    a.addresses.set('b', 'udp://does-not-exist.invalid:7')
    const accepted = Array.from({ length: 70 }, () => a.transport.send('b', 'ch', frame(1)))
    expect(accepted.filter(Boolean).length).toBe(64)
    await eventually(() => a.transport.stats().lookupFailures === 1)
    expect(a.transport.stats().datagramsDropped).toBe(70)
    expect(a.transport.send('b', 'ch', frame(1))).toBe(false)
    a.clock.advance(5000)
    expect(a.transport.send('b', 'ch', frame(1))).toBe(true)
    await eventually(() => a.transport.stats().lookupFailures === 2)
  })

  it('between IPv4 and a socket for every interface pass both ways, and over IPv6 where there is one', async () => {
    const [a, b] = [await udpNode('a', { listen: 0 }), await udpNode('b')]
    a.addresses.set('b', b.transport.localAddress ?? '')
    b.addresses.set('a', `udp://127.0.0.1:${a.port}`)
    a.transport.send('b', 'ch', frame(1))
    b.transport.send('a', 'ch', frame(2))
    await eventually(() => a.frames.length + b.frames.length === 2)
    const six = await udpNode('six', { listen: { host: '::1', port: 0 } }).catch(
      (error: { code?: string }) => {
        expect(error.code).toBe('HOST_LISTEN_FAILED')
      },
    )
    if (six === undefined) return
    a.addresses.set('six', six.transport.localAddress ?? '')
    expect(six.transport.localAddress).toBe(`udp://[::1]:${six.port}`)
    a.transport.send('six', 'ch', frame(3))
    await eventually(() => six.frames.length === 1)
    expect(six.transport.send('a', 'ch', frame(4))).toBe(true)
    await eventually(() => a.frames.includes('six:4 datagram'))
  })
})

describe('what others send', () => {
  it('of another cluster, or of something else, is counted and told of once a minute', async () => {
    const [a, b] = [await udpNode('a', { clusterId: 'other' }), await udpNode('b')]
    a.addresses.set('b', b.transport.localAddress ?? '')
    a.transport.send('b', 'ch', frame(1))
    await stranger(b.port, new Uint8Array(0), frame(1), new Uint8Array(1400).fill(0xa5))
    await eventually(() => b.transport.stats().datagramsForeign === 4)
    const told = (): number => b.events.filter(({ type }) => type === 'transport.datagram-refused').length
    expect([b.frames, told()]).toEqual([[], 1])
    b.clock.advance(60_000)
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => told() === 2)
  })

  it('with a head that cannot be, or under our own id, is counted', async () => {
    const b = await udpNode('b')
    const heads = new DatagramHeads('test')
    heads.sender('x')
    const head = heads.of('ch') ?? Buffer.alloc(0)
    const cutShort = head.subarray(0, 9)
    const nobody = Buffer.concat([head.subarray(0, 8), Buffer.of(0), frame(1, 2)])
    const noText = Buffer.concat([head.subarray(0, 8), Buffer.of(2, 0xc3, 0x28)])
    heads.sender('b')
    const ourselves = heads.of('ch') ?? Buffer.alloc(0)
    await stranger(b.port, cutShort, nobody, noText, ourselves)
    await eventually(() => b.transport.stats().datagramsMalformed === 4)
    heads.sender('x')
    await stranger(b.port, heads.of('silence') ?? Buffer.alloc(0))
    await eventually(() => b.transport.stats().datagramsUnclaimed === 1)
    expect(b.frames).toEqual([])
    await stranger(b.port, head)
    await eventually(() => b.frames.length === 1)
    expect(b.frames).toEqual(['x: datagram'])
  })

  it('under ever new ids does not grow the memory of who wrote from where', async () => {
    const b = await udpNode('b')
    const heads = new DatagramHeads('test')
    const socket = createSocket('udp4')
    closeAfterTest({ close: () => void socket.close() })
    for (let id = 0; id <= 1024; id++) {
      heads.sender(`x${id}`)
      const head = heads.of('ch') ?? Buffer.alloc(0)
      await new Promise((resolve) => socket.send(head, b.port, '127.0.0.1', resolve))
      if (id % 100 === 0 || id === 1024) await eventually(() => b.frames.length === id + 1)
    }
    expect(['x0', 'x1', 'x1024'].map((id) => b.transport.send(id, 'ch', frame(1)))).toEqual([
      false,
      true,
      true,
    ])
  })
})

describe('limits and errors', () => {
  it('refuse frames when too much waits for the operating system', async () => {
    const [a, b] = await pair()
    const queue = vi.spyOn(Socket.prototype, 'getSendQueueSize').mockReturnValue(1024 * 1024 + 1)
    expect(a.transport.send('b', 'ch', frame(1))).toBe(false)
    expect(a.transport.stats().datagramsDropped).toBe(1)
    queue.mockRestore()
    expect(a.transport.send('b', 'ch', frame(2))).toBe(true)
    await eventually(() => b.frames.length === 1)
  })

  it('of the network are counted and otherwise ignored', async () => {
    const a = await udpNode('a')
    a.addresses.set('b', 'udp://255.255.255.255:9')
    // Broadcast is not allowed to a socket that has not asked for it: the system refuses each.
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => a.transport.stats().datagramErrors === 1)
    a.addresses.set('c', 'udp://127.0.0.1:0')
    a.addresses.set('d', 'udp://[::1]:9')
    expect(['c', 'd'].map((id) => a.transport.send(id, 'ch', frame(1)))).toEqual([false, false])
  })

  it('two channels whose names have one hash are refused', () => {
    const transport = udpTransport({ clusterId: 'test', addresses: new AddressBook(), listen: LOOPBACK })
    vi.spyOn(DatagramHeads.prototype, 'channelTag').mockReturnValue(7)
    const first = transport.receive('one', () => undefined)
    expect(() => transport.receive('two', () => undefined)).toThrow(
      codedError('HOST_INVALID_OPTION', "'one'"),
    )
    first[Symbol.dispose]()
    // Nothing of the refused one is left behind.
    transport.receive('two', () => undefined)
  })

  it('options are checked', () => {
    const base = { clusterId: 'c', addresses: new AddressBook(), listen: LOOPBACK }
    const refused = (options: object, message: string): void => {
      expect(() => udpTransport({ ...base, ...options })).toThrow(codedError('HOST_INVALID_OPTION', message))
    }
    refused({ datagramBytes: 63 }, 'datagramBytes must be a whole number from 64 to 65243')
    refused({ datagramBytes: 2000, maxFrameBytes: 1024 }, 'from 64 to 1024')
    refused({ datagramChannels: 'ch' }, 'datagramChannels must be an array')
    refused({ datagramChannels: [''] }, 'datagramChannels[0]')
    refused({ advertise: 'nowhere' }, "like 'udp://10.0.0.1:7001'")
  })
})

describe('opening and closing', () => {
  it('takes a port that is free for datagrams and for connections', async () => {
    // The first free port of UDP turns out to be in use for TCP.
    const blocked: number[] = []
    const bind = Socket.prototype.bind as (this: Socket, ...args: unknown[]) => Socket
    vi.spyOn(Socket.prototype, 'bind').mockImplementation(function (this: Socket, ...args: unknown[]) {
      const [options] = args as [{ port: number }]
      if (blocked.length > 0 || options.port !== 0) return bind.apply(this, args)
      const server = createServer().listen(0, '127.0.0.1')
      closeAfterTest({ close: () => void server.close() })
      server.once('listening', () => {
        const { port } = server.address() as { port: number }
        blocked.push(port)
        bind.call(this, { ...options, port }, args[1])
      })
      return this
    })
    const node = await udpNode('a')
    expect(blocked).toHaveLength(1)
    expect(blocked).not.toContain(node.port)
  })

  it('of a port that is in use for either is rejected, frees the other, and may be tried again', async () => {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => void socket.bind(0, '127.0.0.1', resolve))
    const { port } = socket.address()
    const transport = udpTransport({
      clusterId: 'c',
      addresses: new AddressBook(),
      listen: { host: '127.0.0.1', port },
    })
    await expect(transport.open('a')).rejects.toThrow(codedError('HOST_ADDRESS_IN_USE', `port ${port}`))
    await new Promise<void>((resolve) => void socket.close(resolve))
    await transport.open('a')
    expect(transport.localAddress).toBe(`udp://127.0.0.1:${port}`)
    await transport.close()
    await transport.close()
    expect(transport.send('b', 'ch', frame(1))).toBe(false)
    await expect(transport.open('a')).rejects.toThrow(codedError('HOST_CLOSED'))
  })

  it('of an unknown host is rejected', async () => {
    const listen = { host: 'does-not-exist.invalid', port: 0 }
    const transport = udpTransport({ clusterId: 'c', addresses: new AddressBook(), listen })
    await expect(transport.open('a')).rejects.toThrow(codedError('HOST_LISTEN_FAILED'))
    await transport.close()
  })

  it('may overlap, and happens once', async () => {
    const transport = udpTransport({ clusterId: 'c', addresses: new AddressBook(), listen: LOOPBACK })
    const opening = transport.open('a')
    await expect(transport.open('b')).rejects.toThrow(codedError('HOST_IDENTITY_CONFLICT'))
    const refused = expect(opening).rejects.toThrow(codedError('HOST_CLOSED'))
    await transport.close()
    await refused
  })

  it('sends what was accepted before it closes, and nothing after', async () => {
    const [a, b] = await pair()
    for (let byte = 0; byte < 50; byte++) expect(a.transport.send('b', 'ch', frame(byte))).toBe(true)
    await a.transport.close()
    await eventually(() => b.frames.length === 50)
    expect(a.clock.armed).toBe(0)
    await b.transport.close()
    await settle()
    expect(b.transport.stats().queuedBytes).toBe(0)
  })

  it('does not wait for a name that is still looked up', async () => {
    const a = await udpNode('a')
    a.addresses.set('b', `udp://localhost:${a.port}`)
    expect(a.transport.send('b', 'ch', frame(1))).toBe(true)
    await a.transport.close()
    await eventually(() => a.transport.stats().datagramsDropped === 1)
  })
})

describe('nodeHost', () => {
  it('runs on UDP when asked to', async () => {
    const addresses = new AddressBook()
    const [a, b] = [0, 1].map(() =>
      nodeHost({ clusterId: 'c', listen: LOOPBACK, addresses, transport: 'udp' }),
    )
    if (a === undefined || b === undefined) throw new Error('two hosts expected')
    const frames: unknown[] = []
    b.transport.receive('ch', (from, bytes, path) => frames.push([from, bytes.join(), path]))
    await using _a = await a.open('a')
    await using _b = await b.open('b')
    expect(a.transport.localAddress).toMatch(/^udp:/)
    expect(addresses.get('a')).toBe(a.transport.localAddress)
    a.transport.send('b', 'ch', frame(1))
    await eventually(() => frames.length === 1)
    expect(frames).toEqual([['a', '1', 'datagram']])
    const wrong = { clusterId: 'c', listen: LOOPBACK, transport: 'sctp' } as never
    expect(() => nodeHost(wrong)).toThrow(codedError('HOST_INVALID_OPTION', 'transport'))
  })
})
