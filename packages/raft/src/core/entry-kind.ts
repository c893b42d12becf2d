import type { EntryKind } from './entry.ts'

/** Codes of entry kinds, on the wire and in files. 4 to 15 are reserved: sessions, leadership transfer, membership. */
export const ENTRY_KIND_CODES: Readonly<Record<EntryKind, number>> = { command: 1, noop: 2, configuration: 3 }

const KINDS: readonly (EntryKind | undefined)[] = [undefined, 'command', 'noop', 'configuration']

/** The kind of a code, or `undefined` for a code that this version does not know. */
export function entryKindOf(code: number): EntryKind | undefined {
  return KINDS[code]
}
