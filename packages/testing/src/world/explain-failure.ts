import { TestingError } from '../errors.ts'
import type { Seed } from '../run/seeds.ts'
import { formatSeed } from '../run/seeds.ts'

/** Lines of the trace that go into the message of an error; more are in the trace itself. */
const LINES_IN_MESSAGE = 20

/** Where a run was when it failed. */
export interface FailurePlace {
  readonly seed: Seed
  readonly now: number
  readonly events: number
  readonly traceTail: readonly string[]
}

/** An error that says what happened, in which seed, when, and after what. */
export function explainFailure(cause: unknown, { seed, now, events, traceTail }: FailurePlace): Error {
  const told = cause instanceof Error ? cause.message : String(cause)
  const where = `seed ${formatSeed(seed)}, at ${now} ms, after ${events} events`
  const tail = traceTail.slice(-LINES_IN_MESSAGE)
  const code = cause instanceof TestingError ? cause.code : 'TESTING_RUN_FAILED'
  const lines = tail.length === 0 ? '' : `\nlast events:\n${tail.join('\n')}`
  return new TestingError(code, `${told}\n(${where})${lines}`, { cause })
}
