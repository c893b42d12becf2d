import { requireInteger, requireName, showValue } from '@colony/host'
import { LockError } from '../errors.ts'
import { invalidOption } from '../runtime/options.ts'

/**
 * What {@link FenceGuard} takes.
 * @category Fencing
 */
export interface FenceGuardOptions {
  /** How many keys it remembers, the most recently used ones: 1 to 10 000 000. Default: 100 000. A key that is forgotten accepts any token again. */
  readonly maxKeys?: number
}

/**
 * The other half of a fencing token: what it protects remembers the greatest token that it has seen of each key, and refuses smaller ones. So a holder that was paused
 * beyond its time, and does not know it, cannot overwrite what the next one has done.
 *
 * For resources of one process: a file, a device, a cache. Where the resource is a database, the check belongs into the same statement.
 * @category Fencing
 */
export class FenceGuard {
  readonly #greatest = new Map<string, bigint>()
  readonly #maxKeys: number

  /** @throws A {@link LockError} with code `LOCK_INVALID_OPTION`. */
  constructor({ maxKeys = 100_000 }: FenceGuardOptions = {}) {
    this.#maxKeys = requireInteger(invalidOption, 'maxKeys', maxKeys, 1, 10_000_000)
  }

  /**
   * Lets a token pass that is as great as any before it, and remembers it. To be called right before the effect, with nothing awaited in between.
   * @throws A {@link LockError} with code `LOCK_STALE_TOKEN` when a greater one was seen, `LOCK_INVALID_OPTION` for what is no token.
   */
  check(key: string, token: bigint): void {
    requireName(invalidOption, 'key', key)
    if (typeof token !== 'bigint') throw invalidOption(`a fencing token is a bigint, not ${showValue(token)}`)
    const greatest = this.#greatest.get(key)
    if (greatest !== undefined && token < greatest) {
      throw new LockError('LOCK_STALE_TOKEN', `'${key}' has seen token ${greatest}, and refuses ${token}`)
    }
    // Anew at the end: the order of the map is that of use.
    this.#greatest.delete(key)
    this.#greatest.set(key, token)
    if (this.#greatest.size > this.#maxKeys) this.#forgetOldest()
  }

  #forgetOldest(): void {
    for (const key of this.#greatest.keys()) {
      this.#greatest.delete(key)
      return
    }
  }
}
