import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TestingError } from '../../errors.ts'
import { messageOf } from '../../scenario/broken-check.ts'
import { parseScenario } from '../../scenario/parse-scenario.ts'
import type { Scenario } from '../../scenario/scenario.ts'
import type { SimulateOptions } from '../../scenario/simulate.ts'
import { simulate } from '../../scenario/simulate.ts'
import type { Suite } from '../../scenario/suite.ts'

/**
 * A scenario that failed once and must not fail again.
 * @category Scenarios
 */
export interface PinnedScenario {
  /** The file's name, without the directory. */
  readonly file: string
  /** What is in it. */
  readonly scenario: Scenario
}

const ENDING = '.scenario.json'

/**
 * Reads every `*.scenario.json` of a directory, in order of names.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` that names the file which is not a scenario, or says that there is no such directory.
 * @category Scenarios
 */
export async function pinnedScenarios(directory: string): Promise<readonly PinnedScenario[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new TestingError('TESTING_INVALID_OPTION', `no scenarios there: ${messageOf(cause)}`, { cause })
  })
  const files = names.filter((name) => name.endsWith(ENDING)).toSorted()
  return await Promise.all(
    files.map(async (file) => {
      const path = join(directory, file)
      try {
        return { file, scenario: parseScenario(await readFile(path, 'utf8')) }
      } catch (cause) {
        throw new TestingError('TESTING_INVALID_OPTION', `${path}: ${messageOf(cause)}`, { cause })
      }
    }),
  )
}

/**
 * Runs the scenarios of a directory that name the suite, as a regression test: none may fail.
 * @returns How many there were.
 * @throws A {@link TestingError} with code `TESTING_RUN_FAILED` at the first that fails, with the file and, as `cause`, the {@link SimulationFailure}; and what {@link pinnedScenarios} throws.
 * @category Scenarios
 */
export async function runPinnedScenarios<Service, State>(
  suite: Suite<Service, State>,
  directory: string,
  options: Pick<SimulateOptions, 'strict'> = {},
): Promise<number> {
  const pinned = await pinnedScenarios(directory)
  const own = pinned.filter(({ scenario }) => scenario.suite === suite.name)
  for (const { file, scenario } of own) {
    try {
      await simulate(suite, scenario, options)
    } catch (cause) {
      throw new TestingError(
        'TESTING_RUN_FAILED',
        `${join(directory, file)} fails again: ${messageOf(cause)}`,
        {
          cause,
        },
      )
    }
  }
  return own.length
}
