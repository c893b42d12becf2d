import { createRandom, type Random } from '@colony/host'
import { expect, it } from 'vitest'
import { LifeNet, type NetNode } from '../life/life-net.ts'

const ROUNDS = 10_000

/** Packets of a small cluster in which everything happens that sends any. */
function realPackets(): Uint8Array[] {
  const net = new LifeNet('hostile')
  const packets: Uint8Array[] = []
  net.watch = (_from, _to, bytes) => packets.push(bytes)
  for (const id of ['a', 'b', 'c', 'd']) net.start(id, { seeds: [{ address: 'net://a' }], zone: 'eu' })
  net.run(3000)
  const b = net.node('b')
  for (let index = 0; index < 5; index++) {
    net.step(b, { type: 'set', key: `key-${index}`, value: new Uint8Array(30) })
    net.step(b, { type: 'share', key: `key-${index}`, value: new Uint8Array(30) })
    net.step(b, { type: 'broadcast', id: index, topic: 'topic', payload: new Uint8Array(30) })
    net.step(b, {
      type: 'query',
      question: index,
      topic: 'topic',
      payload: new Uint8Array(30),
      timeoutMs: 3000,
    })
  }
  net.run(500)
  net.step(net.node('a'), { type: 'answer', from: 'b', question: 1, payload: new Uint8Array(10) })
  net.stop('c')
  net.run(15_000)
  net.step(net.node('d'), { type: 'leave', acknowledgements: 2, timeoutMs: 1000 })
  net.start('e', { seeds: [{ address: 'net://a' }] })
  net.run(5000)
  return packets
}

function mutated(packet: Uint8Array, random: Random): Uint8Array {
  const bytes = packet.slice(0, random.float() < 0.3 ? random.integer(10, packet.length) : packet.length)
  for (let flips = random.integer(1, 4); flips > 0; flips--) {
    // Mostly behind the head, which is checked first.
    bytes[random.integer(Math.min(9, bytes.length - 1), bytes.length - 1)] = random.integer(0, 255)
  }
  return bytes
}

it('a core survives ten thousand damaged packets, and still does its work', () => {
  const random = createRandom('hostile')
  const packets = realPackets()
  expect(packets.length).toBeGreaterThan(100)
  const net = new LifeNet('victim')
  net.keepsEvents = false
  const victim: NetNode = net.start('a')
  for (let round = 0; round < ROUNDS; round++) {
    const packet = packets[random.integer(0, packets.length - 1)] as Uint8Array
    const from = ['b', 'c', 'd', 'e'][random.integer(0, 3)] as string
    net.step(victim, { type: 'packet', from, bytes: mutated(packet, random), path: 'datagram' })
    if (round % 100 === 0) net.run(100)
  }
  const drops = Object.keys(victim.core.drops)
  expect(drops.length).toBeGreaterThan(8)
  expect(victim.core.backlogBytes).toBeLessThan(2_000_000)
  net.start('z', { seeds: [{ address: 'net://a' }] })
  net.run(2000)
  expect(victim.core.members.isPresent('z')).toBe(true)
})
