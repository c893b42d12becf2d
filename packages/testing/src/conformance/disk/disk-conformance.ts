import { bindCases, carryOut, type ConformanceCase } from '../conformance-case.ts'
import { CRASH_CASES } from './crash-cases.ts'
import { DiskBench } from './disk-bench.ts'
import type { DiskFactory } from './disk-factory.ts'
import { FILE_CASES } from './file-cases.ts'
import { NAME_CASES } from './name-cases.ts'

/** Each crash is different: a disk that forgets to sync is found out by one of so many, almost surely. */
const CRASHES = 12

/**
 * What every `Disk` of `@colony/host` must do, as its documentation says: the same for a simulated disk as for the one of the machine, so that
 * what holds on one holds on the other.
 * @example
 * ```ts
 * const factory = { supports: [], place: async () => ({ disk: nodeDisk(), directory: await mkdtemp('/tmp/disk-') }) }
 * for (const c of diskConformance(factory)) test(c.name, c.run)
 * ```
 * @category Conformance
 */
export function diskConformance(factory: DiskFactory): readonly ConformanceCase[] {
  const once = (check: (bench: DiskBench) => Promise<void>): Promise<void> => onePlace(factory, check)
  const often = async (check: (bench: DiskBench) => Promise<void>): Promise<void> => {
    for (let crash = 0; crash < CRASHES; crash++) await onePlace(factory, check)
  }
  return [
    ...bindCases([...FILE_CASES, ...NAME_CASES], factory.supports, once),
    ...bindCases(CRASH_CASES, factory.supports, often),
  ]
}

async function onePlace(factory: DiskFactory, check: (bench: DiskBench) => Promise<void>): Promise<void> {
  const place = await factory.place()
  await carryOut(place, () => check(new DiskBench(place)))
}
