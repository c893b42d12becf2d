import { expect, it } from 'vitest'
import { LifeNet, type NetNode } from './life-net.ts'

const ZONES = ['eu', 'us', 'ap']
const EACH = 10

/** Three zones of ten members, all joined; with `zoned` false nobody names its zone. */
function start(zoned: boolean): LifeNet {
  const net = new LifeNet('zones')
  for (let index = 0; index < EACH; index++) {
    for (const zone of ZONES) {
      net.start(`${zone}-${index}`, { seeds: [{ address: 'net://eu-0' }], zone: zoned ? zone : '' })
    }
  }
  expect(net.run(20_000, () => net.seeing(ZONES.length * EACH) === ZONES.length * EACH)).toBe(true)
  net.run(10_000)
  return net
}

const have = (net: LifeNet): NetNode[] =>
  [...net.nodes.values()].filter(
    ({ events, running }) => running && events.some(({ type }) => type === 'broadcast'),
  )

function broadcast(net: LifeNet, from: string): void {
  net.step(net.node(from), { type: 'broadcast', id: 1, topic: 't', payload: new Uint8Array(400) })
}

/** Bytes of a broadcast that cross from one zone to another until it was spread. */
function crossing(zoned: boolean): number {
  const net = start(zoned)
  let bytes = 0
  net.watch = (from, to, { length }) => {
    if (length > 400 && from.slice(0, 2) !== to.slice(0, 2)) bytes += length
  }
  broadcast(net, 'us-3')
  net.run(20_000)
  expect(have(net).length).toBe(ZONES.length * EACH - 1)
  return bytes
}

it('members that name their zones send a third as much across them, and miss nobody', () => {
  const zoned = crossing(true)
  const uniform = crossing(false)
  expect(zoned).toBeLessThan(0.45 * uniform)
  expect(zoned).toBeGreaterThan(0)
})

it('zones whose first six members are gone still hear of everything', () => {
  const net = start(true)
  for (const zone of ZONES) for (let index = 0; index < 6; index++) net.stop(`${zone}-${index}`)
  const dead = [...net.nodes.values()].filter(({ running }) => !running).map(({ id }) => id)
  for (const { id, running } of net.nodes.values()) if (running) net.declareFailed(id, 'operator', dead)
  broadcast(net, 'ap-9')
  expect(net.run(5000, () => have(net).length === 3 * 4 - 1)).toBe(true)
})
