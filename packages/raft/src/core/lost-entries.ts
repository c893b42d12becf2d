import type { LogEnd } from './entry.ts'
import { isEarlierEnd } from './log-end.ts'
import type { CoreState } from './state.ts'

/**
 * The end that counts in elections. What a node once held durably it may have acknowledged, and it may be committed by that; so whoever lost entries elects only candidates that are
 * as up to date as its log was (section 5.4.1), which is all that the proof of Leader Completeness asks of a voter (section 5.4.3).
 */
export function electoralEnd(s: CoreState): LogEnd {
  const end = { index: s.log.lastIndex, term: s.log.lastTerm }
  return s.lost !== undefined && isEarlierEnd(end, s.lost) ? s.lost : end
}

/**
 * Whether what was lost is there again. A log that ends as late as it did then holds what was committed of it: its last entry is of a leader that had all of that (section 5.4.3), or is that
 * very entry (Log Matching, section 5.3). And what is committed up to the lost end is there by definition.
 */
export function noteRegained(s: CoreState): void {
  const { lost, log } = s
  if (lost === undefined) return
  if (s.commit < lost.index && isEarlierEnd({ index: log.lastIndex, term: log.lastTerm }, lost)) return
  s.lost = undefined
}
