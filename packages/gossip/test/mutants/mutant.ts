/**
 * A bug that is planted into this package on purpose, to see that the simulation finds it. `find` stands exactly once in `file`; with `replace` in
 * its place the package still compiles, and is wrong.
 */
export interface Mutant {
  /** Short, in words and hyphens. */
  readonly name: string
  /** What goes wrong, for the table. */
  readonly breaks: string
  /** Below `packages/gossip/src`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** `source` with the bug in it. */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const parts = source.split(find)
  if (parts.length !== 2)
    throw new Error(`mutant ${name} does not apply: ${file} has its text ${parts.length - 1} times, not once`)
  return parts.join(replace)
}
