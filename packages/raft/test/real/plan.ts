import { createRandom, type NodeId, type Random } from '@colony/host'
import { generateFaults, type FaultKind, type FaultStep, type GeneratedFault } from '@colony/testing'

/** What no fault step says: a connection breaks, or somebody's event loop does nothing else for a while. Times in milliseconds of the round. */
export type Nuisance =
  | { readonly at: number; readonly do: 'reset'; readonly from: NodeId; readonly to: NodeId }
  | { readonly at: number; readonly do: 'stall'; readonly node: NodeId; readonly ms: number }

/** What happens in one round. */
export interface RoundPlan {
  readonly round: number
  readonly steps: readonly FaultStep[]
  readonly nuisances: readonly Nuisance[]
}

/** What can be done to real processes and to the connections between them. */
const POSSIBLE: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(['crash', 'restart', 'pause', 'resume'] as const),
  ...(['partition', 'cut', 'heal', 'network'] as const),
])

const NONE: Partial<Record<GeneratedFault, number>> = {
  ...{ loss: 0, duplicate: 0, replay: 0, reorder: 0 },
  ...{ clock: 0, skew: 0, timers: 0, loop: 0, 'slow-disk': 0, ambush: 0 },
}

const WEIGHTS: Partial<Record<GeneratedFault, number>> = { ...NONE, hunt: 0.8, crash: 0.7, pause: 0.7 }

/** A process takes longer to start than a simulated one, so everything has so much more time. */
const SLOWER = 3

/** The faults of one round of a run: a function of the seed alone. */
export function planRound(
  seed: string,
  round: number,
  ids: readonly NodeId[],
  durationMs: number,
): RoundPlan {
  const random = createRandom(seed, `round ${round}`)
  // In one round of four more than a minority may be away at once: nothing works then, and nothing may be lost.
  const most = random.fork('most').float() < 0.25 ? { maxDown: ids.length } : {}
  const steps = generateFaults({
    ...{ random: random.fork('swarm'), nodes: ids, roles: ['leader'], weights: WEIGHTS },
    ...{ durationMs: durationMs / SLOWER, ...most },
  })
  return {
    round,
    steps: steps.filter((step) => POSSIBLE.has(step.do)).map(slowed),
    nuisances: drawNuisances(random.fork('nuisances'), ids, durationMs),
  }
}

function slowed(step: FaultStep): FaultStep {
  const { at, forMs } = step
  return { ...step, at: at * SLOWER, ...(forMs !== undefined && { forMs: forMs * SLOWER }) }
}

function drawNuisances(random: Random, ids: readonly NodeId[], durationMs: number): readonly Nuisance[] {
  const nuisances: Nuisance[] = []
  const anyOf = (from: readonly NodeId[]): NodeId => from[random.integer(0, from.length - 1)] ?? ''
  for (let at = random.integer(100, 1500); at < durationMs; at += random.integer(100, 2500)) {
    const node = anyOf(ids)
    const to = anyOf(ids.filter((id) => id !== node))
    if (random.float() < 0.5) nuisances.push({ at, do: 'reset', from: node, to })
    else nuisances.push({ at, do: 'stall', node, ms: random.integer(50, 600) })
  }
  return nuisances
}
