import type { Entry, StoredState } from './entry.ts'
import { Log } from './log.ts'
import type { PackedEntries } from './packed-entries.ts'

/** The log that a storage gave back, and whether its newest snapshot took the place of all that it held of it. */
export interface StoredLog {
  readonly log: Log
  readonly replaced: boolean
}

const packedOf = new WeakMap<StoredState, PackedEntries>()

/**
 * A stored state whose entries are packed, as a core keeps them. Whoever reads `entries` gets an array as from any storage; a core takes the packed ones
 * over and never makes an object of each. After that, `entries` can be read only if it was read before.
 */
export function packedState(state: Omit<StoredState, 'entries'>, packed: PackedEntries): StoredState {
  let entries: Entry[] | undefined
  const stored: StoredState = {
    ...state,
    get entries(): Entry[] {
      if (entries === undefined && !packedOf.has(stored)) throw new Error('a core took these entries over')
      entries ??= [...packed]
      return entries
    },
  }
  packedOf.set(stored, packed)
  return stored
}

function takeEntries(stored: StoredState): Iterable<Entry> {
  const packed = packedOf.get(stored)
  packedOf.delete(stored)
  return packed ?? stored.entries
}

/**
 * The log to start with. After a crash the snapshot may be ahead of the log that stood on disk beside it: what is committed may be applied before the own
 * disk has it, and a snapshot from the leader is durable before the log gives way to it. A log that does not hold the snapshot's last entry tells
 * nothing that the snapshot does not (section 7), or contradicts it.
 */
export function openStoredLog(stored: StoredState): StoredLog {
  const { firstIndex, snapshot } = stored
  const entries = takeEntries(stored)
  if (snapshot === undefined) return { log: new Log(firstIndex, entries), replaced: false }
  const { index, term } = snapshot
  if (index === firstIndex - 1) return { log: new Log(firstIndex, entries, term), replaced: false }
  const log = new Log(firstIndex, entries)
  if (log.termAt(index) !== term) return { log: new Log(index + 1, [], term), replaced: true }
  // Of the entry before the first not even the term is left, so the first one takes that place.
  if (firstIndex > 1) log.forgetUpTo(firstIndex)
  return { log, replaced: false }
}
