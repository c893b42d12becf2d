import { ByteReader, ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Section } from '../../../src/core/component.ts'
import { PacketComposer } from '../../../src/core/wire/packet-composer.ts'
import { HEAD_BYTES, PacketHead } from '../../../src/core/wire/packet-head.ts'
import { PacketParser } from '../../../src/core/wire/packet-parser.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { xxh64 } from '../../../src/core/wire/xxh64.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A section of items of one size that are never exhausted unless `items` is given. */
function fake(tag: number, size: number, items = Infinity): Section & { sent: number } {
  return {
    tag,
    sent: 0,
    get backlog() {
      return Math.min(1e9, (items - this.sent) * size)
    },
    write(writer, budget) {
      let written = 0
      while (written + size <= budget && this.sent < items) {
        writer.raw(new Uint8Array(size).fill(tag))
        written += size
        this.sent++
      }
      return written
    },
    read() {},
  }
}

function sectionsOf(packet: Uint8Array, cluster = 'c'): [number, number][] {
  const found: [number, number][] = []
  const check = new PacketParser(new PacketHead(cluster)).parse(packet, (tag, body) =>
    found.push([tag, body.length]),
  )
  expect(check).toBe('ok')
  return found
}

describe('xxh64', () => {
  it('gives the known answers', () => {
    const answers: [string, bigint][] = [
      ['', 0xef46db3751d8e999n],
      ['a', 0xd24ec4f1a98c6e5bn],
      ['abc', 0x44bc2cf5ad770999n],
      ['Call me Ishmael. Some years ago--never mind how long precisely-', 0x02a2e85470d6fd96n],
    ]
    for (const [input, hash] of answers) expect(xxh64(text(input)), input).toBe(hash)
  })
})

describe('the head', () => {
  it('is the version and the hash of the name', () => {
    const writer = new ByteWriter()
    new PacketHead('prod').write(writer)
    const bytes = writer.finish()
    expect(bytes.length).toBe(HEAD_BYTES)
    const hash = xxh64(Uint8Array.from([4, ...text('prod')]))
    expect(hex(bytes.subarray(0, 1))).toBe('01')
    expect(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(1, true)).toBe(hash)
  })

  it('tells another version and another cluster apart', () => {
    const writer = new ByteWriter()
    new PacketHead('prod').write(writer)
    const bytes = writer.finish()
    expect(new PacketHead('prod').check(bytes)).toBe('ok')
    expect(new PacketHead('prod2').check(bytes)).toBe('wrong-cluster')
    expect(new PacketHead('prod').check(bytes.subarray(0, 8))).toBe('malformed')
    expect(new PacketHead('prod').check(Uint8Array.from([2, ...bytes.subarray(1)]))).toBe('wrong-version')
  })

  it('differs for 20,000 similar names', () => {
    const seen = new Set<string>()
    for (let index = 0; index < 20_000; index++) {
      const writer = new ByteWriter()
      new PacketHead(`cluster-${index}`).write(writer)
      seen.add(hex(writer.finish()))
    }
    expect(seen.size).toBe(20_000)
  })
})

describe('the composer', () => {
  it('keeps an idle probe and its acknowledgement with the summary far below 97 bytes', () => {
    const summary: Section = { ...fake(TAGS.summary, 8), backlog: 0 }
    const composer = new PacketComposer({
      cluster: 'c',
      packetBytes: 1400,
      streamBytes: 1 << 20,
      classes: [{ section: fake(TAGS.updates, 30, 0), weight: 1 }],
      attached: [
        { to: TAGS.ack, section: { ...summary, write: (writer) => (writer.raw(new Uint8Array(8)), 8) } },
      ],
    })
    // A sequence number of three bytes, an epoch of six, a counter of one.
    const ping = composer.compose('b', TAGS.ping, new Uint8Array(10), 'datagram')
    const ack = composer.compose('a', TAGS.ack, new Uint8Array(3), 'datagram')
    expect(sectionsOf(ping as Uint8Array)).toEqual([[TAGS.ping, 10]])
    expect(sectionsOf(ack as Uint8Array)).toEqual([
      [TAGS.ack, 3],
      [TAGS.summary, 8],
    ])
    expect((ping?.length ?? 0) + (ack?.length ?? 0)).toBe(45)
  })

  it('never exceeds the limit, whatever waits', () => {
    const random = createRandom(1)
    for (let round = 0; round < 500; round++) {
      const packetBytes = random.integer(64, 1400)
      const classes = [1, 2, 3].map((tag) => ({
        section: fake(100 + tag, random.integer(1, 400)),
        weight: random.integer(1, 5),
      }))
      const composer = new PacketComposer({ cluster: 'c', packetBytes, streamBytes: 1 << 20, classes })
      const packet = composer.compose('b', 9, new Uint8Array(random.integer(0, 40)), 'datagram')
      expect(packet?.length).toBeLessThanOrEqual(packetBytes)
      const gossip = composer.gossip('b')
      if (gossip) expect(gossip.length).toBeLessThanOrEqual(packetBytes)
    }
  })

  it('refuses what is too large, at the exact byte, and takes more by stream', () => {
    const composer = new PacketComposer({ cluster: 'c', packetBytes: 300, streamBytes: 1000, classes: [] })
    // 9 of head, 1 of tag, 2 of length.
    expect(composer.compose('b', 9, new Uint8Array(288), 'datagram')?.length).toBe(300)
    expect(composer.compose('b', 9, new Uint8Array(289), 'datagram')).toBeUndefined()
    expect(composer.compose('b', 9, new Uint8Array(988), 'stream')?.length).toBe(1000)
    expect(composer.compose('b', 9, new Uint8Array(989), 'stream')).toBeUndefined()
  })

  it('says nothing when there is nothing to say, and does not leave half a packet behind', () => {
    const section = fake(50, 10, 1)
    const composer = new PacketComposer({
      cluster: 'c',
      packetBytes: 300,
      streamBytes: 1000,
      classes: [{ section, weight: 1 }],
    })
    expect(sectionsOf(composer.gossip('b') as Uint8Array)).toEqual([[50, 10]])
    expect(composer.gossip('b')).toBeUndefined()
    expect(sectionsOf(composer.compose('b', 9, new Uint8Array(1), 'datagram') as Uint8Array)).toEqual([
      [9, 1],
    ])
  })
})

describe('the parser', () => {
  const head = new PacketHead('c')

  it('skips nothing silently: a frame that does not fit is malformed as a whole', () => {
    const composer = new PacketComposer({ cluster: 'c', packetBytes: 300, streamBytes: 1000, classes: [] })
    const packet = composer.compose('b', 9, new Uint8Array(5), 'datagram') as Uint8Array
    const parser = new PacketParser(head)
    for (let length = HEAD_BYTES + 1; length < packet.length; length++) {
      const visited: number[] = []
      expect(parser.parse(packet.subarray(0, length), (tag) => visited.push(tag))).toBe('malformed')
      expect(visited).toEqual([])
    }
  })

  it('survives 100,000 mutated packets and stays within their bytes', () => {
    const random = createRandom('fuzz')
    const composer = new PacketComposer({
      cluster: 'c',
      packetBytes: 300,
      streamBytes: 1000,
      classes: [{ section: fake(50, 20), weight: 1 }],
    })
    const parser = new PacketParser(head)
    const reader = new ByteReader()
    const outcomes = new Map<string, number>()
    const template = composer.compose('b', 9, new Uint8Array(17), 'datagram') as Uint8Array
    for (let round = 0; round < 100_000; round++) {
      const packet = template.slice(0, random.integer(0, template.length))
      for (let flips = random.integer(0, 3); flips > 0 && packet.length > 0; flips--) {
        packet[random.integer(0, packet.length - 1)] = random.integer(0, 255)
      }
      const outcome = parser.parse(packet, (_tag, body) => {
        reader.reset(body)
        if (body.length > packet.length) expect.fail(`round ${round}`)
      })
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()].toSorted()).toEqual(['malformed', 'ok', 'wrong-cluster', 'wrong-version'])
  })
})
