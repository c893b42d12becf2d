import { ByteReader, ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { spreadTimeMs } from '../../../src/core/dissemination/spread-limit.ts'
import { readChunk } from '../../../src/core/sync/chunk.ts'
import { DIGEST_KINDS } from '../../../src/core/sync/digest-codec.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { deliver } from '../fake-context.ts'
import { bytes, StateNet } from '../state/state-net.ts'

/** Two that know each other, and everything that is sent between them. */
function pair(options: ConstructorParameters<typeof StateNet>[1] = {}) {
  const net = new StateNet(2, options)
  const [one, other] = [net.node(0), net.node(1)]
  const posted: { tag: number; kind: number; body: Uint8Array; path: string }[] = []
  const post = net.post.bind(net)
  net.post = (from, to, tag, body, path) => {
    if (tag === TAGS.digest || tag === TAGS.chunk) posted.push({ tag, kind: body[0]!, body, path })
    post(from, to, tag, body, path)
  }
  return { net, one, other, posted }
}

describe('summaries', () => {
  it('that agree cost nothing, and no exchange is ever begun', () => {
    const { net, one, other, posted } = pair()
    one.state.set('a', bytes('1'))
    net.run(3000)
    posted.length = 0
    net.run(300_000)
    expect(one.sync.exchanges + other.sync.exchanges).toBeLessThanOrEqual(2)
    expect(posted.length).toBeLessThanOrEqual(4)
  })

  it('that differ lead to an exchange when news had time to spread, not before', () => {
    const { net, one } = pair()
    one.learn('far', 'alive', 7)
    const hear = (): void => one.sync.summary.hear('node-1', 1, one.fingerprint.contents)
    const exchanges: number[] = []
    for (let ms = 0; ms <= 2 * spreadTimeMs(one); ms += 100) {
      one.now = net.now + ms
      hear()
      exchanges.push(one.sync.exchanges)
    }
    const patience = spreadTimeMs(one) / 100
    expect(exchanges.slice(0, patience)).toEqual(new Array(patience).fill(0))
    expect(exchanges[patience]).toBe(1)
    expect(exchanges.at(-1)).toBe(2)
  })

  it('that differ in states lead to nothing while states change here anyway', () => {
    const { net, one } = pair()
    for (let ms = 0; ms <= 10 * spreadTimeMs(one); ms += 100) {
      one.now = net.now + ms
      if (ms % 1000 === 0) one.state.set('load', bytes(`${ms}`))
      one.sync.summary.hear('node-1', one.fingerprint.members, 1)
    }
    expect(one.sync.exchanges).toBe(0)
    one.now += spreadTimeMs(one) + 100
    one.sync.summary.hear('node-1', one.fingerprint.members, 1)
    expect(one.sync.exchanges).toBe(1)
  })

  it('that agree once in between begin the patience anew', () => {
    const { net, one } = pair()
    for (let ms = 0; ms <= 10 * spreadTimeMs(one); ms += 100) {
      one.now = net.now + ms
      one.sync.summary.hear('node-1', ms % 1000 === 0 ? one.fingerprint.members : 1, one.fingerprint.contents)
    }
    expect(one.sync.exchanges).toBe(0)
  })

  it('with a difference that comparing does not mend are compared ever less often', () => {
    const { net, one } = pair()
    const at: number[] = []
    let before = 0
    for (let ms = 0; ms <= 200_000; ms += 100) {
      one.now = net.now + ms
      one.sync.summary.hear('node-1', 1, 1)
      if (one.sync.exchanges > before) {
        before = one.sync.exchanges
        at.push(ms)
        one.sync.summary.compared()
      }
    }
    const waits = at.map((ms, index) => ms - (at[index - 1] ?? 0))
    expect(waits.slice(0, 4).every((wait, index) => index < 2 || wait > 1.9 * waits[index - 1]!)).toBe(true)
    expect(Math.max(...waits)).toBeLessThanOrEqual(one.timing.syncIntervalMs + 200)
  })

  it('of the wrong length are counted', () => {
    const { one } = pair()
    for (const length of [0, 7, 9]) deliver(one.sync.summary, new Uint8Array(length), 'node-1')
    expect(one.drops).toEqual(['malformed-summary', 'malformed-summary', 'malformed-summary'])
  })
})

describe('an exchange', () => {
  it('makes both know what either knew, of members, states and shared values', () => {
    const { net, one, other } = pair({ seed: 4 })
    for (const [node, name] of [
      [one, 'x'],
      [other, 'y'],
    ] as const) {
      for (let index = 0; index < 40; index++) node.learn(`${name}-${index}`, 'alive', 7, index)
      for (let index = 0; index < 40; index += 2) {
        const entries = [{ key: 'k', value: bytes(name), version: 1 }]
        node.state.take(
          { id: `${name}-${index}`, life: 7, base: 0, upTo: 1, target: 1, floor: 0, entries },
          false,
        )
      }
      node.shared.values.share(`key-${name}`, bytes(name))
    }
    one.sync.start('node-1')
    net.until(() => one.fingerprint.contents === other.fingerprint.contents, 3000)
    expect(one.fingerprint.members).toBe(other.fingerprint.members)
    expect(one.rows.size).toBe(82)
    expect(one.copyOf('y-2')).toEqual({ k: 'y' })
    expect(other.copyOf('x-2')).toEqual({ k: 'x' })
    expect(one.sharedCopy()).toEqual(other.sharedCopy())
  })

  it('tells first of those of whose state the other lacks most', () => {
    const { net, one, other, posted } = pair()
    for (const [index, versions] of [3, 9, 1, 6].entries()) {
      for (const node of [one, other]) node.learn(`x-${index}`, 'alive', 7)
      const entries = Array.from({ length: versions }, (_, at) => ({
        key: `k${at}`,
        value: bytes('v'),
        version: at + 1,
      }))
      const run = { id: `x-${index}`, life: 7, base: 0, upTo: versions, target: versions, floor: 0, entries }
      other.state.take(run, false)
      if (index === 1) one.state.take({ ...run, upTo: 7, entries: entries.slice(0, 7) }, false)
    }
    one.sync.start('node-1')
    net.run(200)
    const reader = new ByteReader(posted.find(({ tag }) => tag === TAGS.chunk)!.body)
    for (let field = 0; field < 3; field++) reader.varint()
    expect(readChunk(reader, 'node-1')?.runs.map(({ id }) => id)).toEqual(['x-3', 'x-0', 'x-1', 'x-2'])
  })

  it('is tried again when a datagram of it is lost, a few times', () => {
    const { net, one, posted } = pair({ loss: 1 })
    one.sync.start('node-1')
    net.run(5000)
    expect(posted.length).toBe(3)
  })

  it('does not bring back whom one has forgotten and the other holds for gone', () => {
    const { net, one, other, posted } = pair()
    one.learn('x', 'left', 7)
    one.learn('y', 'failed', 7)
    one.sync.start('node-1')
    net.run(1000)
    // Nobody even asks.
    expect(posted.filter(({ tag, kind }) => tag === TAGS.digest && kind === DIGEST_KINDS.wants)).toEqual([])
    expect([...other.rows.keys()]).toEqual(['node-1', 'node-0'])
  })

  it('weighs a verdict of another: failed is a suspicion here, left is believed', () => {
    const { net, one, other } = pair()
    for (const id of ['x', 'y', 'z']) for (const node of [one, other]) node.learn(id, 'alive', 7)
    one.learn('x', 'failed', 7)
    one.learn('y', 'left', 7)
    other.learn('z', 'failed', 7)
    one.learn('z', 'left', 7)
    other.applied.length = 0
    one.sync.start('node-1')
    net.run(1000)
    expect(other.applied.map(({ id, status, accuser }) => `${id} ${status} ${accuser}`).sort()).toEqual([
      'x suspect node-0',
      'y left y',
      'z left z',
    ])
  })

  it('says whom it holds for gone that the other one sees, whoever of the two compares', () => {
    for (const opener of ['one', 'other'] as const) {
      const nodes = pair()
      for (let index = 0; index < 40; index++) {
        nodes.one.learn(`x-${index}`, index === 7 ? 'failed' : 'alive', 7)
        nodes.other.learn(`x-${index}`, 'alive', 7)
      }
      nodes[opener].sync.start(opener === 'one' ? 'node-1' : 'node-0')
      nodes.net.run(300)
      expect([...new Set(nodes.one.contradicted)]).toEqual(['x-7'])
      expect(nodes.other.contradicted).toEqual([])
    }
  })

  it('says whom it holds for gone that the other one sees, but not too many at a time', () => {
    const { net, one, other } = pair()
    for (let index = 0; index < 100; index++) {
      other.learn(`x-${index}`, 'alive', 7, 1)
      one.learn(`x-${index}`, index < 90 ? 'failed' : 'alive', 7, index < 5 ? 0 : 1)
    }
    other.sync.start('node-0')
    net.run(2000)
    expect(one.contradicted.length).toBeGreaterThan(20)
    expect(one.contradicted).not.toContain('x-0')
    expect(one.contradicted).not.toContain('x-95')
    // Those 85 are suspected there, but not all at once.
    expect(other.drops.filter((reason) => reason === 'sync-verdict').length).toBe(85 - 64)
  })

  it('sends ask for the rest of what came with a gap, once, from whom it came', () => {
    const net = new StateNet(4)
    net.node(0).state.set('a', bytes('1'))
    net.run(3000)
    const late = net.node(3)
    net.loss = 1
    for (let count = 0; count < 5; count++) {
      net.node(0).state.set('a', bytes(`2${count}`))
      net.run(2000)
    }
    net.loss = 0
    net.node(0).state.set('b', bytes('3'))
    const took = net.until(() => late.copyOf('node-0')['b'] === '3', 3000)
    expect(took).toBeLessThan(1500)
    expect(late.copyOf('node-0')).toEqual({ a: '24', b: '3' })
    expect(late.sync.exchanges).toBe(0)
  })
})

describe('large differences', () => {
  it('are told within a budget of bytes a second', () => {
    const { net, one, other } = pair({ bytesPerSecond: 256 * 1024 })
    for (let key = 0; key < 32; key++) other.state.set(`key-${key}`, new Uint8Array(30_000))
    one.sync.start('node-1')
    net.run(2000)
    // A second of the rate is there at once.
    expect(one.state.store.totalBytes).toBeLessThan(3.5 * 256 * 1024)
    expect(one.state.store.totalBytes).toBeGreaterThan(256 * 1024)
    net.run(3000)
    expect(one.state.store.totalBytes).toBe(other.state.store.totalBytes)
  })

  it('are told to a bounded number at a time; the others ask somebody else', () => {
    const net = new StateNet(14, { seed: 2, bytesPerSecond: 2 ** 30 })
    const full = net.node(0)
    for (let key = 0; key < 20; key++) full.state.set(`key-${key}`, new Uint8Array(50_000).fill(key))
    for (const node of net.all()) if (node !== full) node.sync.start('node-0')
    net.run(150)
    expect(full.drops.filter((reason) => reason === 'sync-busy').length).toBe(13 - 8)
    expect(
      net.until(
        () => net.all().every((node) => node.fingerprint.contents === full.fingerprint.contents),
        30_000,
      ),
    ).toBeLessThan(20_000)
  })

  it('are asked of somebody else when the first is busy, a few times', () => {
    const net = new StateNet(6)
    const node = net.node(0)
    const asked: string[] = []
    net.post = (from, to, tag) => {
      if (from === 'node-0' && tag === TAGS.digest) asked.push(to)
    }
    node.sync.start('node-1')
    for (let count = 0; count < 10; count++) {
      deliver(node.sync.digest, new Uint8Array([DIGEST_KINDS.busy]), asked.at(-1)!)
    }
    expect(asked.length).toBe(1 + 4)
    for (let index = 1; index < asked.length; index++) expect(asked[index]).not.toBe(asked[index - 1])
  })

  it('to somebody who is gone are given up, and the place is free again', () => {
    const { net, one, other } = pair()
    for (let key = 0; key < 20; key++) other.state.set(`key-${key}`, new Uint8Array(50_000))
    one.sync.start('node-1')
    net.run(100)
    net.cut.add('node-0>node-1')
    net.run(15_000)
    expect(other.drops).toContain('sync-cut')
    net.cut.clear()
    one.sync.start('node-1')
    net.until(() => one.fingerprint.contents === other.fingerprint.contents, 10_000)
    expect(one.fingerprint.contents).toBe(other.fingerprint.contents)
  })
})

describe('bytes of others', () => {
  it('never make it throw, whatever they are', () => {
    const random = createRandom(9)
    const { net, one, other, posted } = pair()
    for (let index = 0; index < 60; index++) {
      one.learn(`x-${index}`, 'alive', 7)
      if (index < 30) other.learn(`y-${index}`, 'alive', 7)
    }
    one.state.set('a', bytes('1'))
    one.shared.values.share('s', bytes('2'))
    for (let start = 0; start < 3; start++) {
      one.sync.start('node-1')
      other.sync.start('node-0')
      net.run(500)
    }
    const real = posted.slice()
    expect(
      new Set(real.map(({ tag, kind }) => (tag === TAGS.chunk ? 'chunk' : kind))).size,
    ).toBeGreaterThanOrEqual(4)
    for (let round = 0; round < 3000; round++) {
      const { tag, body } = real[random.integer(0, real.length - 1)]!
      const twisted = body.slice(0, random.float() < 0.3 ? random.integer(0, body.length) : body.length)
      for (let flips = random.integer(1, 3); flips > 0 && twisted.length > 0; flips--) {
        twisted[random.integer(0, twisted.length - 1)] = random.integer(0, 255)
      }
      const section = tag === TAGS.chunk ? other.sync.chunk : other.sync.digest
      section.read(new ByteReader(twisted), 'node-0')
    }
    const counted = new Set(other.drops)
    expect(counted).toContain('malformed-digest')
    expect(counted).toContain('malformed-chunk')
  })

  it('are answered with little, however much they ask for', () => {
    const { net, one, other, posted } = pair({ bytesPerSecond: 64 * 1024 })
    for (let index = 0; index < 5000; index++) other.learn(`member-${index}`, 'alive', 7)
    const writer = new ByteWriter()
    writer.u8(1)
    writer.u8(8 * 2 + 1)
    for (let bucket = 0; bucket < 256; bucket++) writer.u32(bucket)
    const ask = writer.finish()
    for (let count = 0; count < 100; count++) deliver(other.sync.digest, ask, one.self)
    const answered = posted.reduce((sum, { body }) => sum + body.length, 0)
    expect(answered).toBeLessThan(200_000)
    expect(other.drops.filter((reason) => reason === 'sync-busy').length).toBeGreaterThan(90)
    net.run(100)
  })
})
