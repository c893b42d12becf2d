import type { StoredState } from './entry.ts'
import { Log } from './log.ts'

/** The log that a storage gave back, and whether its newest snapshot took the place of all that it held of it. */
export interface StoredLog {
  readonly log: Log
  readonly replaced: boolean
}

/**
 * The log to start with. After a crash the snapshot may be ahead of the log that stood on disk beside it: what is committed may be applied before the own
 * disk has it, and a snapshot from the leader is durable before the log gives way to it. A log that does not hold the snapshot's last entry tells
 * nothing that the snapshot does not (section 7), or contradicts it.
 */
export function openStoredLog({ firstIndex, entries, snapshot }: StoredState): StoredLog {
  if (snapshot === undefined) return { log: new Log(firstIndex, entries), replaced: false }
  const { index, term } = snapshot
  if (index === firstIndex - 1) return { log: new Log(firstIndex, entries, term), replaced: false }
  if (entries[index - firstIndex]?.term !== term) return { log: new Log(index + 1, [], term), replaced: true }
  if (firstIndex === 1) return { log: new Log(1, entries), replaced: false }
  // Of the entry before the first not even the term is left, so the first one takes that place.
  const termBefore = entries.shift()?.term ?? 0
  return { log: new Log(firstIndex + 1, entries, termBefore), replaced: false }
}
