import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LinkProxy } from '../../src/bank/link-proxy.ts'

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that sends back what it gets. */
async function echo(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).pipe(socket)
  })
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A client and what it has received, and whether it was told of an end. */
function dial(address: string): { socket: Socket; received: () => string; ended: () => boolean } {
  let text = ''
  let ended = false
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => {}).on('close', () => (ended = true))
  closing.push(() => socket.destroy())
  return { socket, received: () => text, ended: () => ended }
}

async function proxyTo(target: string | undefined): Promise<LinkProxy> {
  const proxy = await LinkProxy.open()
  closing.push(() => proxy.close())
  if (target !== undefined) proxy.target = target
  return proxy
}

describe('LinkProxy', () => {
  it('passes bytes on, both ways', async () => {
    const proxy = await proxyTo(await echo())
    const { socket, received } = dial(proxy.address)
    socket.write('hello')
    await vi.waitFor(() => expect(received()).toBe('hello'))
  })

  it('holds everything back while it is cut, without telling anybody, and delivers it afterwards', async () => {
    const proxy = await proxyTo(await echo())
    const { socket, received, ended } = dial(proxy.address)
    socket.write('one ')
    await vi.waitFor(() => expect(received()).toBe('one '))
    proxy.cut()
    socket.write('two ')
    await sleep(100)
    expect([received(), ended()]).toEqual(['one ', false])
    proxy.heal()
    socket.write('three')
    await vi.waitFor(() => expect(received()).toBe('one two three'))
  })

  it('leads nowhere for who connects during a cut, and on after it', async () => {
    const proxy = await proxyTo(await echo())
    proxy.cut()
    const { socket, received, ended } = dial(proxy.address)
    socket.write('early')
    await sleep(100)
    expect([received(), ended()]).toEqual(['', false])
    proxy.heal()
    await vi.waitFor(() => expect(received()).toBe('early'))
  })

  it('hangs up when the node behind it is gone, and finds it where it listens next', async () => {
    const proxy = await proxyTo(undefined)
    const first = dial(proxy.address)
    await vi.waitFor(() => expect(first.ended()).toBe(true))
    proxy.target = await echo()
    const second = dial(proxy.address)
    second.socket.write('back')
    await vi.waitFor(() => expect(second.received()).toBe('back'))
  })
})
