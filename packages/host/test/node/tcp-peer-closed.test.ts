import { describe, expect, it } from 'vitest'
import { eventually, event, frame, hello, rawClient, settle, TcpWorld } from './tcp-world.ts'

describe('a connection that the peer closes', () => {
  it('is told, whichever side made it', async () => {
    const world = new TcpWorld()
    const [a, b] = await Promise.all([world.node('a'), world.node('b')])
    const closed: string[] = []
    a.transport.onPeerClosed((peer) => closed.push(peer))
    a.transport.send('b', 'ch', frame(1))
    b.transport.send('a', 'ch', frame(1))
    await eventually(() => a.frames.length + b.frames.length === 2)
    await b.transport.close()
    await eventually(() => closed.length === 2)
    expect(closed).toEqual(['b', 'b'])
  })

  it('without a word is told too', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const closed: string[] = []
    a.transport.onPeerClosed((peer) => closed.push(peer))
    const client = await rawClient(a.port)
    client.socket.write(hello('b'))
    await event(a, 'connection-opened', { peer: 'b' })
    client.socket.destroy()
    await eventually(() => closed.length === 1)
    expect(closed).toEqual(['b'])
  })

  it('is not told of a connection that another replaces, that was refused, or that this node closes', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const closed: string[] = []
    a.transport.onPeerClosed((peer) => closed.push(peer))
    const [first, second, stranger] = [
      await rawClient(a.port),
      await rawClient(a.port),
      await rawClient(a.port),
    ]
    first.socket.write(hello('b'))
    await event(a, 'connection-opened', { peer: 'b' })
    second.socket.write(hello('b'))
    await event(a, 'connection-closed', { peer: 'b', reason: 'superseded' })
    stranger.socket.write(hello('c', { clusterId: 'another' }))
    await event(a, 'peer-refused', { peer: 'c' })
    await a.transport.close()
    await settle()
    expect(closed).toEqual([])
  })

  it('is told to nobody who has left; one who throws is reported, and the others hear of it', async () => {
    const world = new TcpWorld()
    const a = await world.node('a')
    const closed: string[] = []
    const left = a.transport.onPeerClosed(() => closed.push('left'))
    a.transport.onPeerClosed(() => {
      throw new Error('a bug of the handler')
    })
    a.transport.onPeerClosed((peer) => closed.push(peer))
    left[Symbol.dispose]()
    const client = await rawClient(a.port)
    client.socket.write(hello('b'))
    await event(a, 'connection-opened', { peer: 'b' })
    client.socket.destroy()
    await event(a, 'handler-failed', { peer: 'b', error: 'Error: a bug of the handler' })
    expect(closed).toEqual(['b'])
    expect(a.transport.stats().handlerFailures).toBe(1)
  })
})
