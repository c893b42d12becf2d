/**
 * A bug that is planted into this package on purpose, to see that the simulation finds it. `find` stands exactly once in `file`; with `replace` in
 * its place the package still compiles, and is wrong.
 */
export interface Mutant {
  /** Short, in words and hyphens. */
  readonly name: string
  /** What goes wrong, for the table. */
  readonly breaks: string
  /** Below `packages/raft/src`. */
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Which suite is to find it; absent for that of one group. */
  readonly suite?: 'groups'
}

/** `source` with the bug in it. */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const [before, after, more] = source.split(find)
  if (before === undefined || after === undefined || more !== undefined) {
    const found = source.split(find).length - 1
    throw new Error(`mutant ${name} does not apply: ${file} has its text ${found} times, not once`)
  }
  return before + replace + after
}
