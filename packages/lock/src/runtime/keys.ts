import { MAX_NAME_BYTES, requireInteger, requireName, requireOneOf, showValue } from '@colony/host'
import type { Capabilities } from '../backend.ts'
import type { Claim } from '../core/claim.ts'
import { invalidOption } from './options.ts'

/**
 * A key with what is wanted of it. What a backend cannot do safely does not exist in its type.
 * @category Locks
 */
export type KeySpec<C extends Capabilities> = {
  /** What to lock: 1 to 255 bytes of UTF-8. */
  readonly key: string
} & (C['shared'] extends true
  ? {
      /** `'shared'`: together with other shared locks, and behind whoever waits for it alone. Default: `'exclusive'`. */
      readonly mode?: 'exclusive' | 'shared'
    }
  : object) &
  (C['semaphore'] extends true
    ? {
        /** How many permits of a semaphore. Default: 1. */
        readonly permits?: number
        /** How many permits the semaphore has: everybody who uses the key at the same time has to say the same. Default: 1, a mutex. */
        readonly of?: number
      }
    : object)

/**
 * One key or several: several are taken together or not at all, sorted, each once.
 * @category Locks
 */
export type Keys<C extends Capabilities> = string | KeySpec<C> | readonly (string | KeySpec<C>)[]

/** What may be in a key's description, for whoever can do all of it. */
interface AnyKeySpec {
  readonly key: string
  readonly mode?: 'exclusive' | 'shared'
  readonly permits?: number
  readonly of?: number
}

const MODES = ['exclusive', 'shared'] as const
const MAX_PERMITS = 1_000_000
/** More keys in one lock than this are taken for a mistake. */
const MAX_KEYS = 1000

/**
 * The claims that keys stand for.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 */
export function claimsOf<C extends Capabilities>(keys: Keys<C>, capabilities: C): readonly Claim[] {
  if (typeof keys === 'string') return [{ key: checkedKey(keys), shared: false, permits: 1, limit: 1 }]
  if (!Array.isArray(keys)) return [claimOf(keys as AnyKeySpec, capabilities)]
  const list = keys as readonly (string | AnyKeySpec)[]
  if (list.length === 0 || list.length > MAX_KEYS) {
    throw invalidOption(`a lock is for 1 to ${MAX_KEYS} keys, not ${list.length}`)
  }
  const claims = list.map((key) => claimOf(typeof key === 'string' ? { key } : key, capabilities))
  claims.sort(byKey)
  return claims.filter((claim, index) => {
    const before = claims[index - 1]
    if (before?.key !== claim.key) return true
    if (before.shared === claim.shared && before.limit === claim.limit && before.permits === claim.permits)
      return false
    throw invalidOption(`the key '${claim.key}' is asked for twice, and not in the same way`)
  })
}

/** Most keys are short and ASCII, which is seen without measuring their UTF-8. */
function checkedKey(key: string): string {
  const { length } = key
  if (length === 0 || length > MAX_NAME_BYTES) return requireName(invalidOption, 'key', key)
  for (let index = 0; index < length; index++) {
    if (key.charCodeAt(index) > 0x7f) return requireName(invalidOption, 'key', key)
  }
  return key
}

function byKey(one: Claim, other: Claim): number {
  // By code units: the same order on every machine, unlike that of a locale.
  if (one.key === other.key) return 0
  return one.key < other.key ? -1 : 1
}

function claimOf(spec: AnyKeySpec, capabilities: Capabilities): Claim {
  if (typeof spec !== 'object' || spec === null) {
    throw invalidOption(`a key is a string or an object with a key, not ${showValue(spec)}`)
  }
  const key = requireName(invalidOption, 'key', spec.key)
  const shared = requireOneOf(invalidOption, 'mode', spec.mode ?? 'exclusive', MODES) === 'shared'
  const limit = requireInteger(invalidOption, 'of', spec.of ?? 1, 1, MAX_PERMITS)
  const permits = requireInteger(invalidOption, 'permits', spec.permits ?? 1, 1, limit)
  if (shared && limit > 1) throw invalidOption(`'${key}': a semaphore has no shared locks`)
  if (shared && !capabilities.shared) throw invalidOption(`'${key}': this backend has no shared locks`)
  if (limit > 1 && !capabilities.semaphore) throw invalidOption(`'${key}': this backend has no semaphores`)
  return { key, shared, permits, limit }
}
