import type { Clock } from '@colony/host'
import {
  bindCases,
  carryOut,
  type CaseSpec,
  type ConformanceCase,
  type ConformancePlace,
} from '../conformance-case.ts'
import { expectEqual, expectTrue } from '../expectations.ts'

/**
 * A clock for {@link clockConformance}.
 * @category Conformance
 */
export interface ClockPlace extends ConformancePlace {
  /** The clock. */
  readonly clock: Clock
}

/**
 * Makes clocks for {@link clockConformance}.
 * @category Conformance
 */
export interface ClockFactory {
  /** Makes a clock; called once a case. */
  clock(): Promise<ClockPlace> | ClockPlace
}

const READINGS = 200
/** What the difference of two large fractions may be short of, in milliseconds. */
const ROUNDING_MS = 1e-6

const CASES: readonly CaseSpec<Clock, never>[] = [
  {
    name: 'time never goes backwards',
    clause: 'Milliseconds since an arbitrary origin, fractions allowed; never goes backwards.',
    check: async (clock) => {
      let last = clock.now()
      for (let reading = 0; reading < READINGS; reading++) {
        if (reading % 20 === 0) await new Promise<void>((resolve) => void clock.after(0.3, resolve))
        const now = clock.now()
        expectTrue(now >= last, `the clock went from ${last} back to ${now}`)
        last = now
      }
    },
  },
  {
    name: 'a task runs once, and not before its time',
    clause: 'Calls `task` once, `delayMs` milliseconds from now or a little later.',
    check: async (clock) => {
      for (const delayMs of [0, 0.4, 1, 7.3]) {
        const start = clock.now()
        let calls = 0
        let ranAt = 0
        clock.after(delayMs, () => {
          calls += 1
          ranAt = clock.now()
        })
        expectEqual(calls, 0, 'calls before after() has returned')
        await new Promise<void>((resolve) => void clock.after(delayMs + 15, resolve))
        expectEqual(calls, 1, `calls of a task that was due after ${delayMs} ms`)
        expectTrue(
          ranAt - start >= delayMs - ROUNDING_MS,
          `a task due after ${delayMs} ms ran after ${ranAt - start}`,
        )
      }
    },
  },
  {
    name: 'a task that was cancelled does not run',
    clause: 'Dispose of the result to cancel.',
    check: async (clock) => {
      let calls = 0
      const timers = [0, 1, 5].map((delayMs) => clock.after(delayMs, () => (calls += 1)))
      for (const timer of [...timers, ...timers]) timer[Symbol.dispose]()
      await new Promise<void>((resolve) => void clock.after(20, resolve))
      expectEqual(calls, 0, 'calls of tasks that were cancelled')
    },
  },
  {
    name: 'afterInput runs a task once, and not at once',
    clause:
      'Calls `task` once, as soon as the input that has already arrived at this process was delivered to its receivers.',
    check: async (clock) => {
      const calls = [0, 0, 0]
      await new Promise<void>((resolve) => {
        const task = (nth: number, then?: () => void): (() => void) => {
          return () => {
            calls[nth] = (calls[nth] ?? 0) + 1
            then?.()
            if (!calls.includes(0)) clock.after(5, resolve)
          }
        }
        clock.afterInput(task(0))
        clock.afterInput(task(1, () => clock.afterInput(task(2))))
        expectEqual(calls, [0, 0, 0], 'calls before afterInput() has returned')
      })
      expectEqual(calls, [1, 1, 1], 'calls of each task')
    },
  },
]

/**
 * What every `Clock` of `@colony/host` must do, as its documentation says.
 * @example
 * ```ts
 * for (const c of clockConformance({ clock: () => ({ clock: systemClock }) })) test(c.name, c.run)
 * ```
 * @category Conformance
 */
export function clockConformance(factory: ClockFactory): readonly ConformanceCase[] {
  return bindCases(CASES, [], async (check) => {
    const place = await factory.clock()
    await carryOut(place, () => check(place.clock))
  })
}
