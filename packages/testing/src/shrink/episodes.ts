import type { FaultStep } from '../faults/fault-step.ts'

/**
 * Steps that belong together: one that breaks something and the first later one that mends just that. Leaving out only the second would make a smaller list and a
 * worse fault.
 */
export function episodesOf(steps: readonly FaultStep[]): readonly (readonly FaultStep[])[] {
  const taken = new Set<FaultStep>()
  const episodes: FaultStep[][] = []
  steps.forEach((step, place) => {
    if (taken.has(step)) return
    const end = steps.slice(place + 1).find((later) => !taken.has(later) && mends(later, step))
    if (end !== undefined) taken.add(end)
    episodes.push(end === undefined ? [step] : [step, end])
  })
  return episodes
}

/** Whether `end` takes back what `begin` did, and does nothing else. */
function mends(end: FaultStep, begin: FaultStep): boolean {
  switch (begin.do) {
    case 'crash':
    case 'wipe':
      return end.do === 'restart' && end.node === begin.node
    case 'pause':
      return end.do === 'resume' && end.node === begin.node
    case 'partition':
    case 'cut':
      return end.do === 'heal'
    case 'network':
      return end.do === 'network' && end.from === begin.from && end.to === begin.to && undoes(end, begin)
    case 'disk':
      return end.do === 'disk' && end.node === begin.node && undoes(end, begin)
    case 'clock':
      return (
        end.do === 'clock' && end.node === begin.node && (end.rate ?? 1) === 1 && !((end.jumpMs ?? 0) > 0)
      )
    case 'timers':
      return end.do === 'timers' && end.node === begin.node && end.slackMs === 0
    case 'loop':
      return end.do === 'loop' && end.node === begin.node && end.busyMs === 0
    case 'arm':
      return end.do === 'disarm'
    default:
      return false
  }
}

interface Change {
  readonly change: object
}

/** Whether `end` sets to `null` what `begin` changed. */
function undoes(end: Change, begin: Change): boolean {
  const changed = Object.keys(begin.change)
  const undone = new Map(Object.entries(end.change))
  return changed.length > 0 && changed.every((field) => undone.get(field) === null)
}
