import { describe, expect, it } from 'vitest'
import type { Scope } from '../../../src/core/sync/digest-codec.ts'
import { bytes, StateNet, type StateNode, type Traffic } from '../state/state-net.ts'

/** Prints the figures of docs/decisions/0012-gossip.md. */
const SHOW: boolean = process.env['SHOW'] !== undefined
const EPOCH = 60_000_000_000

/** Two nodes that know the same `count` members, each with a state of three changes. */
function pair(count: number): { net: StateNet; one: StateNode; other: StateNode } {
  const net = new StateNet(0)
  const [one, other] = [net.add('node-00000', EPOCH), net.add('node-00001', EPOCH)]
  for (const node of [one, other]) {
    for (let index = 0; index < count; index++) meet(node, index)
  }
  return { net, one, other }
}

function idOf(index: number): string {
  return `node-${String(index).padStart(5, '0')}`
}

function meet(node: StateNode, index: number): void {
  const id = idOf(index)
  node.learn(id, 'alive', EPOCH)
  say(node, index, 3)
}

/** The member has changed its one key up to `version`. */
function say(node: StateNode, index: number, version: number): void {
  const id = idOf(index)
  // The two say nothing themselves.
  if (index < 2) return
  const entries = [{ key: 'load', value: bytes('0.42'), version }]
  node.state.take({ id, life: EPOCH, base: 0, upTo: version, target: version, floor: 0, entries }, false)
}

/** What it costs until both know the same, begun by `one`. */
function exchange(
  net: StateNet,
  one: StateNode,
  other: StateNode,
  scope: Scope = 'all',
): Traffic & { exchanges: number; rounds: number } {
  const before = { ...net.traffic }
  const start = net.now
  const same = (): boolean =>
    one.fingerprint.members === other.fingerprint.members &&
    one.fingerprint.contents === other.fingerprint.contents
  let exchanges = 0
  // A digest is bounded: of very many differences one exchange leaves some to the next.
  while (!same() && exchanges < 4) {
    exchanges++
    one.sync.start(other.self, scope)
    net.until(same, 1000)
  }
  expect(same()).toBe(true)
  const { datagrams, streams, bytes: all, largest } = net.traffic
  return {
    exchanges,
    rounds: exchanges === 1 ? (net.now - start) / 50 : 0,
    datagrams: datagrams - before.datagrams,
    streams: streams - before.streams,
    bytes: all - before.bytes,
    largest,
  }
}

describe('an exchange', () => {
  const cases: { name: string; differ: (one: StateNode, other: StateNode, count: number) => void }[] = [
    { name: 'one state', differ: (_, other, count) => say(other, count - 1, 4) },
    { name: 'one member', differ: (_, other, count) => other.learn(idOf(count - 1), 'alive', EPOCH, 1) },
    {
      name: 'one percent of states',
      differ: (_, other, count) => {
        for (let index = 2; index < count; index += 100) say(other, index, 4)
      },
    },
    {
      name: 'half of all members',
      differ: (_, other, count) => {
        for (let index = 2; index < count; index += 2) other.learn(idOf(index), 'alive', EPOCH, 1)
      },
    },
  ]

  it('costs in proportion to the difference, and no datagram is above the limit', () => {
    const table: Record<string, unknown>[] = []
    for (const count of [10, 1000, 10_000]) {
      for (const { name, differ } of cases) {
        // Many differences among many members take seconds of a processor: only for whoever wants the figures.
        if (count === 10_000 && !name.startsWith('one m') && name !== 'one state' && !SHOW) continue
        const { net, one, other } = pair(count)
        differ(one, other, count)
        const cost = exchange(net, one, other, name.includes('member') ? 'members' : 'all')
        table.push({ members: count, name, ...cost })
        expect(cost.largest).toBeLessThanOrEqual(one.packetBytes)
        if (name === 'one state' || name === 'one member') {
          expect(cost.bytes).toBeLessThan(2600)
          expect(cost.rounds).toBeLessThanOrEqual(5)
          expect(cost.streams).toBe(0)
        }
      }
    }
    if (SHOW) process.stdout.write(`${JSON.stringify(table, undefined, 1)}\n`)
  })

  it('lets a newcomer know all, members before states', () => {
    const table: Record<string, unknown>[] = []
    for (const count of [10, 1000, 10_000]) {
      const { net, other } = pair(count)
      const late = net.add('late', EPOCH)
      late.learn(other.self, 'alive', EPOCH)
      other.learn('late', 'alive', EPOCH)
      net.check = (node) => {
        if (node === late && late.state.store.totalBytes > 0) expect(late.rows.size).toBe(count + 1)
      }
      table.push({ members: count, name: 'newcomer', ...exchange(net, late, other) })
    }
    if (SHOW) process.stdout.write(`${JSON.stringify(table, undefined, 1)}\n`)
  })
})
