import { afterEach, describe, expect, it } from 'vitest'
import type { ObservedEvent } from '../../src/index.ts'
import { webSocketTransport, type WebSocketTransport } from '../../src/websocket/index.ts'
import { ManualClock } from '../node/manual-clock.ts'
import { FakeSocket } from './fake-socket.ts'
import { WebSocketNodes } from './ws-nodes.ts'

const open: WebSocketTransport[] = []

async function opened(id: string, transport: WebSocketTransport): Promise<WebSocketTransport> {
  open.push(transport)
  await transport.open(id)
  return transport
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()))
})

/** Resolves with the next frame of a channel. */
function next(transport: WebSocketTransport, channel: string): Promise<[string, string]> {
  return new Promise((resolve) => {
    const receiving = transport.receive(channel, (from, frame) => {
      receiving[Symbol.dispose]()
      resolve([from, new TextDecoder().decode(frame)])
    })
  })
}

/** Lets time pass; deadlines look at the inbox once before they are over. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    clock.advance(Math.min(left, 1000))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('WebSockets', () => {
  it('reach a node that nobody can dial over the connection that it made', async () => {
    const nodes = new WebSocketNodes()
    const server = await opened('server', await nodes.server())
    const page = await opened('page', nodes.client())
    expect([page.localAddress, server.send('page', 'news', bytes('too early'))]).toEqual([undefined, false])
    const heard = next(server, 'talk')
    expect(page.send('server', 'talk', bytes('hello'))).toBe(true)
    expect(await heard).toEqual(['page', 'hello'])
    const answered = next(page, 'news')
    expect(server.send('page', 'news', bytes('welcome'))).toBe(true)
    expect(await answered).toEqual(['server', 'welcome'])
  })

  it('tell who has closed', async () => {
    const nodes = new WebSocketNodes()
    const server = await opened('server', await nodes.server())
    const page = await opened('page', nodes.client())
    const heard = next(server, 'talk')
    page.send('server', 'talk', bytes('hello'))
    await heard
    const closed = new Promise((resolve) => server.onPeerClosed(resolve))
    await page.close()
    expect(await closed).toBe('page')
    expect(server.send('page', 'news', bytes('gone'))).toBe(false)
  })

  it('keep clusters apart, and say why', async () => {
    const nodes = new WebSocketNodes()
    const events: ObservedEvent[] = []
    const server = await opened('server', await nodes.server())
    const refused = new Promise<ObservedEvent>((resolve) => {
      const client = nodes.client({
        clusterId: 'another',
        observer: (event) => {
          events.push(event)
          if (event.type === 'transport.connect-failed') resolve(event)
        },
      })
      void opened('page', client).then(() => client.send('server', 'talk', bytes('hello')))
    })
    expect((await refused)['detail']).toBe('refused-by-peer: wrong-cluster')
    expect(server.send('page', 'news', bytes('hello'))).toBe(false)
  })

  it('of both sides at the same moment: frames arrive in their order, in both directions', async () => {
    const nodes = new WebSocketNodes()
    const a = await opened('a', await nodes.server())
    const b = await opened('b', await nodes.server())
    const counted = (transport: WebSocketTransport): Promise<number[]> =>
      new Promise((resolve) => {
        const seen: number[] = []
        transport.receive('count', (_, frame) => {
          seen.push(frame[0] ?? -1)
          if (seen.length === 200) resolve(seen)
        })
      })
    const both = Promise.all([counted(a), counted(b)])
    const expected = Array.from({ length: 200 }, (_, index) => index)
    for (const index of expected) {
      a.send('b', 'count', Uint8Array.of(index))
      b.send('a', 'count', Uint8Array.of(index))
      if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await both).toEqual([expected, expected])
  })
})

describe('a socket', () => {
  const events: string[] = []
  const setting = async (): Promise<{ clock: ManualClock; transport: WebSocketTransport }> => {
    events.length = 0
    const clock = new ManualClock()
    const transport = webSocketTransport({
      clusterId: 'c',
      addresses: new WebSocketNodes().addresses,
      connect: () => {
        throw new Error('nobody dials here')
      },
      maxConnections: 2,
      clock,
      observer: ({ type, reason }) => events.push(`${type} ${String(reason)}`),
    })
    return { clock, transport: await opened('self', transport) }
  }

  it('that is known by other means must introduce itself as that', async () => {
    const { transport } = await setting()
    const liar = new FakeSocket()
    transport.accept(liar, { id: 'a' })
    liar.hello('c', 'b')
    expect([liar.closed, events]).toEqual([true, ['transport.peer-refused wrong-id']])
    const honest = new FakeSocket()
    transport.accept(honest, { id: 'a' })
    honest.hello('c', 'a')
    expect(honest.closed).toBe(false)
  })

  it.each([
    ['says nothing', [] as const, 'transport.peer-refused timeout'],
    ['speaks text', ['GET /'] as const, 'transport.peer-refused bad-magic'],
    ['speaks something else', [new Uint8Array(40)] as const, 'transport.peer-refused bad-magic'],
  ])('that %s is closed', async (_, messages, event) => {
    const { clock, transport } = await setting()
    const socket = new FakeSocket()
    transport.accept(socket)
    for (const message of messages) socket.receives(message)
    await pass(clock, 5000)
    expect([socket.closed, events]).toEqual([true, [event]])
  })

  it.each([
    ['text', 'hello', 'malformed-frame'],
    ['a channel that is longer than the message', Uint8Array.of(9, 1), 'malformed-frame'],
    ['a frame that is too large', new Uint8Array(1024 * 1024 + 3).fill(1), 'oversized-frame'],
    ['a goodbye', Uint8Array.of(0, 3), 'goodbye'],
  ])('that sends %s is closed, and told of', async (_, message, reason) => {
    const { transport } = await setting()
    const socket = new FakeSocket()
    transport.accept(socket)
    socket.hello('c', 'a')
    socket.receives(message)
    expect([socket.closed, events.at(-1)]).toEqual([true, `transport.connection-closed ${reason}`])
  })

  it('on which nothing was heard for too long is closed', async () => {
    const { clock, transport } = await setting()
    const socket = new FakeSocket()
    transport.accept(socket)
    socket.hello('c', 'a')
    await pass(clock, 15_000)
    expect(socket.closed).toBe(false)
    socket.receives(Uint8Array.of(0, 1))
    await pass(clock, 15_000)
    expect(socket.closed).toBe(false)
    await pass(clock, 5000)
    expect([socket.closed, events.at(-1)]).toEqual([true, 'transport.connection-closed idle'])
  })

  it('is one of so many, and replaced when its node comes anew', async () => {
    const { transport } = await setting()
    const [one, two, three] = [new FakeSocket(), new FakeSocket(), new FakeSocket()]
    transport.accept(one)
    transport.accept(two)
    transport.accept(three)
    expect([one.closed, two.closed, three.closed]).toEqual([false, false, true])
    one.hello('c', 'a', '00')
    two.hello('c', 'a', '01')
    expect([one.closed, two.closed]).toEqual([true, false])
    expect(events).toContain('transport.connection-closed superseded')
    expect(transport.send('a', 'x', bytes('to the new one'))).toBe(true)
  })

  it('takes no more than may wait', async () => {
    const { transport } = await setting()
    const socket = new FakeSocket()
    transport.accept(socket)
    socket.hello('c', 'a')
    expect(transport.send('a', 'x', bytes('fits'))).toBe(true)
    socket.bufferedAmount = 8 * 1024 * 1024
    expect(transport.send('a', 'x', bytes('does not'))).toBe(false)
    expect(events.at(-1)).toBe('transport.congested undefined')
  })

  it('is made for ws addresses alone, and not again at once where nobody answers', async () => {
    const nodes = new WebSocketNodes()
    const clock = new ManualClock()
    let dials = 0
    const transport = webSocketTransport({
      clusterId: 'c',
      addresses: nodes.addresses,
      connect: () => {
        dials++
        return new FakeSocket()
      },
      random: {
        float: () => 0.5,
        integer: () => 1,
        fork: (): never => ({ float: () => 0.5, integer: () => 1 }) as never,
      },
      clock,
    })
    await opened('self', transport)
    nodes.addresses.set('a', 'tcp://10.0.0.1:1')
    expect([transport.send('a', 'x', bytes('1')), dials]).toEqual([false, 0])
    nodes.addresses.set('a', 'ws://10.0.0.1:1')
    expect([transport.send('a', 'x', bytes('1')), transport.send('a', 'x', bytes('2')), dials]).toEqual([
      true,
      true,
      1,
    ])
    await pass(clock, 5000)
    expect([transport.send('a', 'x', bytes('3')), dials]).toEqual([false, 1])
    await pass(clock, 50)
    expect([transport.send('a', 'x', bytes('4')), dials]).toEqual([true, 2])
  })
})
