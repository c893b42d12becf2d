import { describe, expect, it } from 'vitest'
import { CoreNetwork } from '../src/gossip/core-network.ts'
import { measureDetection, measureIdle } from '../src/gossip/simulated.ts'
import { TimeWheel } from '../src/gossip/time-wheel.ts'

describe('the wheel of time', () => {
  it('gives events at their time, in the order in which they were put in, however far away they are', () => {
    const wheel = new TimeWheel<string>()
    const times = [5, 70_000, 3, 5, 200_000, 65_536, 65_535, 1, 0, 32_768, 131_072]
    for (const [nth, time] of times.entries()) wheel.push(time, `${nth}`)
    const seen: [number, string][] = []
    for (let now = 1; now <= 200_001; now++) {
      for (const event of wheel.advance()) {
        seen.push([now, event])
        if (event === '0') wheel.push(now, 'again')
      }
    }
    expect(seen).toEqual([
      ...[
        [1, '7'],
        [1, '8'],
        [3, '2'],
        [5, '0'],
        [5, '3'],
        [6, 'again'],
      ],
      ...[
        [32_768, '9'],
        [65_535, '6'],
        [65_536, '5'],
        [70_000, '1'],
        [131_072, '10'],
        [200_000, '4'],
      ],
    ])
  })
})

describe('cores on a simulated network', () => {
  it('do the same at every run', () => {
    const [one, other] = [1, 1].map((seed) => {
      const network = new CoreNetwork(seed, 0.1)
      const joinMs = network.join(20, 60_000)
      network.run(20_000)
      return [joinMs, network.packets, network.bytes]
    })
    expect(one).toEqual(other)
    expect(one?.[0]).toBeLessThan(10_000)
  })

  it('say nothing but probes and answers when they idle', () => {
    const { packetsPerSecond, bytesPerSecond, wireBytesPerSecond } = measureIdle(10)
    expect(packetsPerSecond).toBeCloseTo(2, 1)
    expect(bytesPerSecond).toBeLessThan(60)
    expect(wireBytesPerSecond - bytesPerSecond).toBeCloseTo(13 * packetsPerSecond)
  })

  it('find a crash', () => {
    const { firstMs, spreadMs, falseDeaths } = measureDetection(10, 0, 2)
    expect([firstMs > 1000 && firstMs < 20_000, spreadMs < 2000, falseDeaths]).toEqual([true, true, 0])
  })
})
