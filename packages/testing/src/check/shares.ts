/** Something that can be decided a little at a time. */
export interface Undecided {
  /** Steps taken so far. */
  readonly steps: number
  /** Whether it can take no more steps, decided or not. */
  readonly exhausted: boolean
  /** Goes on until `limit` steps in all. `undefined`: not decided yet. */
  run(limit: number): 'ok' | 'illegal' | undefined
}

/** What became of many that must all be `ok`. */
export interface Decision<Part> {
  readonly verdict: 'ok' | 'illegal' | 'unknown'
  /** Steps of all together. */
  readonly steps: number
  /** Those that were not decided; none when one was illegal. */
  readonly undecided: readonly Part[]
  /** The first that was found illegal. */
  readonly guilty?: Part
}

const FIRST_SHARE = 1000
/** Shares grow by this factor: a hard part costs little more than alone, and an illegal one beside it is found long before it is done. */
const GROWTH = 4

/** Decides parts in turns, by growing shares, until one is illegal, all are decided, or `budget` steps were taken. */
export function interleave<Part extends Undecided>(parts: readonly Part[], budget: number): Decision<Part> {
  const hopeless: Part[] = []
  let open = parts
  let steps = 0
  for (let share = FIRST_SHARE; open.length > 0 && steps < budget; share *= GROWTH) {
    const left: Part[] = []
    for (const part of open) {
      const before = part.steps
      const verdict = part.run(Math.min(share, before + budget - steps))
      steps += part.steps - before
      if (verdict === 'illegal') return { verdict, steps, undecided: [], guilty: part }
      if (verdict === undefined) (part.exhausted ? hopeless : left).push(part)
    }
    open = left
  }
  const undecided = [...hopeless, ...open]
  return { verdict: undecided.length === 0 ? 'ok' : 'unknown', steps, undecided }
}
