import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { LocalHealth } from '../../../src/memberlist/core/health.ts'
import { type MemberRecord, MemberTable } from '../../../src/memberlist/core/member-table.ts'
import { RetransmitQueue } from '../../../src/memberlist/core/retransmit-queue.ts'
import { Suspicion } from '../../../src/memberlist/core/suspicion.ts'
import { pushPullInterval, retransmitLimit, timingOf } from '../../../src/memberlist/core/timing.ts'

const LAN = timingOf('lan')

describe('suspicion', () => {
  it('counts each accuser once, and not beyond what is wanted', () => {
    const suspicion = new Suspicion(0, LAN, 10, 'a')
    expect(suspicion.deadline).toBe(24_000)
    expect(suspicion.confirm('a')).toBe(false)
    expect(suspicion.confirm('b')).toBe(true)
    expect(suspicion.confirm('b')).toBe(false)
    expect(suspicion.confirm('c')).toBe(true)
    expect(suspicion.confirm('d')).toBe(false)
    expect(suspicion.deadline).toBe(4_000)
  })

  it('waits for nobody where nobody is, and longer where many are', () => {
    expect(new Suspicion(0, LAN, 3, 'a').deadline).toBe(4_000)
    expect(new Suspicion(0, LAN, 1000, 'a').deadline).toBeCloseTo(6 * 12_000)
  })
})

describe('timing', () => {
  it('follows the number of members', () => {
    expect([1, 9, 10, 100, 1000].map((size) => retransmitLimit(LAN, size))).toEqual([4, 4, 8, 12, 16])
    expect([1, 32, 33, 65, 1024].map((size) => pushPullInterval(LAN, size))).toEqual([
      30_000, 30_000, 60_000, 90_000, 180_000,
    ])
  })
})

describe('local health', () => {
  it('stays between 0 and 7, and makes times longer', () => {
    const health = new LocalHealth()
    health.change(-1)
    expect([health.score, health.scale(1000)]).toEqual([0, 1000])
    health.change(3)
    expect([health.score, health.scale(1000)]).toEqual([3, 4000])
    health.change(20)
    expect(health.score).toBe(7)
  })
})

describe('the queue of news', () => {
  const message = (first: number, length = 10): Uint8Array => new Uint8Array(length).fill(first)
  const take = (queue: RetransmitQueue, budget: number, limit = 2): number[] => {
    const parts: Uint8Array[] = []
    queue.take(budget, limit, parts, 255)
    return parts.map((part) => part[0] ?? -1)
  }

  it('gives the newest first, then what was sent less often, each as often as it should', () => {
    const queue = new RetransmitQueue(1000)
    queue.add(message(1))
    queue.add(message(2))
    queue.add(message(3))
    expect(take(queue, 24)).toEqual([3, 2])
    queue.add(message(4))
    expect(take(queue, 36)).toEqual([4, 1, 3])
    expect(take(queue, 1000)).toEqual([4, 1, 2])
    expect(take(queue, 1000)).toEqual([])
    expect(queue.bytes).toBe(0)
  })

  it('skips what does not fit for what does', () => {
    const queue = new RetransmitQueue(1000)
    queue.add(message(1))
    queue.add(message(2, 100))
    expect(take(queue, 20)).toEqual([1])
  })

  it('replaces what is about the same, and says when a message is done', () => {
    const queue = new RetransmitQueue(1000)
    const done: number[] = []
    queue.add(message(1), 'x', () => done.push(1))
    queue.add(message(2), 'y', () => done.push(2))
    queue.add(message(3), 'x', () => done.push(3))
    expect(done).toEqual([1])
    expect(take(queue, 1000, 1)).toEqual([3, 2])
    expect(done.sort((a, b) => a - b)).toEqual([1, 2, 3])
  })

  it('drops the oldest of what was sent most when it is full', () => {
    const queue = new RetransmitQueue(30)
    for (const first of [1, 2, 3]) queue.add(message(first))
    expect(take(queue, 12)).toEqual([3])
    queue.add(message(4))
    queue.add(message(5))
    expect(queue.dropped).toBe(2)
    expect(queue.bytes).toBe(30)
    expect(take(queue, 1000)).toEqual([5, 4, 2])
  })
})

describe('the table of members', () => {
  const record = (name: string): MemberRecord => ({
    ...{ name, ip: new Uint8Array(4), port: 1, endpoint: `${name}:1`, meta: new Uint8Array(0) },
    ...{ versions: new Uint8Array(6), incarnation: 1, state: 'alive', changedAt: 0, suspicion: undefined },
  })

  it('has everybody probed once in each round, in another order', () => {
    const table = new MemberTable(createRandom('table'))
    const names = Array.from({ length: 20 }, (_, at) => `m${at}`)
    for (const name of names) table.add(record(name))
    const rounds = Array.from({ length: 3 }, () => names.map(() => table.nextToProbe(() => true)?.name ?? ''))
    for (const round of rounds) expect([...round].sort()).toEqual([...names].sort())
    expect(rounds[0]).not.toEqual(rounds[1])
    expect(table.nextToProbe(() => false)).toBeUndefined()
  })

  it('picks different members, evenly', () => {
    const table = new MemberTable(createRandom('pick'))
    for (let at = 0; at < 10; at++) table.add(record(`m${at}`))
    const counts = new Map<string, number>()
    for (let round = 0; round < 3000; round++) {
      const picked = table.pick(3, ({ name }) => name !== 'm0')
      expect(new Set(picked).size).toBe(3)
      for (const { name } of picked) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    expect(counts.size).toBe(9)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  it('forgets by name and by address', () => {
    const table = new MemberTable(createRandom('forget'))
    table.add(record('a'))
    table.add(record('b'))
    table.move(table.get('b')!, Uint8Array.of(1, 1, 1, 1), 2, '1.1.1.1:2')
    expect(table.at('b:1')).toBeUndefined()
    expect(table.at('1.1.1.1:2')?.name).toBe('b')
    expect(table.forget(({ name }) => name === 'b')).toHaveLength(1)
    expect([table.get('b'), table.at('1.1.1.1:2'), table.size]).toEqual([undefined, undefined, 1])
  })
})
