import type { Claim } from '../core/claim.ts'
import { LockError } from '../errors.ts'
import type { EtcdEntry, EtcdKeys, EtcdRange } from './etcd-client.ts'

/**
 * Where things are in etcd's one row of keys:
 *
 * - `<prefix>lock/<key>/w/<lease>.<number>`: a place in the queue of a key, of whoever wants it alone or wants permits; its value is `<permits>/<limit>`;
 * - `<prefix>lock/<key>/r/<lease>.<number>`: a reader's place;
 * - `<prefix>value/<key>`: a value for optimistic updates.
 *
 * Keys are percent-encoded: no key is the beginning of another one's queue.
 */
export class Layout {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** All places of a key. */
  queue(key: string): EtcdKeys {
    return folder(`${this.#prefix}lock/${encodeURIComponent(key)}`)
  }

  /** One place. */
  place({ key, shared }: Claim, id: string): string {
    return `${this.#prefix}lock/${encodeURIComponent(key)}/${shared ? 'r' : 'w'}/${id}`
  }

  /** Reads the places that a claim may have to wait for. */
  before(claim: Claim, createdBefore?: number): EtcdRange {
    const keys = claim.shared
      ? folder(`${this.#prefix}lock/${encodeURIComponent(claim.key)}/w`)
      : this.queue(claim.key)
    return {
      type: 'range',
      ...keys,
      ...(createdBefore !== undefined && { createdBefore }),
      // Of a mutex the newest one before is enough: it waits for those before itself. Permits have to be counted.
      ...(claim.limit === 1 && { limit: 1 }),
    }
  }

  /** Where a value is. */
  value(key: string): string {
    return `${this.#prefix}value/${encodeURIComponent(key)}`
  }
}

/** What is written at a place. */
export function placeValue({ permits, limit }: Claim): string {
  return `${permits}/${limit}`
}

/** What stands between a claim and its key. */
export type Standing =
  | { readonly is: 'free' }
  | { readonly is: 'behind'; readonly blocker: string | undefined }
  | { readonly is: 'mismatch' }

const FREE: Standing = { is: 'free' }
const MISMATCH: Standing = { is: 'mismatch' }

/**
 * Judges by the places before one's own. `blocker` is the one whose end has to be waited for; `undefined`: any of them may do.
 *
 * How many permits a semaphore has is said by the oldest place. Others that say something else are refused, and about to go: they count for nothing.
 */
export function standing(claim: Claim, before: readonly EtcdEntry[]): Standing {
  const [newest] = before
  if (newest === undefined) return FREE
  const oldest = before.reduce((one, other) => (other.createRevision < one.createRevision ? other : one))
  if (parsePlace(oldest).limit !== claim.limit) return MISMATCH
  if (claim.limit === 1) return { is: 'behind', blocker: newest.key }
  let taken = 0
  for (const entry of before) {
    const { permits, limit } = parsePlace(entry)
    if (limit === claim.limit) taken += permits
  }
  // Who waits before us counts as if it had its permits: nobody is passed.
  return taken + claim.permits <= claim.limit ? FREE : { is: 'behind', blocker: undefined }
}

function parsePlace({ key, value }: EtcdEntry): { readonly permits: number; readonly limit: number } {
  const [, permits, limit] = /^(\d{1,7})\/(\d{1,7})$/.exec(value) ?? []
  if (permits === undefined || limit === undefined) {
    throw new LockError('LOCK_NO_ANSWER', `'${key}' in etcd is no place in a queue of a lock`)
  }
  return { permits: Number(permits), limit: Number(limit) }
}

/** Everything below a path: '0' is the character after '/'. */
function folder(path: string): EtcdKeys {
  return { key: `${path}/`, end: `${path}0` }
}
