import { expect, it } from 'vitest'
import { PacketHead } from '../../../src/core/wire/packet-head.ts'
import { PacketParser } from '../../../src/core/wire/packet-parser.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { LifeNet } from '../life/life-net.ts'

const RATE = 4096
const SIZE = 30
/** Everything that there is to be said fits into this. */
const CHUNK_BYTES = 36 * 1024

it('no node sends more than its cap, probes apart, and all still know each other and all that is said', () => {
  const net = new LifeNet('bandwidth')
  for (let index = 0; index < SIZE; index++) {
    net.start(`node-${index}`, { seeds: [{ address: 'net://node-0' }], bandwidth: RATE })
  }
  for (const node of net.nodes.values()) {
    for (let key = 0; key < 5; key++) {
      net.step(node, { type: 'set', key: `key-${key}`, value: new Uint8Array(200) })
    }
  }
  const sent = (): number => Math.max(...[...net.nodes.values()].map(({ bytes }) => bytes))
  // A full bucket, what it earns, a chunk that was begun while there was something left of it; and probes.
  net.run(12_000)
  expect(sent()).toBeLessThan(13 * RATE + CHUNK_BYTES + 12 * 200)
  net.run(48_000)
  expect(sent()).toBeLessThan(61 * RATE)
  expect(net.seeing(SIZE)).toBe(SIZE)
  const contents = new Set([...net.nodes.values()].map(({ core }) => core.fingerprint.contents))
  expect(contents.size).toBe(1)
})

it('welcomes name fewer members when many join at once', () => {
  const welcomed = (bandwidth: number | undefined): number => {
    const net = new LifeNet('welcomes')
    const parser = new PacketParser(new PacketHead('test'))
    let bytes = 0
    net.watch = (_from, _to, packet) => {
      parser.parse(packet, (tag, body) => {
        if (tag === TAGS.welcome) bytes += body.length
      })
    }
    for (let index = 0; index < SIZE; index++) {
      net.start(`node-${index}`, { seeds: [{ address: 'net://node-0' }], bandwidth })
    }
    net.run(100)
    return bytes
  }
  expect(welcomed(undefined)).toBeGreaterThan(2 * RATE)
  expect(welcomed(RATE)).toBeLessThan(RATE)
})
