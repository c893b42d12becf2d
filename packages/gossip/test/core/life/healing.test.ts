import { describe, expect, it } from 'vitest'
import { timingOf } from '../../../src/core/profiles.ts'
import { cut, halves } from './halves.ts'
import { LifeNet } from './life-net.ts'

const HOUR_MS = 3_600_000

describe('a partition', () => {
  it.each([
    ['a minute', 60_000],
    ['half an hour', HOUR_MS / 2],
  ])('of %s heals within 60 s of its end, and is told', (_name, ms) => {
    const net = halves(1, 3)
    cut(net)
    net.run(ms)
    expect(net.seeing(3)).toBe(6)
    for (const node of net.nodes.values()) node.events.length = 0
    net.lost = () => false
    expect(net.run(60_000, () => net.seeing(6) === 6)).toBe(true)
    net.run(10_000)
    for (const { events } of net.nodes.values()) {
      const healed = events.flatMap((event) => (event.type === 'healed' ? [event.members] : []))
      expect(healed.reduce((sum, members) => sum + members, 0)).toBe(3)
      expect(healed.length).toBeLessThanOrEqual(2)
    }
  })

  it('that leaves one link heals over that link', () => {
    const net = halves(2, 4)
    cut(net)
    net.run(120_000)
    expect(net.seeing(4)).toBe(8)
    // Only a2 and b3 hear each other.
    const bridge = new Set(['a2b3', 'b3a2'])
    net.lost = (from, to) => from[0] !== to[0] && !bridge.has(from + to)
    expect(net.run(60_000, () => net.node('a2').core.members.isPresent('b3'))).toBe(true)
    expect(net.node('b3').core.members.isPresent('a2')).toBe(true)
  })

  it('of one against many heals as well', () => {
    const net = halves(3, 5)
    cut(net, (from, to) => (from === 'b0') !== (to === 'b0'))
    net.run(180_000)
    expect(net.node('b0').core.members.size).toBe(1)
    expect(net.node('a0').core.members.size).toBe(9)
    net.lost = () => false
    expect(net.run(60_000, () => net.seeing(10) === 10)).toBe(true)
  })
})

describe('members that are gone', () => {
  it('are tried rarely, however many they are', () => {
    const net = halves(4, 10)
    for (const id of net.nodes.keys()) if (id[0] === 'b') net.stop(id)
    cut(net)
    net.run(120_000)
    expect(net.seeing(10)).toBe(10)
    const before = net.node('a3').packets
    net.run(120_000)
    // Ten gone members every 30 s or so, beside a probe and an acknowledgement a second.
    const perSecond = (net.node('a3').packets - before) / 120
    expect(perSecond).toBeLessThan(2.1 + 10 / 22)
  })

  it('are forgotten when their time is over, and not learned again from who remembers them', () => {
    const seeds = [{ address: 'net://a' }]
    const soon = timingOf('lan', { reapAfterMs: 100_000, tombstoneMs: 1_000_000 })
    const net = new LifeNet(5)
    net.start('a', { seeds, timing: soon })
    for (const id of ['b', 'c', 'd']) net.start(id, { seeds })
    net.run(2000)
    net.stop('c')
    net.run(60_000)
    expect(net.node('a').core.members.get('c')?.status).toBe('failed')
    net.run(100_000)
    expect(net.node('a').core.members.get('c')).toBeUndefined()
    expect(net.node('b').core.members.get('c')?.status).toBe('failed')
    expect(net.node('a').events.filter(({ type }) => type === 'forget').length).toBe(1)
    // Who comes back after a while away has more to tell than usual.
    net.lost = (from, to) => from === 'd' || to === 'd'
    net.run(30_000)
    net.lost = () => false
    net.run(120_000)
    expect(net.seeing(3)).toBe(3)
    expect(net.node('a').core.members.get('c')).toBeUndefined()
    net.start('c', { seeds })
    net.run(3000)
    expect(net.seeing(4)).toBe(4)
  })
})
