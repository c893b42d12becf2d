/** What happened is no transition that the model allows. */
export class NotAllowed extends Error {
  readonly expected: string
  readonly happened: string

  constructor(expected: string, happened: string) {
    super(`expected ${expected}; ${happened}`)
    this.expected = expected
    this.happened = happened
  }
}

/** Ends the run unless `holds`. The texts are made only then: this is asked many times an event. */
export function require(holds: boolean, expected: () => string, happened: () => string): asserts holds {
  if (!holds) throw new NotAllowed(expected(), happened())
}
