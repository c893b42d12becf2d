import type { CoreState } from './state.ts'

/** Whether reads can be confirmed: not before the term's first commit (section 8), and not by a leader that hands over. */
export function readsMayStart(s: CoreState): boolean {
  return s.commitIsCurrent && s.transfer === undefined
}

/** Ties every read that waits to the round that is about to be sent. */
export function attachReads(s: CoreState): void {
  if (!readsMayStart(s)) return
  for (const id of s.readsQueued) s.reading.push({ id, round: s.round, index: s.commit })
  s.readsQueued.length = 0
}

/** Answers every read whose round is confirmed. */
export function answerReads(s: CoreState): void {
  let done = 0
  for (const { id, round, index } of s.reading) {
    if (round > s.confirmedRound) break
    s.readAnswers.push({ id, index })
    done++
  }
  if (done > 0) s.reading.splice(0, done)
}

/** Sends every read elsewhere: this node no longer leads. */
export function refuseReads(s: CoreState): void {
  for (const { id } of s.reading) s.readAnswers.push({ id, index: -1 })
  for (const id of s.readsQueued) s.readAnswers.push({ id, index: -1 })
  s.reading.length = 0
  s.readsQueued.length = 0
}
