import { TestingError } from '../errors.ts'
import { ConformanceError } from './conformance-error.ts'

/**
 * One thing that every implementation of an interface must do, for any test runner:
 * `for (const c of transportConformance(factory)) test(c.name, c.run)`.
 * @category Conformance
 */
export interface ConformanceCase {
  /** What is checked, as the title of a test; unique within its suite. */
  readonly name: string
  /** The sentence of the interface's documentation that is checked, word for word (links as plain names, on one line). */
  readonly clause: string
  /** The ability without which the case makes no sense. Suites return no case whose ability the factory does not claim. */
  readonly needs?: string
  /**
   * Makes everything anew with the factory, checks, and tidies up. Takes no argument and no `this`. Cases may run at the same time.
   * @throws A {@link ConformanceError} when the clause does not hold, and whatever the factory throws.
   */
  readonly run: () => Promise<void>
}

/**
 * What the place of every case may have: the network, disk or whatever a factory makes for one case.
 * @category Conformance
 */
export interface ConformancePlace {
  /** Carries out a case to its end: a simulation lets its time pass here. Default: awaits it. */
  finish?(work: Promise<void>): Promise<void>
  /** Tidies up when the case is over. */
  close?(): Promise<void> | void
}

/** A case before it is bound to a factory: checks what it is given. */
export interface CaseSpec<Subject, Ability extends string> {
  readonly name: string
  readonly clause: string
  readonly needs?: Ability
  readonly check: (subject: Subject) => Promise<void> | void
}

/** Calls `check` with a subject of its own, and tidies up after it. */
export type WithSubject<Subject> = (check: (subject: Subject) => Promise<void>) => Promise<void>

/** Binds the cases whose ability is there. */
export function bindCases<Subject, Ability extends string>(
  specs: readonly CaseSpec<Subject, Ability>[],
  supports: readonly Ability[],
  withSubject: WithSubject<Subject>,
): readonly ConformanceCase[] {
  return specs
    .filter(({ needs }) => needs === undefined || supports.includes(needs))
    .map((spec) => ({
      name: spec.name,
      clause: spec.clause,
      ...(spec.needs !== undefined && { needs: spec.needs }),
      run: async () => {
        await withSubject(async (subject) => {
          try {
            await spec.check(subject)
          } catch (error) {
            // Says that the factory is wrong, not the adapter.
            if (error instanceof TestingError && error.code === 'TESTING_INVALID_OPTION') throw error
            const told = error instanceof Error ? error.message : String(error)
            throw new ConformanceError(spec.clause, `${spec.name}: ${told}`, error)
          }
        })
      },
    }))
}

/** Carries out a check in the time of its place, and tidies up there too, whatever came of it. */
export async function carryOut(
  place: ConformancePlace,
  check: () => Promise<void>,
  tidyUp?: () => Promise<void>,
): Promise<void> {
  const work = (async () => {
    try {
      await check()
    } finally {
      await tidyUp?.()
      await place.close?.()
    }
  })()
  await (place.finish === undefined ? work : place.finish(work))
}
