import { ByteReader, ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { readBroadcast } from '../../../src/core/dissemination/broadcast-item.ts'
import { Broadcasts } from '../../../src/core/dissemination/broadcasts.ts'
import { LamportClock } from '../../../src/core/dissemination/lamport-clock.ts'
import { MAX_BROADCAST_BYTES } from '../../../src/core/dissemination/message-limits.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { deliver, FakeContext } from '../fake-context.ts'

const payload = (text: string): Uint8Array => new TextEncoder().encode(text)

function node(self: string, peers: readonly string[], epoch = 7) {
  const context = new FakeContext(
    self,
    peers.filter((peer) => peer !== self),
  )
  const broadcasts = new Broadcasts(context, new LamportClock(), epoch)
  return { self, context, broadcasts }
}

function written({ broadcasts }: ReturnType<typeof node>, budget = 1000): Uint8Array {
  const writer = new ByteWriter()
  broadcasts.write(writer, budget)
  return writer.finish()
}

describe('broadcasts', () => {
  it('have a known encoding', () => {
    const a = node('a', ['b'])
    a.broadcasts.broadcast(1, 'deploy', payload('v1'))
    const hex = (text: string): string => Buffer.from(text).toString('hex')
    // Sender, epoch 7, sequence 1, Lamport time 1, topic, payload.
    expect(Buffer.from(written(a)).toString('hex')).toBe(
      `01${hex('a')}07010106${hex('deploy')}02${hex('v1')}`,
    )
  })

  it('reach the user once, however often and by whomever they come', () => {
    const [a, b] = [node('a', ['b', 'c']), node('b', ['a', 'c'])]
    a.broadcasts.broadcast(1, 'deploy', payload('v1'))
    const bytes = written(a)
    for (const from of ['a', 'c', 'a']) deliver(b.broadcasts, bytes, from)
    expect(b.context.events).toEqual([
      { type: 'broadcast', from: 'a', topic: 'deploy', payload: payload('v1'), lamport: 1 },
    ])
  })

  it('are passed on as they are, and not taken by their own sender', () => {
    const [a, b] = [node('a', ['b', 'c']), node('b', ['a', 'c'])]
    a.broadcasts.broadcast(1, 'deploy', payload('v1'))
    const bytes = written(a)
    deliver(b.broadcasts, bytes, 'a')
    expect(written(b)).toEqual(bytes)
    deliver(a.broadcasts, bytes, 'b')
    expect(a.context.events).toEqual([])
  })

  it('have a time greater than that of all that was heard before', () => {
    const [a, b] = [node('a', ['b']), node('b', ['a'])]
    for (let id = 1; id <= 3; id++) a.broadcasts.broadcast(id, 't', payload(''))
    deliver(b.broadcasts, written(a), 'a')
    b.broadcasts.broadcast(1, 't', payload(''))
    deliver(a.broadcasts, written(b), 'b')
    const heard = a.context.events.find((event) => event.type === 'broadcast' && event.from === 'b')
    expect(heard).toMatchObject({ lamport: 4 })
  })

  it('are refused, and told so, when too large or too many', () => {
    const a = node('a', ['b'])
    expect(a.broadcasts.broadcast(1, 't', new Uint8Array(MAX_BROADCAST_BYTES + 1))).toBe('too-large')
    expect(a.broadcasts.broadcast(1, 'x'.repeat(256), payload(''))).toBe('too-large')
    expect(a.broadcasts.broadcast(1, 'é'.repeat(127), payload(''))).toBeUndefined()
    let accepted = 0
    while (a.broadcasts.broadcast(2, 't', new Uint8Array(1000)) === undefined) accepted++
    expect(a.broadcasts.broadcast(2, 't', new Uint8Array(1))).toBe('queue-full')
    expect(accepted).toBe(65)
    // None that was accepted is lost when others' messages flood the queue.
    const flood = node('f', ['a'])
    for (let batch = 0; batch < 10; batch++) {
      while (flood.broadcasts.broadcast(1, 't', new Uint8Array(900)) === undefined);
      flood.context.run(flood.context.now + 30_000, flood.broadcasts.deliveries)
      deliver(a.broadcasts, written(flood, 60_000), 'f')
    }
    const own = new Set<number>()
    for (let packet = 0; packet < 400; packet++) {
      const reader = new ByteReader(written(a, 1390))
      while (reader.remaining > 0) {
        const item = readBroadcast(reader)
        if (item?.sender === 'a') own.add(item.sequence)
      }
    }
    expect(own.size).toBe(accepted + 1)
  })

  it('are refused when this node has left', () => {
    const a = node('a', ['b'])
    a.context.members.set('a', 'left')
    expect(a.broadcasts.broadcast(1, 't', payload(''))).toBe('left')
  })

  it('stay within the bytes of the queue, counted, when others send too many', () => {
    const a = node('a', ['f'])
    for (let sender = 0; sender < 600; sender++) {
      const other = node(`f${sender}`, ['a'])
      other.broadcasts.broadcast(1, 't', new Uint8Array(1000))
      deliver(a.broadcasts, written(other, 1390), 'f')
    }
    expect(a.broadcasts.backlog).toBeLessThanOrEqual(256 * 1024)
    expect(a.context.drops.filter((reason) => reason === 'broadcast-overflow').length).toBeGreaterThan(300)
  })

  it('never throw on 50,000 mutations', () => {
    const a = node('a', ['b'])
    a.broadcasts.broadcast(1, 'deploy', payload('version'))
    const template = written(a)
    const random = createRandom('broadcast-fuzz')
    const b = node('b', ['a'])
    for (let round = 0; round < 50_000; round++) {
      const bytes = template.slice(0, random.integer(1, template.length))
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
      deliver(b.broadcasts, bytes, 'c')
      deliver(b.broadcasts.receipts, bytes, 'c')
      if (b.context.events.length > 1000) b.context.takeEvents()
    }
    expect(b.context.drops.length).toBeGreaterThan(10_000)
  })
})

describe('receipts', () => {
  const peers = ['a', 'b', 'c', 'd']

  it('tell the sender how many have it, and that all have', () => {
    const nodes = new Map(peers.map((self) => [self, node(self, peers)]))
    const a = nodes.get('a') as ReturnType<typeof node>
    a.broadcasts.broadcast(42, 't', payload('x'))
    const bytes = written(a)
    for (const [self, { context, broadcasts }] of nodes) {
      if (self === 'a') continue
      deliver(broadcasts, bytes, 'a')
      context.run(context.now + 100, broadcasts.receipts)
      const [receipt, ...more] = context.takeSent()
      expect(receipt).toMatchObject({ to: 'a', tag: TAGS.receipts })
      expect(more).toEqual([])
      deliver(a.broadcasts.receipts, receipt?.body ?? new Uint8Array(0), self)
    }
    a.context.run(2000, a.broadcasts.deliveries)
    expect(a.context.events).toEqual([{ type: 'delivered', id: 42, count: 3, done: true }])
    expect(a.broadcasts.backlog).toBe(0)
  })

  it('are one for many broadcasts, at a random time that grows with the cluster', () => {
    const crowd = Array.from({ length: 999 }, (_, index) => `p${index}`)
    const a = node('a', crowd)
    for (let id = 0; id < 20; id++) a.broadcasts.broadcast(id, 't', payload('x'))
    const bytes = written(a, 1391)
    const times: number[] = []
    for (let index = 0; index < 50; index++) {
      const { context, broadcasts } = node(`p${index}`, ['a', ...crowd.slice(0, 998)])
      deliver(broadcasts, bytes, 'p7')
      const begun = context.now
      context.run(begun + 3000, broadcasts.receipts)
      expect(context.sent.length).toBe(1)
      const { deadline } = broadcasts.receipts
      expect(deadline).toBe(Infinity)
      deliver(a.broadcasts.receipts, context.sent[0]?.body ?? new Uint8Array(0), `p${index}`)
      const again = node(`p${index}`, ['a', ...crowd.slice(0, 998)])
      deliver(again.broadcasts, bytes, 'p7')
      times.push(again.broadcasts.receipts.deadline - begun)
    }
    expect(Math.max(...times)).toBeGreaterThan(1000)
    expect(Math.max(...times)).toBeLessThanOrEqual(2000)
    a.context.run(1300, a.broadcasts.deliveries)
    const told = a.context.events.filter((event) => event.type === 'delivered')
    expect(told.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, () => 50))
  })

  it('are asked for by a copy, of those who are missing, until the patience ends', () => {
    const a = node('a', peers)
    a.broadcasts.broadcast(42, 't', payload('x'))
    const bytes = written(a)
    // b has it and its receipt was lost; c never got it; d is dead.
    const [b, c] = [node('b', peers), node('c', peers)]
    deliver(b.broadcasts, bytes, 'a')
    b.context.run(5000, b.broadcasts.receipts)
    b.context.takeSent()
    const begun = a.context.now
    a.context.run(begun + 1800, a.broadcasts.deliveries)
    const asked = a.context.takeSent()
    expect(new Set(asked.map(({ to }) => to))).toEqual(new Set(['b', 'c', 'd']))
    for (const { context, broadcasts, self } of [b, c]) {
      deliver(broadcasts, asked[0]?.body ?? new Uint8Array(0), 'a')
      context.run(context.now + 100, broadcasts.receipts)
      deliver(a.broadcasts.receipts, context.takeSent()[0]?.body ?? new Uint8Array(0), self)
    }
    expect(c.context.events.length).toBe(1)
    a.context.run(begun + 30_000, a.broadcasts.deliveries)
    expect(a.context.events.at(-1)).toEqual({ type: 'delivered', id: 42, count: 2, done: true })
    expect(a.broadcasts.deliveries.deadline).toBe(Infinity)
  })

  it('are not waited for by who is alone', () => {
    const a = node('a', [])
    a.broadcasts.broadcast(42, 't', payload('x'))
    a.context.run(a.context.now, a.broadcasts.deliveries)
    expect(a.context.events).toEqual([{ type: 'delivered', id: 42, count: 0, done: true }])
  })

  it('of another life count for nothing', () => {
    const [a, b] = [node('a', peers, 8), node('b', peers)]
    deliver(b.broadcasts, oldBroadcast(node('a', peers, 7)), 'a')
    b.context.run(b.context.now + 100, b.broadcasts.receipts)
    a.broadcasts.broadcast(42, 't', payload('x'))
    deliver(a.broadcasts.receipts, b.context.takeSent()[0]?.body ?? new Uint8Array(0), 'b')
    a.context.run(a.context.now + 300, a.broadcasts.deliveries)
    expect(a.context.events).toEqual([])
  })
})

function oldBroadcast(old: ReturnType<typeof node>): Uint8Array {
  old.broadcasts.broadcast(1, 't', payload('x'))
  return written(old)
}
