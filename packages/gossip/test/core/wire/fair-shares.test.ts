import { ByteWriter } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Section } from '../../../src/core/component.ts'
import { FairShares } from '../../../src/core/wire/fair-shares.ts'

const ROOM = 1391

/** Items of one size; `waiting` of them. */
class Class implements Section {
  readonly tag: number
  size: number
  waiting: number
  written = 0

  constructor(tag: number, size: number, waiting: number) {
    this.tag = tag
    this.size = size
    this.waiting = waiting
  }

  get backlog(): number {
    return Math.min(1e6, this.waiting * this.size)
  }

  write(writer: ByteWriter, budget: number): number {
    const items = Math.min(this.waiting, Math.floor(budget / this.size))
    for (let item = 0; item < items; item++) writer.raw(new Uint8Array(this.size))
    this.waiting -= items
    this.written += items * this.size
    return items * this.size
  }

  read(): void {}
}

function packets(count: number, classes: { section: Class; weight: number }[]): number {
  const shares = new FairShares(classes, ROOM)
  const writer = new ByteWriter()
  let total = 0
  for (let packet = 0; packet < count; packet++) {
    let used = 0
    shares.divide(ROOM, (section, budget) => {
      const grew = section.write(writer, budget, 'b')
      used += grew
      return grew
    })
    writer.reset()
    expect(used).toBeLessThanOrEqual(ROOM)
    total += used
  }
  return total
}

describe('fair shares', () => {
  it('divide the room by weight while all have more to say than fits', () => {
    const news = new Class(1, 40, Infinity)
    const user = new Class(2, 40, Infinity)
    packets(300, [
      { section: news, weight: 4 },
      { section: user, weight: 2 },
    ])
    // Not exactly: items are not divided.
    expect(news.written / user.written).toBeGreaterThan(1.85)
    expect(news.written / user.written).toBeLessThan(2.15)
  })

  it('let large items through beside a flood of small ones', () => {
    const news = new Class(1, 30, Infinity)
    const large = new Class(2, 1300, 20)
    packets(200, [
      { section: news, weight: 4 },
      { section: large, weight: 1 },
    ])
    // A fifth of the room: a large item in every fifth packet or so.
    expect(large.waiting).toBe(0)
  })

  it('let small news through beside a flood of large messages, in every packet', () => {
    const news = new Class(1, 30, Infinity)
    const user = new Class(2, 300, Infinity)
    const classes = [
      { section: user, weight: 1 },
      { section: news, weight: 4 },
    ]
    const shares = new FairShares(classes, ROOM)
    const writer = new ByteWriter()
    for (let packet = 0; packet < 50; packet++) {
      const before = news.written
      shares.divide(ROOM, (section, budget) => section.write(writer, budget, 'b'))
      expect(news.written - before).toBeGreaterThan(300)
      writer.reset()
    }
  })

  it('give room that one does not need to the others', () => {
    const idle = new Class(1, 40, 0)
    const little = new Class(2, 40, 1)
    const busy = new Class(3, 40, Infinity)
    packets(1, [
      { section: idle, weight: 100 },
      { section: little, weight: 100 },
      { section: busy, weight: 1 },
    ])
    expect(busy.written).toBeGreaterThan(ROOM - 40 - 50)
  })

  it('keep no credit for who is silent', () => {
    const quiet = new Class(1, 1300, 1)
    const busy = new Class(2, 40, Infinity)
    const classes = [
      { section: quiet, weight: 1 },
      { section: busy, weight: 1 },
    ]
    const shares = new FairShares(classes, ROOM)
    const writer = new ByteWriter()
    const write = (section: Section, budget: number): number => section.write(writer, budget, 'b')
    // It saves for its large item, which is then withdrawn; much later it has small ones.
    shares.divide(ROOM, write)
    expect(quiet.written).toBe(0)
    quiet.waiting = 0
    for (let packet = 0; packet < 10; packet++) shares.divide(ROOM, write)
    quiet.size = 40
    quiet.waiting = Infinity
    shares.divide(ROOM, write)
    expect(quiet.written).toBeLessThan(ROOM / 2 + 40)
  })
})
