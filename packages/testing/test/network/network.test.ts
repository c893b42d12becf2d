import { describe, expect, test } from 'vitest'
import type { NetworkOptions, World } from '../../src/index.ts'
import { createWorld } from '../../src/index.ts'

interface Post {
  readonly world: World
  /** Sends so many numbered frames from one node to another, `everyMs` apart. */
  readonly send: (from: string, to: string, count: number, everyMs?: number) => Promise<readonly boolean[]>
  /** What arrived, as `from→to number`. */
  readonly arrived: string[]
  readonly numbers: () => readonly number[]
}

async function openPost(network: NetworkOptions, seed = 1, ids = ['a', 'b', 'c']): Promise<Post> {
  const world = createWorld({ seed, nodes: ids, network })
  const arrived: string[] = []
  for (const node of world.nodes) {
    node.host.transport.receive('post', (from, frame) => {
      arrived.push(`${from}→${node.id} ${new DataView(frame.buffer).getUint32(0)}`)
    })
  }
  await world.finish(Promise.all(world.nodes.map((node) => node.host.open(node.id))))
  const send = async (from: string, to: string, count: number, everyMs = 0): Promise<readonly boolean[]> => {
    const accepted: boolean[] = []
    for (let number = 0; number < count; number += 1) {
      const frame = new Uint8Array(4)
      new DataView(frame.buffer).setUint32(0, number)
      accepted.push(world.node(from).host.transport.send(to, 'post', frame))
      if (everyMs > 0) await world.run(everyMs)
    }
    await world.run(1000)
    return accepted
  }
  return { world, send, arrived, numbers: () => arrived.map((line) => Number(line.split(' ')[1])) }
}

describe('chance', () => {
  test('a healthy network delivers everything once, after the least latency, and lets frames overtake', async () => {
    const post = await openPost({ minLatencyMs: 2, meanLatencyMs: 10 })
    const sentAt = post.world.now
    let first = Number.POSITIVE_INFINITY
    post.world
      .node('b')
      .host.transport.receive('other', () => (first = Math.min(first, post.world.now - sentAt)))
    for (let count = 0; count < 100; count += 1)
      post.world.node('a').host.transport.send('b', 'other', new Uint8Array(0))
    await post.send('a', 'b', 500)
    expect(first).toBeGreaterThanOrEqual(2)
    expect(first).toBeLessThan(3)
    expect(new Set(post.numbers()).size).toBe(500)
    expect(post.numbers()).toHaveLength(500)
    expect(post.numbers()).not.toEqual([...post.numbers()].sort((left, right) => left - right))
    expect(post.world.network.stats).toMatchObject({ sent: 600, delivered: 600, lost: 0, duplicated: 0 })
  })

  test('latency has the mean that was asked for', async () => {
    const post = await openPost({ minLatencyMs: 5, meanLatencyMs: 15, maxInFlight: 10_000 })
    const { world } = post
    const delays: number[] = []
    world.node('b').host.transport.receive('timed', () => delays.push(world.now - start))
    const start = world.now
    for (let count = 0; count < 5000; count += 1)
      world.node('a').host.transport.send('b', 'timed', new Uint8Array(0))
    await world.run(2000)
    expect(delays.reduce((sum, each) => sum + each, 0) / delays.length).toBeCloseTo(15, 0)
  })

  test('loses, duplicates and reorders as often as it was told', async () => {
    const lossy = await openPost({ loss: 0.3 })
    await lossy.send('a', 'b', 1000)
    expect(lossy.arrived.length).toBeGreaterThan(640)
    expect(lossy.arrived.length).toBeLessThan(760)
    expect(lossy.world.network.stats.lost).toBe(1000 - lossy.arrived.length)

    const doubling = await openPost({ duplicate: 0.3, maxInFlight: 5000 })
    await doubling.send('a', 'b', 1000)
    expect(doubling.arrived.length).toBeGreaterThan(1240)
    expect(new Set(doubling.numbers()).size).toBe(1000)
    expect(doubling.world.network.stats.duplicated).toBe(doubling.arrived.length - 1000)

    const straight = await openPost({ minLatencyMs: 1, meanLatencyMs: 1 })
    await straight.send('a', 'b', 300, 2)
    expect(straight.numbers()).toEqual([...straight.numbers()].sort((left, right) => left - right))
    const shuffling = await openPost({ minLatencyMs: 1, meanLatencyMs: 1, reorder: 0.2, reorderMs: 50 })
    await shuffling.send('a', 'b', 300, 2)
    expect(shuffling.numbers()).not.toEqual([...shuffling.numbers()].sort((left, right) => left - right))
    expect(shuffling.world.network.stats.reordered).toBeGreaterThan(30)
  })

  test('changing one setting leaves the fate of frames as it was in every other respect', async () => {
    const lossy = await openPost({ loss: 0.3 })
    const doubling = await openPost({ loss: 0.3, duplicate: 0.5, reorder: 0.5 })
    const lossier = await openPost({ loss: 0.5 })
    for (const post of [lossy, doubling, lossier]) await post.send('a', 'b', 200)
    expect(new Set(doubling.arrived)).toEqual(new Set(lossy.arrived))
    expect(doubling.arrived.length).toBeGreaterThan(lossy.arrived.length)
    expect(lossier.arrived.every((line) => lossy.arrived.includes(line))).toBe(true)
  })

  test('links have streams of their own: traffic on one does not change another', async () => {
    const quiet = await openPost({ loss: 0.3 })
    const busy = await openPost({ loss: 0.3 })
    await busy.send('c', 'b', 300)
    busy.arrived.length = 0
    // Luck belongs to moments.
    await quiet.world.run(1000)
    await quiet.send('a', 'b', 100)
    await busy.send('a', 'b', 100)
    expect(busy.arrived).toEqual(quiet.arrived)
  })
})

describe('cuts', () => {
  test('a partition separates groups both ways and heals', async () => {
    const post = await openPost({}, 1, ['a', 'b', 'c', 'd', 'e'])
    const { network } = post.world
    network.partition([
      ['a', 'b'],
      ['c', 'd'],
    ])
    for (const way of ['a b', 'c d', 'a c', 'c a', 'a e', 'e a', 'e d']) {
      const [from = '', to = ''] = way.split(' ')
      expect(await post.send(from, to, 1)).toEqual([true])
    }
    expect(post.arrived).toEqual(['a→b 0', 'c→d 0'])
    expect(network.stats.cut).toBe(5)
    expect(network.connected('a', 'c')).toBe(false)
    network.heal()
    await post.send('a', 'c', 1)
    expect(post.arrived.at(-1)).toBe('a→c 0')
  })

  test('a cut is one-way and takes what is on the way', async () => {
    const post = await openPost({ minLatencyMs: 10, meanLatencyMs: 10 })
    const { world } = post
    world.node('a').host.transport.send('b', 'post', new Uint8Array(4))
    await world.run(5)
    world.network.cut('a', 'b')
    await post.send('b', 'a', 1)
    expect(post.arrived).toEqual(['b→a 0'])
    world.network.heal({ from: 'a', to: 'b' })
    await post.send('a', 'b', 1)
    expect(post.arrived).toEqual(['b→a 0', 'a→b 0'])
  })

  test('what is sent into a cut is lost, though the link is whole again before it would have arrived', async () => {
    const post = await openPost({ minLatencyMs: 10, meanLatencyMs: 10 })
    post.world.network.cut('a', 'b')
    post.world.node('a').host.transport.send('b', 'post', new Uint8Array(4))
    await post.world.run(1)
    post.world.network.heal()
    await post.world.run(100)
    expect(post.arrived).toEqual([])
    expect(post.world.network.stats.cut).toBe(1)
  })

  test('settings apply to the links that were selected, the last change counts, and null goes back', async () => {
    const post = await openPost({})
    const { network } = post.world
    network.configure({ loss: 1 }, { from: 'a' })
    await post.send('a', 'b', 3)
    await post.send('b', 'a', 1)
    expect(post.arrived).toEqual(['b→a 0'])
    network.configure({ loss: 0 }, { from: 'a', to: 'b' })
    await post.send('a', 'b', 1)
    await post.send('a', 'c', 1)
    expect(post.arrived).toEqual(['b→a 0', 'a→b 0'])
    network.configure({ loss: 1 })
    network.configure({ minLatencyMs: 1 }, { from: 'a', to: 'b' })
    await post.send('a', 'b', 1)
    expect(post.arrived).toHaveLength(2)
    network.configure({ loss: null })
    await post.send('a', 'c', 1)
    expect(post.arrived.at(-1)).toBe('a→c 0')
    expect(() => network.configure({ loss: 2 })).toThrow(/network\.loss/)
    expect(() => network.cut('a', 'x')).toThrow(/'x'/)
    expect(() => network.partition([['a'], ['a', 'b']])).toThrow(/two groups/)
  })
})

describe('limits and lives', () => {
  test('a full link refuses frames and takes them again later', async () => {
    const post = await openPost({ maxInFlight: 10 })
    const accepted = await post.send('a', 'b', 15)
    expect(accepted.filter(Boolean)).toHaveLength(10)
    expect(post.arrived).toHaveLength(10)
    expect(await post.send('a', 'b', 1)).toEqual([true])
    expect(post.world.network.stats.refused).toBe(5)
  })

  test('frames to oneself, to strangers, too large or before opening are refused', async () => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'], network: { maxFrameBytes: 100 } })
    const { transport } = world.node('a').host
    expect(transport.send('b', 'x', new Uint8Array(1))).toBe(false)
    await world.finish(world.node('a').host.open('a'))
    expect(transport.send('a', 'x', new Uint8Array(1))).toBe(false)
    expect(transport.send('z', 'x', new Uint8Array(1))).toBe(false)
    expect(transport.send('b', 'x', new Uint8Array(101))).toBe(false)
    expect(transport.send('b', 'x', new Uint8Array(100))).toBe(true)
    await expect(world.finish(world.node('b').host.open('wrong'))).rejects.toMatchObject({
      code: 'HOST_LISTEN_FAILED',
    })
  })

  test('frames to a crashed node are lost even when it is back before they would have arrived', async () => {
    const post = await openPost({ minLatencyMs: 50, meanLatencyMs: 50 })
    const { world } = post
    const [a, b] = [world.node('a'), world.node('b')]
    a.host.transport.send('b', 'post', new Uint8Array(4))
    b.host.transport.send('a', 'post', new Uint8Array(4))
    await world.run(10)
    b.restart()
    b.host.transport.receive('post', () => post.arrived.push('at the second life'))
    await world.finish(b.host.open('b'))
    await world.run(100)
    // What the crashed node had sent is on its way and arrives.
    expect(post.arrived).toEqual(['b→a 0'])
    expect(world.network.stats.down).toBe(1)
    b.crash()
    expect(await post.send('a', 'b', 1)).toEqual([true])
    expect(world.network.stats.down).toBe(2)
  })

  test('every receiver gets bytes of its own', async () => {
    const post = await openPost({ duplicate: 1 })
    const { world } = post
    const seen: number[] = []
    for (const id of ['b', 'c']) {
      world.node(id).host.transport.receive('own', (_, frame) => {
        seen.push(frame[0] ?? -1)
        frame[0] = 99
      })
    }
    const frame = Uint8Array.of(1)
    for (const id of ['b', 'c']) world.node('a').host.transport.send(id, 'own', frame)
    await world.run(100)
    expect(seen).toEqual([1, 1, 1, 1])
  })

  test('a sender that changes a frame after sending it is found out', async () => {
    const { world } = await openPost({})
    const frame = Uint8Array.of(1, 2, 3)
    world.node('a').host.transport.send('b', 'post', frame)
    frame[1] = 7
    await expect(world.run(100)).rejects.toThrow(/'a' changed a frame on channel 'post' after it had sent it/)
  })

  test('a handler that throws fails the run, or is only reported where that is asked for', async () => {
    const told: string[] = []
    const open = async (failOnHandlerError: boolean): Promise<World> => {
      const world = createWorld({
        seed: 1,
        nodes: ['a', 'b'],
        failOnHandlerError,
        observer: (event, node) => told.push(`${node} ${event.type}`),
      })
      await world.finish(Promise.all(world.nodes.map((node) => node.host.open(node.id))))
      world.node('b').host.transport.receive('x', () => {
        throw new Error('bad bytes')
      })
      world.node('a').host.transport.send('b', 'x', new Uint8Array(1))
      return world
    }
    await expect((await open(true)).run(100)).rejects.toThrow(/bad bytes/)
    await (await open(false)).run(100)
    expect(told).toEqual(['b transport.handler-failed', 'b transport.handler-failed'])
  })

  test('a channel has one handler, and frames without one are counted', async () => {
    const { world, send } = await openPost({})
    const { transport } = world.node('a').host
    expect(() => transport.receive('post', () => undefined)).toThrow(/post/)
    const handler = transport.receive('more', () => undefined)
    handler[Symbol.dispose]()
    transport.receive('more', () => undefined)
    world.node('b').host.transport.send('a', 'nobody', new Uint8Array(1))
    await world.run(100)
    expect(world.network.stats.unheard).toBe(1)
    await world.finish(transport.close())
    expect(await send('a', 'b', 1)).toEqual([false])
  })
})
