import { formatTable } from './table.ts'

/** One figure beside what it is to reach. */
export interface Goal {
  readonly what: string
  readonly value: number
  readonly goal: number
  /** Whether the value must be at least the goal, at most the goal, or below it. */
  readonly side: 'least' | 'most' | 'below'
  readonly met: boolean
}

const SIDES: Readonly<Record<Goal['side'], string>> = { least: '≥', most: '≤', below: '<' }

/** Compares a figure with what it is to reach. One that was not measured, NaN, has no goal. */
export function goalOf(what: string, value: number, side: Goal['side'], goal: number): Goal[] {
  if (Number.isNaN(value)) return []
  const met = side === 'least' ? value >= goal : side === 'most' ? value <= goal : value < goal
  return [{ what, value, goal, side, met }]
}

/** A table of them. */
export function goalTable(goals: readonly Goal[]): string {
  return formatTable(
    [
      { title: 'what', align: 'left' },
      { title: 'measured', align: 'right' },
      { title: 'goal', align: 'right' },
      { title: 'met', align: 'left' },
    ],
    goals.map(({ what, value, side, goal, met }) => {
      return [what, formatFigure(value), `${SIDES[side]} ${formatFigure(goal)}`, met ? 'yes' : 'no']
    }),
  )
}

/** Whole when large, two places when small. */
function formatFigure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toFixed(2)))
}
