import type { Capabilities } from '../backend.ts'
import type { Acquisition } from './acquisition.ts'
import type { Keys } from './keys.ts'
import type { Lock } from './lock.ts'
import type { AcquireOptions } from './options.ts'

/** Runs `task` with a lock that is kept until it has settled. */
export async function runWith<C extends Capabilities, Result>(
  acquisition: Acquisition<C>,
  keys: Keys<C>,
  task: (lock: Lock<C>) => Result | Promise<Result>,
  options: AcquireOptions = {},
): Promise<Result> {
  const lock = await acquisition.acquire(keys, { autoExtend: true, ...options })
  try {
    return await task(lock)
  } finally {
    await lock.release()
  }
}
