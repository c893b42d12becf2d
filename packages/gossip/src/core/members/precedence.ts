import { compareIncarnations, type Incarnation } from './incarnation.ts'
import type { MemberStatus } from './member.ts'

/** What is said or known of a member. */
export interface Standing {
  readonly status: MemberStatus
  readonly incarnation: Incarnation
}

/** Of two standings at one incarnation the later one wins: a complaint is answered by a newer incarnation only. */
const RANKS: Readonly<Record<MemberStatus, number>> = { alive: 0, suspect: 1, failed: 2, left: 3 }

/**
 * Whether `news` of a member takes the place of what is `known` of it (SWIM, section 4.2, with lives). A newer life beats all of an older one. Within a life a goodbye is the last word,
 * whatever is said at greater incarnations; else the greater incarnation wins, and at the same one the worse status. This is a total order, so all who heard the same news, in any
 * order, come to the same result.
 */
export function outranks(news: Standing, known: Standing): boolean {
  const life = news.incarnation.epoch - known.incarnation.epoch
  if (life !== 0) return life > 0
  if ((news.status === 'left') !== (known.status === 'left')) return news.status === 'left'
  const word = news.incarnation.counter - known.incarnation.counter
  if (word !== 0) return word > 0
  return RANKS[news.status] > RANKS[known.status]
}

/** Whether an accusation is about a word of `own` that was not refuted yet. */
export function isAccused(news: Standing, own: Incarnation): boolean {
  if (news.status !== 'suspect' && news.status !== 'failed') return false
  return compareIncarnations(news.incarnation, own) >= 0
}
