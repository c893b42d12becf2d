import type { NetworkStep, PlainFault } from './fault-step.ts'
import { unknownFault } from './roles.ts'

/** The steps that end what a step began, on the same nodes and links; none for a step that ends something itself. No role is left in `step`. */
export function endOfFault(step: PlainFault, at: number): readonly PlainFault[] {
  switch (step.do) {
    case 'crash':
    case 'wipe':
      return [{ at, do: 'restart', node: step.node }]
    case 'pause':
      return [{ at, do: 'resume', node: step.node }]
    case 'partition':
      return [{ at, do: 'heal' }]
    case 'cut':
      return step.links.map(([from, to]) => ({ at, do: 'heal', from, to }))
    case 'network':
      return [undoneNetwork(step, at)]
    case 'clock':
      return [{ at, do: 'clock', node: step.node, rate: 1, ...(step.skewMs !== undefined && { skewMs: 0 }) }]
    case 'timers':
      return [{ at, do: 'timers', node: step.node, slackMs: 0 }]
    case 'loop':
      return [{ at, do: 'loop', node: step.node, busyMs: 0 }]
    case 'disk':
      return [{ at, do: 'disk', node: step.node, change: undone(step.change) }]
    case 'restart':
    case 'resume':
    case 'heal':
    case 'disarm':
      return []
    default:
      throw unknownFault(step)
  }
}

function undoneNetwork({ from, to, change }: NetworkStep, at: number): NetworkStep {
  const links = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  return { at, do: 'network', ...links, change: undone(change) }
}

function undone<Change extends object>(change: Change): Record<keyof Change, null> {
  return Object.fromEntries(Object.keys(change).map((field) => [field, null])) as Record<keyof Change, null>
}
