import type { NodeId, Random } from '@colony/host'
import { generateFaults, type FaultStep } from '@colony/testing'

/** What goes wrong: everything that testing has a name for but disks, which a core does not know, and faults that are longer than any suspicion. */
export function drawFaults(
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): readonly FaultStep[] {
  const noDisks = { 'slow-disk': 0, hunt: 0, ambush: 0, blackout: 0.3 }
  const startMs = random.fork('start').float() < 0.7 ? 1500 : 0
  const swarm = generateFaults({
    random: random.fork('swarm'),
    nodes,
    durationMs: 1.1 * durationMs,
    startMs,
    // Gossip has no quorum: all but one may be away.
    maxDown: nodes.length - 1,
    weights: noDisks,
  })
  return [
    ...swarm,
    ...longPartitions(random.fork('long partitions'), nodes, durationMs),
    ...longCrashes(random.fork('long crashes'), nodes, durationMs),
    ...wipes(random.fork('wipes'), nodes, durationMs),
    ...bounces(random.fork('bounces'), nodes, durationMs),
  ]
}

/** Both sides take the other for failed, and maybe forget it. */
function longPartitions(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  if (random.float() < 0.6) return []
  const at = random.integer(1000, durationMs / 2)
  const size = random.integer(1, nodes.length - 1)
  const groups = [nodes.slice(0, size), nodes.slice(size)]
  return [{ at, do: 'partition', groups, forMs: random.integer(3000, 8000) }]
}

/** Long enough to be found out, and now and then to be forgotten. */
function longCrashes(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  if (random.float() < 0.5) return []
  return Array.from({ length: random.integer(1, 3) }, (): FaultStep => {
    const node = nodes[random.integer(0, nodes.length - 1)] ?? ''
    const at = random.integer(1000, durationMs)
    return { at, do: 'crash', node, power: random.float() < 0.5, forMs: random.integer(2000, 9000) }
  })
}

/** Machines that come back with nothing: not even the epoch of their last life. */
function wipes(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  if (random.float() < 0.6) return []
  return Array.from({ length: random.integer(1, 2) }, (): FaultStep => {
    const node = nodes[random.integer(0, nodes.length - 1)] ?? ''
    return { at: random.integer(1, durationMs), do: 'wipe', node, forMs: random.integer(1, 3000) }
  })
}

/** A process that dies again and again soon after it was started: what is said of its earlier lives is still on the way. */
function bounces(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  if (random.float() < 0.7) return []
  const node = nodes[random.integer(0, nodes.length - 1)] ?? ''
  const from = random.integer(1000, durationMs - 1000)
  const lifeMs = random.integer(50, 800)
  return Array.from({ length: random.integer(2, 6) }, (_, life): FaultStep => {
    return { at: from + life * lifeMs, do: 'crash', node, power: false, forMs: random.integer(1, 20) }
  })
}
