import type { LogEnd } from './entry.ts'

/** Whether a log that ends at `a` is less up to date than one that ends at `b` (section 5.4.1). */
export function isEarlierEnd(a: LogEnd, b: LogEnd): boolean {
  return a.term < b.term || (a.term === b.term && a.index < b.index)
}
