import type { Claim } from '../core/claim.ts'
import { LockError } from '../errors.ts'
import type { EtcdEntry, EtcdKeys, EtcdRange, EtcdResult } from './etcd-client.ts'

/**
 * Where things are in etcd's one row of keys:
 *
 * - `<prefix>lock/<key>/w/<lease>.<number>`: a place in the queue of a key, of whoever wants it alone; its value is `<permits>/<limit>`;
 * - `<prefix>lock/<key>/r/<lease>.<number>`: a reader's place;
 * - `<prefix>lock/<key>/s/<limit>/<lease>.<number>`: a place of whoever wants permits of as many;
 * - `<prefix>value/<key>`: a value for optimistic updates.
 *
 * Keys are percent-encoded: no key is the beginning of another one's queue. Places that do not go together are apart, so that a transaction can see before it writes one that there is none of
 * the others: a place that has to go again would refuse those who come while it goes.
 */
export class Layout {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** All places of a key. */
  queue(key: string): EtcdKeys {
    return folder(this.#path(key))
  }

  /** One place. */
  place({ key, shared, limit }: Claim, id: string): string {
    if (limit > 1) return `${this.#path(key)}/s/${limit}/${id}`
    return `${this.#path(key)}/${shared ? 'r' : 'w'}/${id}`
  }

  /** The places that a claim does not go together with: of another number of permits. */
  unfit({ key, limit }: Claim): readonly EtcdKeys[] {
    const path = this.#path(key)
    if (limit === 1) return [folder(`${path}/s`)]
    const fit = folder(`${path}/s/${limit}`)
    return [
      { key: `${path}/r/`, end: fit.key },
      { key: fit.end, end: `${path}/w0` },
    ]
  }

  /** All that have to be empty for a mutex, a reader or a writer to be granted at once. */
  inTheWay({ key, shared }: Claim): EtcdKeys {
    // A reader's own kind is before these.
    return shared ? { key: `${this.#path(key)}/s/`, end: `${this.#path(key)}/w0` } : this.queue(key)
  }

  /** Reads the places that a claim may have to wait for. */
  before(claim: Claim, createdBefore?: number): EtcdRange {
    const keys = claim.shared ? folder(`${this.#path(claim.key)}/w`) : this.queue(claim.key)
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

  #path(key: string): string {
    return `${this.#prefix}lock/${encodeURIComponent(key)}`
  }
}

/** What is written at a place. */
export function placeValue({ permits, limit }: Claim): string {
  return `${permits}/${limit}`
}

/** What one range of a transaction has read. */
export function entriesOf(results: readonly EtcdResult[], index: number): readonly EtcdEntry[] {
  const result = results[index]
  if (result !== undefined) return result.entries
  throw new LockError('LOCK_NO_ANSWER', 'etcd has answered fewer operations than were asked')
}

/** What stands between a claim and its key. */
export type Standing =
  { readonly is: 'free' } | { readonly is: 'behind'; readonly blocker: string | undefined }

const FREE: Standing = { is: 'free' }

/**
 * Judges by the places before one's own, all of which say the same number of permits. `blocker` is the one whose end has to be waited for; `undefined`: any of them may do.
 */
export function standing(claim: Claim, before: readonly EtcdEntry[]): Standing {
  const [newest] = before
  if (newest === undefined) return FREE
  const permits = before.map((entry) => permitsOf(entry, claim.limit))
  if (claim.limit === 1) return { is: 'behind', blocker: newest.key }
  const taken = permits.reduce((sum, some) => sum + some)
  // Who waits before us counts as if it had its permits: nobody is passed.
  return taken + claim.permits <= claim.limit ? FREE : { is: 'behind', blocker: undefined }
}

function permitsOf({ key, value }: EtcdEntry, ofAll: number): number {
  const [, permits, limit] = /^(\d{1,7})\/(\d{1,7})$/.exec(value) ?? []
  if (permits === undefined || Number(limit) !== ofAll) {
    throw new LockError('LOCK_NO_ANSWER', `'${key}' in etcd is no place in a queue of a lock`)
  }
  return Number(permits)
}

/** Everything below a path: '0' is the character after '/'. */
function folder(path: string): Required<EtcdKeys> {
  return { key: `${path}/`, end: `${path}0` }
}
