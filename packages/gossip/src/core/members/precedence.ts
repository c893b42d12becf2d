import { compareIncarnations, type Incarnation } from './incarnation.ts'
import type { MemberStatus } from './member.ts'

/** What is said or known of a member. */
export interface Standing {
  readonly status: MemberStatus
  readonly incarnation: Incarnation
}

/**
 * Whether `news` of a member takes the place of what is `known` of it (SWIM, section 4.2, with lives). Older incarnations never do; a newer life always does. Every pair of
 * different standings is ordered, so all members that heard the same news, in any order, come to the same result.
 */
export function outranks(news: Standing, known: Standing): boolean {
  const newer = compareIncarnations(news.incarnation, known.incarnation)
  if (newer < 0) return false
  if (known.status === 'left') return outranksLeft(news, known)
  switch (news.status) {
    case 'alive':
      // Only the member itself raises its incarnation: this is its own word, later than the complaint.
      return newer > 0
    case 'suspect':
      return newer > 0 || known.status === 'alive'
    case 'failed':
      return newer > 0 || known.status !== 'failed'
    case 'left':
      return true
  }
}

/** A goodbye is the last word of a life: what follows it in the same life is an echo, except a later goodbye. */
function outranksLeft(news: Standing, known: Standing): boolean {
  if (news.status === 'left') return compareIncarnations(news.incarnation, known.incarnation) > 0
  return news.incarnation.epoch > known.incarnation.epoch
}

/** Whether an accusation is about a word of `own` that was not refuted yet. */
export function isAccused(news: Standing, own: Incarnation): boolean {
  if (news.status !== 'suspect' && news.status !== 'failed') return false
  return compareIncarnations(news.incarnation, own) >= 0
}
