import type { TestingErrorCode } from '../../errors.ts'
import type { Seed } from '../../run/seed.ts'
import type { RunReport } from '../../scenario/run-report.ts'
import type { SuiteLocation } from './load-suite.ts'

/** What a worker starts with. */
export interface WorkerStart extends SuiteLocation {
  /** See {@link SimulateOptions.strict}. */
  readonly strict: boolean | undefined
}

/** What a worker is asked: to run one seed. */
export interface SeedTask {
  /** Which of all seeds it is, from 0. */
  readonly place: number
  readonly seed: Seed
  /** To be run twice. */
  readonly twice: boolean
}

/** What a worker answers. A failed simulation is not sent: whoever wants to know more runs the seed again. */
export type SeedOutcome =
  | { readonly kind: 'report'; readonly report: RunReport }
  | { readonly kind: 'failure' }
  | { readonly kind: 'error'; readonly code: TestingErrorCode; readonly message: string }
