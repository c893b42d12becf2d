import type { Claim } from '../../../src/index.ts'

/** A lock in the hands of a client. */
export interface Believer {
  /** For messages. */
  readonly name: string
  readonly claims: readonly Claim[]
  /** Whether it would go on at this moment: its process lives, and its own clock says that the lock is its. */
  readonly believes: () => boolean
  /** It was found not to believe any more. */
  readonly over?: () => void
}

/** Who believes to have what: at no moment may two of them believe what excludes each other. */
export class Believers {
  readonly #byKey = new Map<string, Set<Believer>>()

  /** Somebody is granted a lock. What it contradicts, if anything. */
  add(believer: Believer): string | undefined {
    let problem: string | undefined
    for (const claim of believer.claims) {
      const others = this.#of(claim.key)
      for (const other of others) {
        if (other.believes()) continue
        others.delete(other)
        other.over?.()
      }
      problem ??= contradiction(believer, claim, others)
      others.add(believer)
    }
    return problem
  }

  #of(key: string): Set<Believer> {
    let set = this.#byKey.get(key)
    if (set === undefined) this.#byKey.set(key, (set = new Set()))
    return set
  }
}

function contradiction(believer: Believer, claim: Claim, others: ReadonlySet<Believer>): string | undefined {
  let taken = claim.permits
  for (const other of others) {
    const theirs = other.claims.find(({ key }) => key === claim.key)
    if (theirs === undefined || (claim.shared && theirs.shared)) continue
    if (claim.limit === 1 || claim.shared || theirs.shared)
      return `${believer.name} is granted '${claim.key}', which ${other.name} believes to have`
    taken += theirs.permits
  }
  if (taken <= claim.limit || claim.shared) return undefined
  return `${believer.name} is granted '${claim.key}': ${taken} permits of ${claim.limit} are taken`
}
