import type { ConformanceCase } from '../../src/conformance/index.ts'
import { ConformanceError } from '../../src/conformance/index.ts'

/** The names of the cases that convict; anything but a conviction is thrown. */
export async function convictions(suite: readonly ConformanceCase[]): Promise<readonly string[]> {
  const convicting: string[] = []
  for (const { name, clause, run } of suite) {
    try {
      await run()
    } catch (error) {
      if (!(error instanceof ConformanceError) || error.clause !== clause) throw error
      convicting.push(name)
    }
  }
  return convicting
}
