import { spreadRumor, type Exchange, type RumorOptions } from './spread-rumor.ts'

/** One way of spreading. */
export interface Curve {
  readonly exchange: Exchange
  readonly fanout: number
  readonly loss?: number
}

/** What many seeds came to. */
export interface RoundsMeasured {
  readonly seeds: number
  /** Rounds until 99 in 100 knew, in the mean. */
  readonly nearlyAll: number
  /** Rounds until everybody knew, in the mean. */
  readonly mean: number
  /** The same at worst. */
  readonly max: number
  /** Messages for each member until everybody knew, in the mean. */
  readonly messages: number
}

/** The curves of the table. */
export const CURVES: readonly Curve[] = [
  { exchange: 'push', fanout: 1 },
  { exchange: 'pull', fanout: 1 },
  { exchange: 'push-pull', fanout: 1 },
  { exchange: 'push', fanout: 2 },
  { exchange: 'push', fanout: 3 },
  { exchange: 'push-pull', fanout: 3 },
  { exchange: 'push', fanout: 3, loss: 0.1 },
]

/** For people. */
export function nameOf({ exchange, fanout, loss = 0 }: Curve): string {
  return `${exchange}, fanout ${fanout}${loss === 0 ? '' : `, ${loss * 100} % loss`}`
}

/** Spreads one rumor with each of so many seeds. */
export function measureRounds(options: Omit<RumorOptions, 'seed'>, seeds: number): RoundsMeasured {
  let [nearlyAll, all, max, messages] = [0, 0, 0, 0]
  for (let seed = 1; seed <= seeds; seed++) {
    const rounds = spreadRumor({ ...options, seed })
    nearlyAll += rounds.nearlyAll
    all += rounds.all
    max = Math.max(max, rounds.all)
    messages += rounds.messages
  }
  return {
    seeds,
    nearlyAll: nearlyAll / seeds,
    mean: all / seeds,
    max,
    messages: messages / seeds / options.members,
  }
}
