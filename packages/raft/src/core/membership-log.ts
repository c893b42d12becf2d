import type { NodeId } from '@colony/host'
import type { Entry, LogIndex, SnapshotMeta, Term } from './entry.ts'
import { Configuration } from './configuration.ts'
import type { Log } from './log.ts'
import { decodeMembership, foundingMembership, type Membership } from './membership.ts'

/**
 * A membership and the entry, or the snapshot, that it stands in.
 * @category Core
 */
export interface MembershipRecord {
  /** Index of the entry; of what a group was founded with, 0. */
  readonly index: LogIndex
  /** Term of the entry. */
  readonly term: Term
  /** What it says. */
  readonly membership: Membership
  /** The same, ready to count votes. */
  readonly configuration: Configuration
}

function recordOf(index: LogIndex, term: Term, membership: Membership): MembershipRecord {
  return { index, term, membership, configuration: Configuration.of(membership) }
}

/**
 * The memberships of one log, by index. A leader appends one only when the one before is committed, so in every log all but the latest
 * are committed: the latest alone may be cut off again, and what holds then is the one before it.
 */
export class MembershipLog {
  /** Ascending by index; never empty. */
  #records: MembershipRecord[]

  constructor(index: LogIndex, term: Term, membership: Membership) {
    this.#records = [recordOf(index, term, membership)]
  }

  /** What holds now: that of the last configuration entry, committed or not (Raft section 6). */
  get latest(): MembershipRecord {
    return this.#last(1)
  }

  /** What held before it; the same when nothing did. */
  get previous(): MembershipRecord {
    return this.#last(this.#records.length > 1 ? 2 : 1)
  }

  #last(place: number): MembershipRecord {
    const record = this.#records[this.#records.length - place]
    if (record === undefined) throw new Error('a log without any membership')
    return record
  }

  /** What held at `index`; the oldest known for indexes before that. */
  at(index: LogIndex): MembershipRecord {
    let place = this.#records.length - 1
    while (place > 0 && (this.#records[place]?.index ?? 0) > index) place--
    return this.#records[place] ?? this.latest
  }

  /** Those of the entries after `from` up to `to`, in their order. */
  between(from: LogIndex, to: LogIndex): readonly MembershipRecord[] {
    return this.#records.filter(({ index }) => index > from && index <= to)
  }

  /** Notes that of a new entry. */
  append(index: LogIndex, term: Term, membership: Membership): void {
    this.#records.push(recordOf(index, term, membership))
  }

  /** Forgets those of entries from `index` on, which were cut off. */
  truncateFrom(index: LogIndex): void {
    while (this.#records.length > 1 && this.latest.index >= index) this.#records.pop()
  }

  /** Begins anew with what a snapshot says that takes the place of the log. */
  restart(index: LogIndex, term: Term, membership: Membership): void {
    this.#records = [recordOf(index, term, membership)]
  }

  /** Forgets what a snapshot at `index` makes needless: everything before what held there. */
  compact(index: LogIndex): void {
    const { index: kept } = this.at(index)
    this.#records = this.#records.filter((record) => record.index >= kept)
  }
}

/** The memberships in a log that a storage gave back, and in the snapshot before it. */
export function openMemberships(
  founders: readonly NodeId[],
  log: Log,
  snapshot: SnapshotMeta | undefined,
): MembershipLog {
  const { index, term, membership } = snapshot ?? {
    index: 0,
    term: 0,
    membership: foundingMembership(founders),
  }
  const memberships = new MembershipLog(index, term, membership)
  for (let at = Math.max(index + 1, log.firstIndex); at <= log.lastIndex; at++) {
    const entry = log.kindAt(at) === 'configuration' ? log.at(at) : undefined
    if (entry !== undefined) addMembership(memberships, entry, at)
  }
  return memberships
}

/** Notes the membership that a new entry holds. */
export function addMembership(memberships: MembershipLog, { term, data }: Entry, index: LogIndex): void {
  const membership = decodeMembership(data)
  // What a peer sent was looked at before.
  if (membership === undefined)
    throw new Error(`the configuration entry at index ${index} holds no membership`)
  memberships.append(index, term, membership)
}
