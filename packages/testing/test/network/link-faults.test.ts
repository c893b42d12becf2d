import { describe, expect, test } from 'vitest'
import type { NetworkOptions } from '../../src/world/world-options.ts'
import type { World } from '../../src/world/world.ts'
import { createWorld } from '../../src/world/world.ts'
import { ringOfMajorities } from '../../src/faults/ring-of-majorities.ts'

/** A world of two whose `b` tells when each frame of `a` came, and its first byte. */
async function openPair(
  network: NetworkOptions,
  seed = 1,
): Promise<{ world: World; came: [number, number][] }> {
  const world = createWorld({ seed, nodes: ['a', 'b'], network })
  const came: [number, number][] = []
  listen(world, came)
  await world.finish(Promise.all(world.nodes.map((node) => node.host.open(node.id))))
  return { world, came }
}

function listen(world: World, came: [number, number][]): void {
  world.node('b').host.transport.receive('x', (_, frame) => came.push([world.now, frame[0] ?? 0]))
}

function send(world: World, bytes: number, mark = 0): boolean {
  const frame = new Uint8Array(bytes)
  if (bytes > 0) frame[0] = mark
  return world.node('a').host.transport.send('b', 'x', frame)
}

describe('latency distributions', () => {
  async function delays(network: NetworkOptions): Promise<number[]> {
    const { world, came } = await openPair({
      minLatencyMs: 5,
      meanLatencyMs: 15,
      maxInFlight: 1e6,
      ...network,
    })
    for (let count = 0; count < 20_000; count += 1) send(world, 1)
    await world.run(60_000)
    return came.map(([at]) => at)
  }

  function mean(values: readonly number[]): number {
    return values.reduce((sum, each) => sum + each, 0) / values.length
  }

  test('exponential: ten times the mean distance now and then', async () => {
    const all = await delays({})
    expect(mean(all)).toBeCloseTo(15, 0)
    expect(Math.min(...all)).toBeLessThan(5.1)
    expect(Math.max(...all)).toBeGreaterThan(80)
    expect(Math.max(...all)).toBeLessThan(205.1)
  })

  test('uniform: evenly, up to twice as far as the mean', async () => {
    const all = await delays({ distribution: 'uniform' })
    expect(mean(all)).toBeCloseTo(15, 0)
    expect([Math.min(...all) >= 5, Math.max(...all) <= 25]).toEqual([true, true])
    expect(all.filter((delay) => delay < 10).length / all.length).toBeCloseTo(0.25, 1)
  })

  test('constant: all at one instant', async () => {
    expect(new Set(await delays({ distribution: 'constant' }))).toEqual(new Set([15]))
  })

  test('heavy-tailed: most are short, some take a hundred times the mean distance', async () => {
    const all = await delays({ distribution: 'heavy-tailed' })
    expect(all.filter((delay) => delay < 15).length / all.length).toBeCloseTo(0.75, 1)
    expect(Math.max(...all)).toBeGreaterThan(400)
    expect(mean(all)).toBeGreaterThan(13)
    expect(mean(all)).toBeLessThan(17)
  })

  test('that there are not are refused', () => {
    expect(() => createWorld({ seed: 1, network: { distribution: 'normal' as 'uniform' } })).toThrow(
      /distribution/,
    )
  })
})

describe('narrow links', () => {
  const narrow: NetworkOptions = { minLatencyMs: 1, meanLatencyMs: 1, distribution: 'constant' }

  test('carry one frame after the other, at their speed', async () => {
    const { world, came } = await openPair({ ...narrow, bytesPerSecond: 100_000 })
    for (const mark of [1, 2, 3]) send(world, 1000, mark)
    await world.run(100)
    expect(came).toEqual([
      [11, 1],
      [21, 2],
      [31, 3],
    ])
    send(world, 1000, 4)
    await world.run(100)
    expect(came.at(-1)).toEqual([111, 4])
  })

  test('are busy also with what is lost', async () => {
    const { world, came } = await openPair({ ...narrow, bytesPerSecond: 100_000, loss: 1 })
    send(world, 1000, 1)
    world.network.configure({ loss: 0 })
    send(world, 1000, 2)
    await world.run(100)
    expect(came).toEqual([[21, 2]])
  })

  test('refuse what their queue does not hold, but never a frame that is alone', async () => {
    const { world, came } = await openPair({ ...narrow, queueBytes: 250 })
    expect([send(world, 100), send(world, 100), send(world, 100), send(world, 50)]).toEqual([
      true,
      true,
      false,
      true,
    ])
    await world.run(10)
    expect([send(world, 1000), send(world, 0), send(world, 1)]).toEqual([true, false, false])
    await world.run(10)
    expect([came.length, send(world, 1)]).toEqual([4, true])
    expect(world.network.stats).toMatchObject({ refused: 3, sent: 5 })
  })

  test('send at once again when they are wide again', async () => {
    const { world, came } = await openPair({ ...narrow, bytesPerSecond: 10 })
    send(world, 1000, 1)
    world.network.configure({ bytesPerSecond: 0 })
    send(world, 1000, 2)
    await world.run(10)
    expect(came).toEqual([[1, 2]])
  })
})

describe('replays', () => {
  test('bring old frames again, also those of an earlier incarnation, and only while they are on', async () => {
    const { world, came } = await openPair({ replay: 1, distribution: 'constant' })
    send(world, 1, 1)
    await world.run(100)
    expect(came.map(([, mark]) => mark)).toEqual([1])
    world.node('b').restart()
    listen(world, came)
    await world.finish(world.node('b').host.open('b'))
    came.length = 0
    send(world, 1, 2)
    await world.run(100)
    expect(new Set(came.map(([, mark]) => mark))).toEqual(new Set([1, 2]))
    expect(world.network.stats.replayed).toBe(1)
    world.network.configure({ replay: 0 })
    send(world, 1, 3)
    world.network.configure({ replay: 1 })
    came.length = 0
    send(world, 1, 4)
    await world.run(100)
    expect(new Set(came.map(([, mark]) => mark))).toEqual(new Set([3, 4]))
  })

  test('come as often as they were asked for, from the last 32 frames', async () => {
    const { world, came } = await openPair({ replay: 0.3 })
    for (let count = 0; count < 200; count += 1) {
      send(world, 1, count)
      await world.run(100)
      const [, oldest] = came.toSorted(([, left], [, right]) => left - right)[0] ?? [0, 0]
      expect(oldest).toBeGreaterThanOrEqual(count - 32)
      came.length = 0
    }
    expect(world.network.stats.replayed).toBeGreaterThan(40)
    expect(world.network.stats.replayed).toBeLessThan(80)
  })

  test('leave the fate of every other frame as it was', async () => {
    const fates = async (replay: number): Promise<number[]> => {
      const { world, came } = await openPair({ replay, loss: 0.3 })
      for (let count = 0; count < 100; count += 1) send(world, 1, count)
      await world.run(1000)
      return [...new Set(came.map(([, mark]) => mark))].sort((left, right) => left - right)
    }
    const plain = await fates(0)
    expect((await fates(0.2)).filter((mark) => plain.includes(mark))).toEqual(plain)
  })
})

test('in a ring of majorities every node hears a majority, and no two the same', () => {
  for (let size = 1; size <= 12; size += 1) {
    const nodes = Array.from({ length: size }, (_, place) => `n${place}`)
    const cut = new Set(ringOfMajorities(nodes).map(([from, to]) => `${from} ${to}`))
    const heard = nodes.map((node) => nodes.filter((other) => !cut.has(`${other} ${node}`)))
    for (const each of heard) expect(each.length).toBeGreaterThan(size / 2)
    for (const link of cut) expect(cut.has(link.split(' ').toReversed().join(' '))).toBe(true)
    if (size >= 4) expect(new Set(heard.map((each) => each.join())).size, `${size}`).toBe(size)
    else expect(cut.size).toBe(0)
  }
})

describe('streams', () => {
  /** What `b` hears of ten frames that `a` streams. */
  async function streamed(network: NetworkOptions): Promise<{ world: World; came: [number, number][] }> {
    const pair = await openPair(network)
    const { transport } = pair.world.node('a').host
    for (let mark = 0; mark < 10; mark += 1) transport.stream?.('b', 'x', Uint8Array.of(mark))
    return pair
  }

  test('are in order and lose nothing by chance: a loss costs 200 ms, and what comes later waits for it', async () => {
    const { world, came } = await streamed({ loss: 0.5, duplicate: 0.5, reorder: 0.5, reorderMs: 500 })
    await world.run(60_000)
    expect(came.map(([, mark]) => mark)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(came.at(-1)?.[0]).toBeGreaterThan(200)
    expect(world.network.stats).toMatchObject({ delivered: 10, lost: 0, duplicated: 0, reordered: 0 })
  })

  test('break where everything is lost, and with a link that is cut or a receiver that is down', async () => {
    const dead = await streamed({ loss: 1 })
    await dead.world.run(60_000)
    expect(dead.world.network.stats).toMatchObject({ delivered: 0, lost: 10 })

    const cut = await streamed({ minLatencyMs: 5 })
    cut.world.network.cut('a', 'b')
    await cut.world.run(60_000)
    expect(cut.world.network.stats).toMatchObject({ delivered: 0, cut: 10 })

    const down = await streamed({ minLatencyMs: 5 })
    down.world.node('b').crash()
    await down.world.run(60_000)
    expect(down.world.network.stats).toMatchObject({ delivered: 0, down: 10 })
  })

  test('change nothing about the frames that are sent alone', async () => {
    const arrivals = async (streams: boolean): Promise<readonly number[]> => {
      const { world, came } = await openPair({})
      for (let mark = 0; mark < 10; mark += 1) {
        if (streams) world.node('a').host.transport.stream?.('b', 'elsewhere', Uint8Array.of(mark))
        send(world, 1, mark)
      }
      await world.run(1000)
      return came.map(([at]) => at)
    }
    expect(await arrivals(true)).toEqual(await arrivals(false))
  })

  test('tell the receiver how a frame came', async () => {
    const { world } = await openPair({})
    const paths: unknown[] = []
    world.node('b').host.transport.receive('path', (_from, _frame, path) => paths.push(path))
    const { transport } = world.node('a').host
    transport.send('b', 'path', Uint8Array.of(1))
    await world.run(100)
    transport.stream?.('b', 'path', Uint8Array.of(1))
    await world.run(100)
    expect(paths).toEqual(['datagram', 'stream'])
  })
})
