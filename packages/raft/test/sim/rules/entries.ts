import { Buffer } from 'node:buffer'
import type { Entry } from '../../../src/index.ts'

/** Whether two entries say the same. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.term === b.term && a.kind === b.kind && sameBytes(a.data, b.data))
}

/** Whether two arrays hold the same bytes. */
export function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  return Buffer.compare(a, b) === 0
}
