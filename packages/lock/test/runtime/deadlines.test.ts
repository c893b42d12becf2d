import { expect, it } from 'vitest'
import { Deadline, Deadlines } from '../../src/runtime/deadlines.ts'
import { ManualClock } from './manual-clock.ts'

class Noted extends Deadline {
  readonly #name: string
  readonly #notes: string[]

  constructor(name: string, notes: string[]) {
    super()
    this.#name = name
    this.#notes = notes
  }

  due(): void {
    this.#notes.push(this.#name)
  }
}

it('deadlines are due in their order, whatever the order in which they came', async () => {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock)
  const notes: string[] = []
  const add = (name: string, from: number, ms: number): Noted => {
    const deadline = new Noted(name, notes)
    deadlines.add(deadline, clock.now() + from, ms)
    return deadline
  }
  add('second', 0, 100)
  // The attempt began earlier, and was granted later.
  add('first', -20, 100)
  const removed = add('removed', 1, 100)
  add('third', 50, 70)
  deadlines.remove(removed)
  deadlines.remove(removed)
  await clock.run(90)
  expect(notes).toEqual(['first'])
  await clock.run(100)
  expect(notes).toEqual(['first', 'second', 'third'])
  expect(clock.timers).toBe(0)
})
