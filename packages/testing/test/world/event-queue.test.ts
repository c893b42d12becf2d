import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { ScheduledEvent } from '../../src/world/event-queue.ts'
import { EventQueue, orderWithin, TaskEvent } from '../../src/world/event-queue.ts'

function eventAt(time: number, order: number): ScheduledEvent {
  return new TaskEvent(time, order, undefined, 'input', () => undefined, 0)
}

describe('event queue', () => {
  test('gives events in order of time, then of place within the instant, against a sorted list', () => {
    const random = createRandom(1, 'queue')
    const queue = new EventQueue()
    const waiting: ScheduledEvent[] = []
    const compare = (a: ScheduledEvent, b: ScheduledEvent): number => a.time - b.time || a.order - b.order
    for (let round = 0; round < 5000; round += 1) {
      if (waiting.length === 0 || random.float() < 0.55) {
        const event = eventAt(random.integer(0, 50), orderWithin(random.integer(0, 3), random.integer(0, 9)))
        queue.push(event)
        waiting.push(event)
      } else {
        waiting.sort(compare)
        const expected = waiting.shift()
        const popped = queue.pop()
        expect([popped?.time, popped?.order]).toEqual([expected?.time, expected?.order])
        if (popped !== undefined && expected !== undefined && popped !== expected) {
          waiting.splice(waiting.indexOf(popped), 1, expected)
        }
      }
      expect(queue.size).toBe(waiting.length)
    }
  })

  test('takes out what is wanted and keeps the rest in order', () => {
    const queue = new EventQueue()
    for (const time of [5, 3, 8, 1, 9, 2]) queue.push(eventAt(time, 0))
    expect(
      queue
        .extract((event) => event.time % 2 === 0)
        .map((event) => event.time)
        .toSorted((a, b) => a - b),
    ).toEqual([2, 8])
    expect(
      [queue.pop(), queue.pop(), queue.pop(), queue.pop(), queue.pop()].map((event) => event?.time),
    ).toEqual([1, 3, 5, 9, undefined])
  })
})
