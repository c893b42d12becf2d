import type { Claim } from '../core/claim.ts'
import { invalidOption } from '../runtime/options.ts'
import { hashTag, slotOf } from './slot.ts'

const SIDES = ['queue', 'waiters', 'fence', 'holders'] as const

/**
 * The keys of Redis that a claim needs. The first one is named by the user alone: a plain string, so that other libraries that use `SET NX` on it are excluded, too.
 * The others are in its slot: its queue, what is known of its waiters, its last token, its holders.
 */
export function keysOfClaim(prefix: string, { key }: Claim): readonly string[] {
  const main = prefix + key
  return [main, ...SIDES.map((side) => sideKey(main, side))]
}

/** A key beside another one, in the same slot. */
export function sideKey(main: string, side: string): string {
  return hashTag(main) === undefined ? `{${main}}:${side}` : `${main}:${side}`
}

/**
 * A Cluster runs a script on one server: all keys have to be in one slot.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 */
export function requireOneSlot(mains: readonly string[]): void {
  const [first] = mains
  for (const main of mains) {
    if (hashTag(main) === undefined && main.includes('}')) {
      throw invalidOption(`'${main}': in a Cluster, a key with '}' needs a hash tag, as in 'a{b}'`)
    }
    if (slotOf(main) !== slotOf(first ?? main)) {
      throw invalidOption(
        `'${first}' and '${main}' are in different slots of the Cluster: a common hash tag, as in '{order:7}:stock', puts them together`,
      )
    }
  }
}

/** A claim as scripts take it: whether it is shared, its permits, its limit, each of fixed width. */
export function claimText({ shared, permits, limit }: Claim): string {
  if (!shared && limit === 1) return MUTEX
  return `${shared ? 1 : 0}${String(permits).padStart(7, '0')}${String(limit).padStart(7, '0')}`
}

/** The claim text of nearly every lock. */
export const MUTEX = '000000010000001'
