import type { NodeId, Random } from '@colony/host'
import { generateFaults, type FaultStep, type GeneratedFault } from '@colony/testing'

/** Points of the code where faults may wait: a node begins to write entries, or its term and vote alone. */
export type Point = 'write' | 'vote'

const POINTS: readonly Point[] = ['write', 'vote']

/** What a leader leaves behind in the middle of its work, and a node in the middle of a write, is where consensus goes wrong. */
const WEIGHTS: Partial<Record<GeneratedFault, number>> = {
  hunt: 0.75,
  ambush: 0.6,
  'disk-failure': 0.25,
  'disk-full': 0.15,
}

/** So long before the end of the faults, every link is cut. */
const CUT_BEFORE_END_MS = 2

/** What goes wrong. */
export function drawFaults(
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): readonly FaultStep[] {
  // For one seed in four, more than a minority may be away at once, up to all: nothing works then, and nothing may be lost.
  const most = random.fork('most').float() < 0.25 ? { maxDown: nodes.length } : {}
  const swarm = generateFaults({
    random: random.fork('swarm'),
    nodes,
    // Longer than the run, so that some last: a core must work while they do.
    durationMs: 1.25 * durationMs,
    roles: ['leader'],
    points: POINTS,
    weights: WEIGHTS,
    ...most,
  })
  const cutAt = durationMs - CUT_BEFORE_END_MS
  return [
    ...swarm.map((step) => healedBefore(step, cutAt)),
    ...cutEveryLink(random.fork('links'), nodes, cutAt),
  ]
}

/**
 * What stays of broken links around the healed core: all of them, but for those from one node, which then is heard and hears nobody. Left as they happen to be, they
 * could ask for more than Raft gives: a leader outside that reaches a part of the core, and that part's word for a majority, stays leader, and
 * the rest of the core hears of nobody (a known limit of leaders that are not deposed while a quorum hears them).
 */
function cutEveryLink(random: Random, nodes: readonly NodeId[], at: number): readonly FaultStep[] {
  const heard = nodes[random.integer(0, nodes.length - 1)] ?? ''
  const cut: FaultStep = { at, do: 'partition', groups: [] }
  return random.float() < 0.5 ? [cut] : [cut, { at: at + 1, do: 'heal', from: heard }]
}

/** A cut of links ends in time, or they would come back after all had been cut. */
function healedBefore(step: FaultStep, end: number): FaultStep {
  if ((step.do !== 'cut' && step.do !== 'partition') || step.forMs === undefined) return step
  return { ...step, forMs: Math.max(0, Math.min(step.forMs, end - step.at)) }
}
