import { describe, expect, test } from 'vitest'
import { simulate } from '../../src/scenario/simulate.ts'
import type { Suite } from '../../src/scenario/suite.ts'
import { type CounterBug, counterSuite } from './counter-suite.ts'

/** A counter that tells in which order it was counted up. */
function tellingSuite(
  order: (told: readonly number[]) => readonly number[],
  bug?: CounterBug,
): Suite<{ value: number }> {
  const told: number[] = []
  const { perform } = counterSuite(bug)
  return counterSuite(bug, {
    state: () => {
      told.length = 0
    },
    perform: async (call) => {
      const result = await perform(call)
      told.push(call.position)
      return result
    },
    order: () => order(told),
  })
}

describe('a suite that knows in which order operations took effect', () => {
  test('has its histories explained by it', async () => {
    expect(
      await simulate(
        tellingSuite((told) => told),
        1,
      ),
    ).toMatchObject({ verdict: 'ok', unexplained: 0 })
  })

  test('is not believed, but searched, when it is wrong', async () => {
    const wrong = tellingSuite((told) => told.toReversed())
    expect(await simulate(wrong, 1)).toMatchObject({ verdict: 'ok', unexplained: 1 })
  })

  test('fails as ever when there is no order', async () => {
    const lossy = tellingSuite((told) => told, 'loses one in ten')
    await expect(simulate(lossy, 1)).rejects.toMatchObject({ check: 'linearizability' })
  })

  test('has nothing to say where there is none', async () => {
    expect((await simulate(counterSuite(), 1)).unexplained).toBeUndefined()
  })
})
