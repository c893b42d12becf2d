import { bindCases, carryOut, type ConformanceCase } from '../conformance-case.ts'
import { ASKING_CASES } from './asking-cases.ts'
import { HOLDING_CASES } from './holding-cases.ts'
import { KIND_CASES } from './kind-cases.ts'
import { LockBench } from './lock-bench.ts'
import type { LockFactory } from './lock-factory.ts'
import { VALUE_CASES } from './value-cases.ts'

/**
 * What every `LockBackend` of `@colony/lock` must do, as its documentation says.
 *
 * What it cannot see: what happens when messages are lost, processes stop and clocks run apart. That takes a simulation.
 * @example
 * ```ts
 * const place = () => {
 *   const backend = memoryBackend()
 *   return { backend: () => backend }
 * }
 * for (const c of lockConformance({ supports: ['fencing', 'leases'], place })) test(c.name, c.run)
 * ```
 * @category Conformance
 */
export function lockConformance(factory: LockFactory): readonly ConformanceCase[] {
  const cases = [...ASKING_CASES, ...HOLDING_CASES, ...KIND_CASES, ...VALUE_CASES]
  return bindCases(cases, factory.supports, async (check) => {
    const place = await factory.place()
    const bench = new LockBench(factory, place)
    await carryOut(
      place,
      () => check(bench),
      () => bench.tidyUp(),
    )
  })
}
