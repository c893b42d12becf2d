import type { FaultStep } from '../faults/fault-step.ts'

/** Steps that end something. */
const MENDING: ReadonlySet<string> = new Set(['restart', 'resume', 'heal', 'disarm'])

/**
 * What a step breaks, for counting: what it does, for changes of settings with the first of them (`network loss`). `undefined` for a step that mends.
 */
export function faultName(step: FaultStep): string | undefined {
  if (MENDING.has(step.do)) return undefined
  if ('change' in step) {
    const field = Object.entries(step.change).find(([, value]) => value !== null)?.[0]
    return field === undefined ? undefined : `${step.do} ${field}`
  }
  if (step.do === 'arm') return `armed ${faultName({ ...step.then, at: step.at }) ?? 'mending'}`
  return isHarmless(step) ? undefined : step.do
}

/** Whether a step that sets numbers sets all of them to what they are without a fault. */
function isHarmless(step: FaultStep): boolean {
  if (step.do === 'clock')
    return (step.rate ?? 1) === 1 && (step.jumpMs ?? 0) === 0 && (step.skewMs ?? 0) === 0
  if (step.do === 'timers') return step.slackMs === 0
  if (step.do === 'loop') return step.busyMs === 0
  return false
}
