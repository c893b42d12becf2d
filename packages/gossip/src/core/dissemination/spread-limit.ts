import type { CoreContext } from '../component.ts'

/**
 * How often an item is sent by each member that has it: λ · ⌈log10(n + 1)⌉, with n the live number of members. After that many sends it has reached everybody with high
 * probability (SWIM, section 4.1), and anti-entropy finds who was missed.
 */
export function spreadLimit(context: Pick<CoreContext, 'members' | 'timing'>): number {
  return context.timing.retransmitFactor * Math.ceil(Math.log10(context.members.size + 1))
}

/**
 * About how long it takes until everybody has an item that somebody begins to spread: a round for each ⌈log2 n⌉ and as many for luck (section 3.1 of Demers et al. 1987 has
 * log2 n + ln n rounds for a fanout of one), of one gossip interval each.
 */
export function spreadTimeMs(context: Pick<CoreContext, 'members' | 'timing'>): number {
  return context.timing.gossipIntervalMs * (2 * Math.ceil(Math.log2(context.members.size + 1)) + 2)
}
