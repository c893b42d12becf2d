import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { TAGS } from '../../src/core/wire/tags.ts'
import { CoreNet } from './core-net.ts'
import { OneCore, packetOf } from './one-core.ts'

describe('a cluster', () => {
  it('finds itself through one seed', () => {
    const net = new CoreNet({ seed: 1 })
    const ids = net.addMany(10)
    for (const id of ids) expect(net.present(id)).toEqual([...ids].sort())
    expect(net.now).toBeLessThan(5_000)
  })

  it('says nothing but a probe and an answer an interval while nothing happens', () => {
    const net = new CoreNet({ seed: 2 })
    net.addMany(20)
    net.run(30_000)
    const [packets, bytes] = [net.packets, net.bytes]
    net.run(60_000)
    expect((net.packets - packets) / 60 / 20).toBeLessThan(2.1)
    expect((net.bytes - bytes) / 60 / 20).toBeLessThan(97)
  })

  it('finds out everywhere that a member crashed, and no healthy node’s health moves', () => {
    for (const seed of [3, 4, 5, 6]) {
      const net = new CoreNet({ seed })
      const ids = net.addMany(10)
      net.run(5_000)
      net.events.length = 0
      net.crash('n4')
      const others = ids.filter((id) => id !== 'n4')
      expect(
        net.runUntil(() => others.every((id) => net.core(id).member('n4')?.status === 'failed'), 20_000),
      ).toBe(true)
      expect(net.events.filter(({ type }) => type === 'health')).toEqual([])
      expect(net.events.filter((event) => event.type === 'fail' && event.member.id !== 'n4')).toEqual([])
    }
  })

  it('notices a crash within 1.2 to 2 intervals on average, whatever its size', () => {
    for (const size of [8, 16]) {
      let sum = 0
      const crashes = 20
      for (let seed = 0; seed < crashes; seed++) {
        const net = new CoreNet({ seed: 100 + seed })
        net.addMany(size)
        net.run(4_000)
        net.events.length = 0
        net.crash('n3')
        const crashed = net.now
        net.runUntil(() => net.events.some(({ type }) => type === 'suspect'), 60_000)
        // Until the probe that failed began: e/(e - 1) = 1.58 intervals on average (SWIM, section 3.1), less half of one, since intervals are not rounds.
        sum += (net.now - crashed) / 1_000 - 1
      }
      expect([size, sum / crashes > 0.2 && sum / crashes < 1.6]).toEqual([size, true])
    }
  })

  it('refutes what a link that works one way only makes somebody say, and nobody dies of it', () => {
    const net = new CoreNet({ seed: 7 })
    const ids = net.addMany(12)
    net.run(5_000)
    for (const id of ids) if (id !== 'n5') net.cut(id, 'n5')
    net.run(60_000)
    const fails = net.events.filter((event) => event.type === 'fail' && event.node !== 'n5')
    expect(new Set(fails.map((event) => 'member' in event && event.member.id))).toEqual(new Set(['n5']))
  })

  it('lets a process that stood still live, and takes nobody for dead that it did not hear meanwhile', () => {
    const net = new CoreNet({ seed: 8 })
    net.addMany(8)
    net.run(5_000)
    net.pause('n2')
    net.run(6_000)
    net.resume('n2')
    net.run(20_000)
    expect(net.events.filter(({ type }) => type === 'fail')).toEqual([])
    for (const id of net.nodes.keys()) expect(net.core(id).member('n2')?.status).toBe('alive')
  })

  it('loses nobody in five minutes at 10 % loss', () => {
    const net = new CoreNet({ seed: 9, loss: 0.1 })
    net.addMany(30)
    net.run(300_000)
    expect(net.events.filter(({ type }) => type === 'fail')).toEqual([])
    expect(net.core('n1').counters.streamAcks).toBeGreaterThan(0)
  })

  it('loses nobody in five minutes at 10 % loss without streams either', () => {
    const net = new CoreNet({ seed: 15, loss: 0.1 })
    net.filter = (_, __, ___, path) => path === 'datagram'
    net.addMany(30)
    net.run(300_000)
    expect(net.events.filter(({ type }) => type === 'fail')).toEqual([])
    expect(net.core('n1').counters).toMatchObject({ streamAcks: 0 })
    expect(net.core('n1').counters.indirectAcks).toBeGreaterThan(0)
  })

  it('takes a restarted member for the same one in a new life', () => {
    const net = new CoreNet({ seed: 10 })
    net.addMany(6)
    net.crash('n3')
    net.run(100)
    net.restart('n3', ['n1'])
    net.run(10_000)
    for (const id of net.nodes.keys()) {
      expect(net.core(id).member('n3')).toMatchObject({ status: 'alive', incarnation: { epoch: 2 } })
    }
  })

  it('detects by the rhythm of answers too', () => {
    const net = new CoreNet({ seed: 11, core: { detector: 'phi' } })
    net.addMany(8)
    net.run(120_000)
    expect(net.events.filter(({ type }) => type === 'suspect')).toEqual([])
    net.crash('n4')
    const others = [...net.nodes.keys()].filter((id) => id !== 'n4')
    expect(
      net.runUntil(() => others.every((id) => net.core(id).member('n4')?.status === 'failed'), 60_000),
    ).toBe(true)
    expect(
      net
        .core('n1')
        .explain('n4')
        .some(({ path }) => path === 'phi' || path === 'gossip'),
    ).toBe(true)
  })

  it('is well while it is alone, however often it stands still: it judges nobody', () => {
    const net = new CoreNet({ seed: 13 })
    net.add('n1')
    for (let count = 0; count < 5; count++) net.input('n1', { type: 'stalled', ms: 200 })
    expect(net.core('n1').health.score).toBe(0)
  })

  it('is well again after it stood still, one step an interval, whatever detects', () => {
    for (const detector of ['swim', 'phi'] as const) {
      const net = new CoreNet({ seed: 12, core: { detector } })
      net.addMany(3)
      net.run(20_000)
      for (let count = 0; count < 5; count++) net.input('n1', { type: 'stalled', ms: 200 })
      expect(net.core('n1').health.score).toBe(5)
      net.run(1500)
      expect(net.core('n1').health.score).toBeGreaterThan(0)
      expect(net.runUntil(() => net.core('n1').health.score === 0, 20_000)).toBe(true)
    }
  })
})

describe('packets', () => {
  it('of other clusters, versions and oneself are counted, and told once a minute', () => {
    const one = new OneCore()
    const other = packetOf([TAGS.updates, new Uint8Array()])
    other[3]! ^= 1
    for (let count = 0; count < 5; count++)
      one.step({ type: 'packet', from: 'b', bytes: other, path: 'datagram' })
    one.step({ type: 'packet', from: 'b', bytes: Uint8Array.of(9, ...other.slice(1)), path: 'datagram' })
    one.step({ type: 'packet', from: 'me', bytes: packetOf(), path: 'datagram' })
    expect(one.core.drops).toEqual({ 'wrong-cluster': 5, 'wrong-version': 1, 'from-nobody-else': 1 })
    expect(one.events).toEqual([{ type: 'wrong-cluster', from: 'b' }])
    one.now += 61_000
    one.step({ type: 'packet', from: 'b', bytes: other, path: 'datagram' })
    expect(one.events).toHaveLength(2)
  })

  it('may hold sections that are not known yet', () => {
    const one = new OneCore()
    const bytes = packetOf([200, Uint8Array.of(1, 2, 3)], [TAGS.updates, new Uint8Array()])
    one.step({ type: 'packet', from: 'b', bytes, path: 'datagram' })
    expect(one.core.drops).toEqual({ 'unknown-section': 1 })
  })

  it('of anything at all never make it throw, grow without bound or say too much', () => {
    const random = createRandom(12)
    const one = new OneCore({
      maxMembers: 50,
      onTransition: (_, __, after) => expect(after?.id).not.toBe(''),
    })
    one.meet('b', 'c', 'd')
    const tags = Object.values(TAGS)
    const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.integer(0, 255))
    for (let round = 0; round < 8_000; round++) {
      const bytes = packetOf([tags[random.integer(0, tags.length - 1)]!, bytesOf(random.integer(0, 60))])
      if (round % 5 === 0) bytes[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7)
      const before = one.sent.length
      one.step({
        type: 'packet',
        from: `x${random.integer(0, 20)}`,
        bytes,
        path: round % 7 ? 'datagram' : 'stream',
      })
      expect(one.sent.length - before).toBeLessThan(50)
      if (round % 50 === 0) one.wait(100)
      if (one.sent.length > 1_000) one.sent = []
    }
    expect([...one.core.members.all()].length).toBeLessThanOrEqual(50)
    expect(one.status('me')).toBeDefined()
  })
})

it('news that was changed on its way never makes it throw', () => {
  const random = createRandom(13)
  const net = new CoreNet({ seed: 14 })
  const heard: Uint8Array[] = []
  net.filter = (_, __, bytes) => heard.push(bytes) > 0
  net.addMany(8)
  net.crash('n8')
  net.run(30_000)
  const one = new OneCore({ cluster: 'net', id: 'n1' })
  for (let round = 0; round < 5_000; round++) {
    const bytes = heard[random.integer(0, heard.length - 1)]!.slice()
    for (let flips = random.integer(0, 3); flips > 0; flips--) {
      bytes[random.integer(9, bytes.length - 1)]! = random.integer(0, 255)
    }
    one.step({ type: 'packet', from: `n${random.integer(2, 9)}`, bytes, path: 'datagram' })
    if (round % 100 === 0) one.wait(50)
  }
  expect(one.core.members.known).toBeGreaterThan(3)
})
