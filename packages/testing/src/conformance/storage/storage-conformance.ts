import { bindCases, carryOut, type ConformanceCase } from '../conformance-case.ts'
import { STORAGE_CRASH_CASES } from './crash-cases.ts'
import { OPENING_CASES } from './opening-cases.ts'
import { RECORD_CASES } from './record-cases.ts'
import { SNAPSHOT_CASES, SNAPSHOT_CRASH_CASES } from './snapshot-cases.ts'
import { StorageBench } from './storage-bench.ts'
import type { StorageFactory } from './storage-factory.ts'

/** Each crash is different: a storage that forgets to sync is found out by one of so many, almost surely. */
const CRASHES = 12

/**
 * What every `RaftStorage` of `@colony/raft` must do, as its documentation says.
 * @example
 * ```ts
 * const place = () => {
 *   const storage = memoryStorage()
 *   return { storage: () => storage }
 * }
 * for (const c of storageConformance({ supports: [], place })) test(c.name, c.run)
 * ```
 * @category Conformance
 */
export function storageConformance(factory: StorageFactory): readonly ConformanceCase[] {
  const once = (check: (bench: StorageBench) => Promise<void>): Promise<void> => onePlace(factory, check)
  const often = async (check: (bench: StorageBench) => Promise<void>): Promise<void> => {
    for (let crash = 0; crash < CRASHES; crash++) await onePlace(factory, check)
  }
  return [
    ...bindCases([...OPENING_CASES, ...RECORD_CASES, ...SNAPSHOT_CASES], factory.supports, once),
    ...bindCases(STORAGE_CRASH_CASES, factory.supports, often),
    ...(factory.supports.includes('crash') ? bindCases(SNAPSHOT_CRASH_CASES, factory.supports, often) : []),
  ]
}

async function onePlace(
  factory: StorageFactory,
  check: (bench: StorageBench) => Promise<void>,
): Promise<void> {
  const place = await factory.place()
  const bench = new StorageBench(place)
  await carryOut(
    place,
    () => check(bench),
    () => bench.tidyUp(),
  )
}
