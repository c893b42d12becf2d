import type { RingHash } from './core/hasher.ts'
import type { Placement } from './core/placement.ts'
import type { RingNode } from './core/members.ts'
import { RingError } from './core/ring-error.ts'

/** What the descriptions of all strategies begin with. */
export interface Description {
  readonly v: number
  readonly strategy: string
  readonly hash: string
}

/** Passes a description of this strategy (`what`, in words) that this version can read, made with this hash function, whose `lists` are lists. */
export function requireDescription(
  json: Partial<Description> | null | undefined,
  strategy: string,
  what: string,
  hash: RingHash,
  lists: readonly string[],
): void {
  const { v, strategy: given, hash: made } = json ?? {}
  if (v !== 1 || given !== strategy) {
    throw mismatch(
      `this is no description of ${what} that this version knows (v ${String(v)}, strategy ${String(given)})`,
    )
  }
  if (made !== hash.name) {
    throw mismatch(
      `it was made with the hash function '${String(made)}', this process has '${hash.name}'; pass the same one as options.hash`,
    )
  }
  for (const name of lists) {
    if (!Array.isArray((json as Readonly<Record<string, unknown>>)[name]))
      throw mismatch(`it has no list of ${name}`)
  }
}

/** Passes a description that asks for no more than `most`, before anything is made of it: a few digits are enough to ask for gigabytes. */
export function requireSize(what: string, size: number, option: string, most: number): void {
  if (size <= most) return
  throw mismatch(
    `it asks for ${size} ${what}, ${option} allows ${most}; if you trust where it comes from, pass a greater ${option}`,
  )
}

/** Passes a placement that places every key as the one did that was described. */
export function requireFingerprint<Made extends Placement<RingNode>>(made: Made, described: unknown): Made {
  if (made.fingerprint === described) return made
  throw mismatch(
    `what it describes has the fingerprint ${made.fingerprint} here and ${String(described)} where it was made; it was altered, or the hash functions differ`,
  )
}

/** Says why a description is of no use here. */
export function mismatch(message: string): RingError {
  return new RingError('RING_MISMATCH', message)
}
