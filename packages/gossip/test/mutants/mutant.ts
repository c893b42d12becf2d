/** One place that is changed: `find` stands exactly once in `file`. */
export interface Edit {
  /** Below `packages/gossip/src`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A bug that is planted into this package on purpose, to see that the simulation finds it. With `replace` in the place of `find` the package still compiles, and is wrong. */
export interface Mutant extends Edit {
  /** Short, in words and hyphens. */
  readonly name: string
  /** What goes wrong, for the table. */
  readonly breaks: string
  /** In another file: where the package has two nets under each other, both have to go. */
  readonly also?: Edit
}

/** All the places that a bug changes. */
export function editsOf(mutant: Mutant): readonly Edit[] {
  return mutant.also === undefined ? [mutant] : [mutant, mutant.also]
}

/** `source` with an edit of the bug of that name in it. */
export function mutate(source: string, { file, find, replace }: Edit, name: string): string {
  const parts = source.split(find)
  if (parts.length !== 2)
    throw new Error(`mutant ${name} does not apply: ${file} has its text ${parts.length - 1} times, not once`)
  return parts.join(replace)
}
