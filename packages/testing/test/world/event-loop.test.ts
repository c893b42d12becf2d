import { createRandom } from '@colony/host'
import { expect, test } from 'vitest'
import { EventLoop } from '../../src/world/event-loop.ts'
import { orderWithin, PHASE_NORMAL, TaskEvent } from '../../src/world/event-queue.ts'
import type { Scheduler } from '../../src/world/scheduler.ts'

function eventOf(kind: 'timer' | 'input'): TaskEvent {
  return new TaskEvent(0, orderWithin(PHASE_NORMAL, 0), undefined, kind, () => undefined, 0)
}

test('an event whose turn has come, but whose process is stopped just before it runs, is the first after the stop', () => {
  const again: TaskEvent[] = []
  let wake = (): void => undefined
  const scheduler = {
    addFirst: (_delay: number, task: () => void) => (wake = task),
    again: (event: TaskEvent) => again.push(event),
    ranNothing: () => undefined,
  } as unknown as Scheduler
  const loop = new EventLoop(scheduler, createRandom(1))
  const [first, second, third] = [eventOf('input'), eventOf('timer'), eventOf('timer')]
  loop.slow(1000)
  loop.ran()
  expect([loop.keep(first), loop.keep(second)]).toEqual([true, true])
  wake()
  // Its timer is due before what arrived.
  expect(again).toEqual([second])
  loop.pause()
  expect([loop.keep(second), loop.keep(third)]).toEqual([true, true])
  again.length = 0
  loop.resume()
  expect(again).toHaveLength(3)
  expect(again[0]).toBe(second)
  expect(again[1]).toBe(first)
  expect(again[2]).toBe(third)
})
