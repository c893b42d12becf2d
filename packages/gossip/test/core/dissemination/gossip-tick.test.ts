import { describe, expect, it } from 'vitest'
import { GossipTick } from '../../../src/core/dissemination/gossip-tick.ts'
import { News } from '../../../src/core/dissemination/news.ts'
import { PacketComposer } from '../../../src/core/wire/packet-composer.ts'
import { TokenBucket } from '../../../src/core/wire/token-bucket.ts'
import { FakeContext, update } from '../fake-context.ts'

function fixture(peers: string[], rate = Infinity, failed: string[] = []) {
  const context = new FakeContext('self', peers)
  const news = new News(context, { apply: () => {}, isEcho: () => false })
  const bandwidth = new TokenBucket(rate, context)
  const classes = [{ section: news, weight: 1 }]
  const composer = new PacketComposer({
    cluster: 'c',
    packetBytes: 1400,
    streamBytes: 1 << 20,
    classes,
    bandwidth,
  })
  const packets: [number, string, number][] = []
  const tick = new GossipTick(context, {
    composer,
    bandwidth,
    recentlyFailed: () => failed,
    output: (to, packet) => packets.push([context.now, to, packet.length]),
  })
  return { context, news, tick, packets }
}

describe('the gossip tick', () => {
  it('is silent while there is nothing to say', () => {
    const { context, tick, packets } = fixture(['a', 'b', 'c', 'd'])
    expect(tick.deadline).toBe(Infinity)
    expect(context.run(100_000, tick)).toBe(0)
    expect(packets).toEqual([])
  })

  it('sends to as many members as the fanout says, at every interval, the first time at once', () => {
    const { context, news, tick, packets } = fixture(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    context.now = 5000
    news.spread(update('x'))
    context.run(6000, tick)
    // Eight members: four sends, three at once and one after the interval.
    expect(packets.map(([at]) => at)).toEqual([5000, 5000, 5000, 5200])
    expect(new Set(packets.slice(0, 3).map(([, to]) => to)).size).toBe(3)
    expect(tick.deadline).toBe(Infinity)
  })

  it('waits for company while it is alone', () => {
    const { news, tick, context } = fixture([])
    news.spread(update('x'))
    expect(tick.deadline).toBe(Infinity)
    context.members.set('a', 'alive')
    expect(tick.deadline).toBeLessThanOrEqual(context.now)
  })

  it('keeps to the cap on bandwidth and still says everything in the end', () => {
    const { context, news, tick, packets } = fixture(['a', 'b', 'c', 'd'], 2000)
    const peers = 400
    for (let index = 0; index < peers; index++) news.spread(update(`member-${index}`))
    const begun = context.now
    context.run(begun + 10_000, tick)
    const sent = packets.reduce((sum, [, , bytes]) => sum + bytes, 0)
    // The burst of one second, and ten seconds of the rate.
    expect(sent).toBeLessThanOrEqual(2000 * 11)
    expect(sent).toBeGreaterThan(2000 * 9)
    context.run(begun + 200_000, tick)
    expect(news.backlog).toBe(0)
  })

  it('tells members that failed a short while ago, too', () => {
    const { context, news, tick, packets } = fixture(['a', 'b', 'c'], Infinity, ['dead'])
    for (let round = 0; round < 40; round++) {
      news.spread(update(`x${round}`))
      context.run(context.now + 2000, tick)
    }
    const told = packets.filter(([, to]) => to === 'dead').length
    expect(told).toBeGreaterThan(10)
    expect(told).toBeLessThan(packets.length / 2)
  })
})
