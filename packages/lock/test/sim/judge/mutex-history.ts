import type { Operation } from '@colony/testing'

/** What became of one lock of one mutex, on the time of the world. */
export interface MutexHold {
  readonly key: string
  readonly token: bigint | undefined
  readonly askedAt: number
  readonly grantedAt: number
  /** When its holder gave it back; `Infinity`: never. */
  releasingAt: number
  /** When that was confirmed; `Infinity`: it was not. */
  releasedAt: number
  /** When its holder stopped believing in it without giving it back, or its process died: from then on it may have ended. */
  endedAt: number
}

/**
 * The history of mutexes as `mutexModel` wants it. Grants that nobody got to know (a client that gave up, or died) are left out: they may never have been, and would explain nothing. The end of a lease is a release that may have
 * happened at any time after its holder stopped believing in it.
 */
export function mutexHistory(holds: readonly MutexHold[]): readonly Operation[] {
  return holds.flatMap((hold, index): Operation[] => {
    const { key, token, askedAt, grantedAt, releasingAt, releasedAt, endedAt } = hold
    const process = `lock ${index}`
    // Tokens are compared as numbers: the least of them may be as large as microseconds since 1970, which doubles still tell apart.
    const result = token === undefined ? true : Number(token)
    const acquire: Operation = {
      ...{ process, f: 'acquire', key, result, outcome: 'ok' },
      ...{ invokedAt: askedAt, completedAt: grantedAt },
    }
    const invokedAt = Math.min(releasingAt, endedAt)
    if (invokedAt === Number.POSITIVE_INFINITY) return [acquire]
    const isConfirmed = releasingAt <= endedAt && releasedAt !== Number.POSITIVE_INFINITY
    const release: Operation = {
      ...{ process, f: 'release', key, outcome: isConfirmed ? 'ok' : 'unknown' },
      ...{ invokedAt, completedAt: isConfirmed ? releasedAt : Number.POSITIVE_INFINITY },
    }
    return [acquire, release]
  })
}
