import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '@colony/host'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLinkProxy, type LinkProxy, type LinkProxyOptions } from '../../../src/node/index.ts'
import { eventually } from './processes.ts'
import { clientOfTest, serverOfTest } from './sockets.ts'

async function proxyOfTest(options: LinkProxyOptions = {}): Promise<LinkProxy> {
  const proxy = await createLinkProxy(options)
  onTestFinished(async () => await proxy.close())
  return proxy
}

async function echoProxy(options: LinkProxyOptions = {}): Promise<LinkProxy> {
  const { address } = await serverOfTest((socket) => void socket.pipe(socket))
  return await proxyOfTest({ target: address, ...options })
}

/** Long enough for anything on the loopback interface to arrive, were it not held back: nothing can be waited for that must not happen. */
const WHILE = 60

describe('a proxy', () => {
  test('passes bytes on, both ways, and counts them', async () => {
    const proxy = await echoProxy()
    const { socket, received } = clientOfTest(proxy.address)
    socket.write('hello')
    await eventually('the answer', () => received() === 'hello')
    expect(proxy.stats).toEqual({ connections: 1, open: 1, forwardBytes: 5, backwardBytes: 5 })
  })

  test('passes much more on than sockets hold, all of it and in order', async () => {
    const proxy = await echoProxy()
    const { socket, received } = clientOfTest(proxy.address)
    const piece = Array.from({ length: 4096 }, (_, at) => String.fromCharCode(at % 251)).join('')
    const text = piece.repeat(4000)
    socket.end(text, 'latin1')
    await eventually('all of it', () => received().length === text.length)
    expect(received() === text).toBe(true)
  })

  test('passes on that one side has finished, while the other goes on', async () => {
    const { address } = await serverOfTest((socket) => {
      let text = ''
      socket.on('data', (chunk) => (text += String(chunk))).on('end', () => socket.end(`got ${text}`))
    })
    const proxy = await proxyOfTest({ target: address })
    const { socket, received, end } = clientOfTest(proxy.address)
    socket.end('all')
    await eventually('the answer to all', () => received() === 'got all' && end() === 'closed')
    await eventually('the pair is forgotten', () => proxy.stats.open === 0)
  })

  test('hangs up when nobody listens behind it, and finds who listens there next', async () => {
    const gone = await serverOfTest(() => {})
    gone.close()
    const proxy = await proxyOfTest()
    for (const target of [undefined, gone.address]) {
      if (target !== undefined) proxy.target = target
      const { end } = clientOfTest(proxy.address)
      await eventually('it is told', () => end() !== undefined)
    }
    proxy.target = (await serverOfTest((socket) => void socket.pipe(socket))).address
    const { socket, received } = clientOfTest(proxy.address)
    socket.write('back')
    await eventually('the answer', () => received() === 'back')
  })

  test('tells both sides of a reset, and takes new connections at once', async () => {
    const { address, sockets } = await serverOfTest((socket) => void socket.pipe(socket))
    const proxy = await proxyOfTest({ target: address })
    const first = clientOfTest(proxy.address)
    first.socket.write('one')
    await eventually('the answer', () => first.received() === 'one')
    proxy.reset()
    await eventually('both are told', () => first.end() === 'reset' && sockets[0]?.destroyed === true)
    const second = clientOfTest(proxy.address)
    second.socket.write('two')
    await eventually('the answer', () => second.received() === 'two')
  })

  test('closes more than once, with all its connections', async () => {
    const proxy = await echoProxy()
    const { socket, end } = clientOfTest(proxy.address)
    await once(socket, 'connect')
    await proxy.close()
    await proxy[Symbol.asyncDispose]()
    await eventually('it is told', () => end() !== undefined)
  })

  test.each(['nowhere', 'tcp://127.0.0.1', 'tcp://127.0.0.1:0', 'tcp://127.0.0.1:70000'])(
    'leads to no %s',
    async (target) => {
      const proxy = await proxyOfTest()
      expect(() => (proxy.target = target)).toThrow(/a target is tcp:/)
    },
  )
})

describe('a cut', () => {
  test('holds everything back without telling anybody, and delivers it afterwards', async () => {
    const proxy = await echoProxy()
    const { socket, received, end } = clientOfTest(proxy.address)
    socket.write('one ')
    await eventually('the answer', () => received() === 'one ')
    proxy.cut()
    socket.write('two ')
    await sleep(WHILE)
    expect([received(), end()]).toEqual(['one ', undefined])
    proxy.heal()
    socket.write('three')
    await eventually('the rest', () => received() === 'one two three')
  })

  test('in one direction leaves the other', async () => {
    const { address, sockets } = await serverOfTest(() => {})
    const heard: string[] = []
    const proxy = await proxyOfTest({ target: address })
    const { socket, received } = clientOfTest(proxy.address)
    await eventually('they are connected', () => sockets.length === 1)
    sockets[0]?.on('data', (chunk) => heard.push(String(chunk)))
    proxy.cut('forward')
    socket.write('lost?')
    sockets[0]?.write('down')
    await eventually('the other direction', () => received() === 'down')
    expect(heard).toEqual([])
    proxy.cut('backward')
    proxy.heal('forward')
    await eventually('the first direction', () => heard.join('') === 'lost?')
    sockets[0]?.write(' below')
    await sleep(WHILE)
    expect(received()).toBe('down')
    proxy.heal()
    await eventually('both', () => received() === 'down below')
  })

  test('leads nowhere for who connects meanwhile, and on after it', async () => {
    const proxy = await echoProxy()
    proxy.cut('backward')
    const { socket, received, end } = clientOfTest(proxy.address)
    socket.write('early')
    await sleep(WHILE)
    expect([received(), end(), proxy.stats.forwardBytes]).toEqual(['', undefined, 0])
    proxy.heal()
    await eventually('the answer', () => received() === 'early')
  })

  test('hides that the other side has failed, until it is healed', async () => {
    const { address, sockets } = await serverOfTest((socket) => void socket.pipe(socket))
    const proxy = await proxyOfTest({ target: address })
    const { socket, received, end } = clientOfTest(proxy.address)
    socket.write('one')
    await eventually('the answer', () => received() === 'one')
    proxy.cut()
    sockets[0]?.resetAndDestroy()
    await sleep(WHILE)
    expect(end()).toBeUndefined()
    proxy.heal()
    socket.write('two')
    await eventually('it is told', () => end() === 'reset')
  })
})

describe('a delay', () => {
  test('makes bytes late, in order, and only in its direction', async () => {
    const proxy = await echoProxy({ random: createRandom(1) })
    proxy.configure({ minLatencyMs: 30, meanLatencyMs: 40, distribution: 'uniform' }, 'backward')
    const { socket, received } = clientOfTest(proxy.address)
    await once(socket, 'connect')
    const took: number[] = []
    for (const text of 'abcde') {
      const started = performance.now()
      socket.write(text)
      await eventually('the answer', () => received().endsWith(text))
      took.push(performance.now() - started)
    }
    expect(received()).toBe('abcde')
    expect(Math.min(...took)).toBeGreaterThan(29)
    // So long that nothing would come before the test is given up, and then none.
    proxy.configure({ minLatencyMs: 100_000 })
    proxy.configure({ minLatencyMs: null, meanLatencyMs: null })
    socket.write('f')
    await eventually('the answer', () => received() === 'abcdef')
  })

  test('of a narrow line grows with what is sent', async () => {
    const proxy = await echoProxy()
    proxy.configure({ bytesPerSecond: 100_000 }, 'forward')
    const { socket, received } = clientOfTest(proxy.address)
    const started = performance.now()
    socket.write('x'.repeat(20_000))
    await eventually('all of it', () => received().length === 20_000)
    expect(performance.now() - started).toBeGreaterThan(190)
  })

  test('delivers what is on its way when a side finishes', async () => {
    const proxy = await echoProxy()
    proxy.configure({ minLatencyMs: 50 })
    const { socket, received, end } = clientOfTest(proxy.address)
    socket.end('last words')
    await eventually('them', () => received() === 'last words' && end() === 'closed')
  })

  test('out of range is refused', async () => {
    const proxy = await echoProxy()
    expect(() => proxy.configure({ minLatencyMs: -1 })).toThrow(/minLatencyMs/)
  })
})
