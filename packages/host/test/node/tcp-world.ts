import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach } from 'vitest'
import { AddressBook } from '../../src/address-book.ts'
import type { Random } from '../../src/core/random.ts'
import type { Hello } from '../../src/core/hello.ts'
import { encodeHello } from '../../src/node/handshake.ts'
import { tcpTransport, type TcpTransport, type TcpTransportOptions } from '../../src/node/index.ts'
import type { ObservedEvent } from '../../src/observer.ts'
import { ManualClock } from './manual-clock.ts'

/** One node of a test, with everything that it has said and heard. */
export interface TestNode {
  readonly id: string
  readonly transport: TcpTransport
  readonly clock: ManualClock
  readonly events: ObservedEvent[]
  /** Frames received on channel `ch`, as `from:bytes`. */
  readonly frames: string[]
  /** Port that it listens on. */
  readonly port: number
}

/** Options of one node that a test wants otherwise. */
export type TestNodeOptions = Partial<TcpTransportOptions>

const open: { close(): Promise<void> | void }[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (owner) => await owner.close()))
})

/** Closes something when the test is over. */
export function closeAfterTest(owner: { close(): Promise<void> | void }): void {
  open.push(owner)
}

/** Nodes that share an address book, and raw sockets to torment them with. */
export class TcpWorld {
  readonly addresses: AddressBook = new AddressBook()

  /** Opens a node on a free port of the loopback interface, with a clock of its own that stands still. */
  async node(id: string, options: TestNodeOptions = {}): Promise<TestNode> {
    const clock = new ManualClock()
    const events: ObservedEvent[] = []
    const transport = tcpTransport({
      clusterId: 'test',
      addresses: this.addresses,
      listen: { host: '127.0.0.1', port: 0 },
      clock,
      random: LONGEST_JITTER,
      observer: (event) => events.push(event),
      closeTimeoutMs: 0,
      ...options,
    })
    const frames: string[] = []
    transport.receive('ch', (from, frame) => frames.push(`${from}:${frame.join()}`))
    await transport.open(id)
    closeAfterTest({
      close: async () => {
        const closed = transport.close()
        // `closeTimeoutMs` is on the clock that stands still.
        const pushing = setInterval(() => clock.advance(60_000), 10)
        await closed
        clearInterval(pushing)
      },
    })
    const port = Number(/\d+$/.exec(transport.localAddress ?? '')?.[0])
    return { id, transport, clock, events, frames, port }
  }
}

/** Every backoff takes as long as it may; every incarnation is another. */
const LONGEST_JITTER: Random = {
  float: () => 1,
  integer: (min, max) => min + Math.floor(Math.random() * (max - min + 1)),
  fork: () => LONGEST_JITTER,
}

/** A frame of these bytes. */
export function frame(...bytes: number[]): Uint8Array {
  return Uint8Array.from(bytes)
}

/** Waits until `condition` gives something other than `undefined`, `false` or an error; fails with what it last did. */
export async function eventually<Value>(
  condition: () => Value | undefined | false,
  deadlineMs = 10_000,
): Promise<Value> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const value = condition()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`never happened: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Waits for an event of this type whose fields are these. */
export function event(
  node: TestNode,
  type: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<ObservedEvent> {
  return eventually(() => {
    const found = node.events.find((candidate) => {
      const matches = Object.entries(fields).every(([name, value]) => candidate[name] === value)
      return candidate.type === `transport.${type}` && matches
    })
    return found
  }).catch(() => {
    const wanted = JSON.stringify({ type, ...fields })
    throw new Error(`no event ${wanted} among ${node.events.map((one) => JSON.stringify(one)).join('\n')}`)
  })
}

/** Lets everything that is on its way on the loopback interface arrive: several turns of the event loop, sockets included. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A hello that is right for the test cluster. */
export function hello(nodeId: string, fields: Partial<Hello> = {}): Uint8Array {
  const incarnation = '0011223344556677'
  return encodeHello({
    clusterId: 'test',
    nodeId,
    incarnation,
    maxFrameBytes: 1 << 24,
    refusal: undefined,
    ...fields,
  })
}

/** A raw TCP client, with what it has received. */
export interface RawClient {
  readonly socket: Socket
  readonly received: Buffer[]
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
}

/** Connects to a port and speaks no protocol. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const received: Buffer[] = []
  socket.on('data', (chunk) => received.push(chunk))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
  })
  closeAfterTest({ close: () => void socket.destroy() })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve())
    socket.once('error', reject)
  })
  return { socket, received, closed }
}

/** A raw TCP server that hands its sockets to `onSocket`; resolves to its address. */
export async function rawServer(
  onSocket: (socket: Socket) => void,
): Promise<{ server: Server; address: string }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  closeAfterTest({
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  return { server, address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** A frame as it goes over the wire. */
export function wireFrame(channel: string, payload: Uint8Array): Buffer {
  const name = Buffer.from(channel)
  const head = Buffer.alloc(5)
  head.writeUInt32LE(1 + name.length + payload.length, 0)
  head[4] = name.length
  return Buffer.concat([head, name, payload])
}
