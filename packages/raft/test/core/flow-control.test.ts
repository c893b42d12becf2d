import { describe, expect, it } from 'vitest'
import { InflightBatches } from '../../src/core/inflight-batches.ts'
import type { AppendRequest } from '../../src/core/message.ts'
import { CoreCluster } from './core-cluster.ts'

const HUNDRED = 'x'.repeat(84)

describe('flow control by bytes', () => {
  const appendsTo = (c: CoreCluster, to: string): AppendRequest[] =>
    c.wire.filter(
      (m): m is AppendRequest => m.type === 'append-request' && m.to === to && m.entries.length > 0,
    )

  it('keeps no more under way to a follower than is allowed, and goes on as that is acknowledged', () => {
    const c = new CoreCluster('abc', { maxInflightBytes: 350, maxInflightBatches: 100 })
    c.elect('a')
    for (let count = 0; count < 10; count++) c.propose('a', HUNDRED)
    expect(appendsTo(c, 'b')).toHaveLength(3)
    expect(c.core('a').inflightBytes('b')).toBe(300)
    for (let rounds = 0; rounds < 20; rounds++) {
      c.deliver()
      for (const id of 'abc') c.persist(id)
      expect(c.core('a').inflightBytes('b')).toBeLessThanOrEqual(350)
    }
    expect(c.core('a').inflightBytes('b')).toBe(0)
    expect(c.core('b').lastIndex).toBe(11)
  })

  it('sends an entry that is larger than the limit, alone', () => {
    const c = new CoreCluster('abc', { maxInflightBytes: 350 })
    c.elect('a')
    c.propose('a', HUNDRED)
    c.propose('a', 'y'.repeat(900))
    c.propose('a', HUNDRED)
    expect(appendsTo(c, 'b')).toHaveLength(1)
    c.settle()
    expect(c.core('b').lastIndex).toBe(4)
    c.propose('a', 'y'.repeat(900))
    c.propose('a', HUNDRED)
    expect(appendsTo(c, 'b').map((m) => m.entries[0]?.data.length)).toEqual([900])
  })

  it('keeps nobody waiting for another follower', () => {
    const c = new CoreCluster('abc', { maxInflightBytes: 350 })
    c.elect('a')
    for (let count = 0; count < 20; count++) {
      c.propose('a', HUNDRED)
      c.drop((m) => m.from === 'c' || m.to === 'c')
      c.settle('ab')
    }
    expect(c.core('a').commitIndex).toBe(21)
    expect(c.core('a').inflightBytes('c')).toBe(300)
    expect(c.core('a').inflightBytes('b')).toBe(0)
  })

  it('starts over when what was under way is lost', () => {
    const c = new CoreCluster('abc', { maxInflightBytes: 350 })
    c.elect('a')
    for (let count = 0; count < 10; count++) c.propose('a', HUNDRED)
    c.drop()
    for (let rounds = 0; rounds < 5; rounds++) {
      c.tick('a', 10)
      c.settle()
    }
    expect(c.core('a').commitIndex).toBe(11)
    expect(c.core('a').inflightBytes('b')).toBe(0)
  })
})

describe('batches under way', () => {
  it('are counted by number and weight, round and round', () => {
    const batches = new InflightBatches(3, 100)
    for (let turn = 0; turn < 10; turn++) {
      expect(batches.admits(60)).toBe(true)
      batches.push(2 * turn + 1, 60)
      expect(batches.admits(41)).toBe(false)
      expect(batches.hasRoom).toBe(false)
      expect(batches.admits(40)).toBe(true)
      batches.push(2 * turn + 2, 40)
      expect(batches.bytes).toBe(100)
      batches.acknowledge(2 * turn + 1)
      expect(batches.bytes).toBe(40)
      expect(batches.hasRoom).toBe(true)
      batches.acknowledge(2 * turn + 2)
      expect(batches.bytes).toBe(0)
    }
    for (const last of [1, 2, 3]) batches.push(last, 1)
    expect(batches.hasRoom).toBe(false)
    batches.clear()
    expect(batches.hasRoom).toBe(true)
    expect(batches.bytes).toBe(0)
  })
})
