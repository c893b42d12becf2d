import { ByteWriter, createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { RetransmitQueue } from '../../../src/core/dissemination/retransmit-queue.ts'

const item = (name: number, size = 4): Uint8Array => new Uint8Array(size).fill(name)

/** The names of the items that one packet of `budget` bytes takes. */
function packet(queue: RetransmitQueue, budget: number, limit = 3, except?: string): number[] {
  const writer = new ByteWriter()
  queue.begin()
  const written = queue.write(writer, budget, limit, except)
  const bytes = writer.finish()
  expect(written).toBe(bytes.length)
  return [...bytes].filter((_byte, index) => index % 4 === 0)
}

describe('the queue of what is retransmitted', () => {
  it('sends the least often sent first, and among those the newest', () => {
    const queue = new RetransmitQueue(1000)
    for (const name of [1, 2, 3]) queue.put(`${name}`, item(name))
    expect(packet(queue, 8)).toEqual([3, 2])
    queue.put('4', item(4))
    expect(packet(queue, 8)).toEqual([4, 1])
    expect(packet(queue, 16)).toEqual([1, 4, 2, 3])
  })

  it('drops each after as many sends as the limit says', () => {
    const queue = new RetransmitQueue(1000)
    queue.put('1', item(1))
    for (let send = 0; send < 3; send++) expect(packet(queue, 100)).toEqual([1])
    expect(packet(queue, 100)).toEqual([])
    expect(queue.bytes).toBe(0)
    expect(queue.size).toBe(0)
  })

  it('keeps one item a key, the newest, and begins anew with it', () => {
    const queue = new RetransmitQueue(1000)
    queue.put('a', item(1))
    packet(queue, 100)
    queue.put('a', item(2))
    expect(queue.sends('a')).toBe(0)
    expect(packet(queue, 100)).toEqual([2])
    expect(queue.bytes).toBe(4)
  })

  it('passes over what does not fit, and over what one receiver need not hear', () => {
    const queue = new RetransmitQueue(1000)
    queue.put('1', item(1))
    queue.put('2', item(2, 8))
    expect(packet(queue, 7)).toEqual([1])
    expect(packet(queue, 100, 3, '2')).toEqual([1])
    expect(queue.sends('2')).toBe(0)
  })

  it('is bounded: what was sent most often makes room, never what is pinned', () => {
    const queue = new RetransmitQueue(12)
    queue.put('2', item(2))
    // Written first, so it stands where room is made first.
    queue.put('1', item(1), true)
    packet(queue, 100)
    queue.put('3', item(3))
    expect(queue.put('4', item(4))).toBe(1)
    expect(queue.bytes).toBe(12)
    expect(packet(queue, 100)).toEqual([4, 3, 1])
    expect(queue.pinnedBytes).toBe(4)
  })

  it('drops unsent what three others know since it was put there, except what is pinned', () => {
    const queue = new RetransmitQueue(1000)
    queue.put('1', item(1))
    queue.put('2', item(2), true)
    queue.agreed()
    queue.agreed()
    queue.put('3', item(3))
    queue.agreed()
    expect(packet(queue, 100)).toEqual([3, 2])
    expect(queue.size).toBe(2)
    queue.agreed()
    expect(packet(queue, 100)).toEqual([2, 3])
    queue.agreed()
    expect(packet(queue, 100)).toEqual([2])
    expect(queue.bytes).toBe(0)
  })

  it('counts right under a storm of random operations', () => {
    const random = createRandom('storm')
    const queue = new RetransmitQueue(400)
    const writer = new ByteWriter()
    for (let round = 0; round < 5000; round++) {
      const key = `${random.integer(0, 60)}`
      const what = random.integer(0, 3)
      if (what === 0) queue.delete(key)
      else if (what === 1) queue.put(key, item(1, random.integer(1, 30)))
      else {
        queue.begin()
        if (random.float() < 0.3) queue.writeFirst(writer, key, 50)
        queue.write(writer, random.integer(1, 200), random.integer(1, 8))
        writer.reset()
      }
      expect(queue.bytes).toBeLessThanOrEqual(400)
      expect(queue.bytes === 0).toBe(queue.size === 0)
    }
  })
})
