/** A line of the tables in `docs/guides/raft.md`: something that people look for in a library like this one, and the tests that show it. */
export interface Feature {
  /** What the field calls it. */
  readonly name: string
  /** What it does here, in Markdown. */
  readonly does: string
  /** What the user calls, sets or reads, in Markdown. */
  readonly use: string
  /**
   * Full names of tests: those of the blocks that they stand in and their own, as they stand in the source, with ` > ` between. One of them at least has `called` in it, so that whoever
   * looks for the feature among the tests finds it.
   */
  readonly tests: readonly [string, ...string[]]
  /** What the feature is called in the name of a test, whatever its case. Default: its name. */
  readonly called?: string
}

/** Features under one heading. */
export interface Chapter {
  readonly title: string
  readonly features: readonly Feature[]
}

/** Something that people look for and do not find here yet. */
export interface Missing {
  readonly name: string
  /** What there is instead, in Markdown. */
  readonly instead: string
}
