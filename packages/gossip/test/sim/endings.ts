import type { NodeId } from '@colony/host'
import { MAX_HEALTH_SCORE } from '../../src/core/detection/local-health.ts'
import { converged, differences } from './agreement.ts'
import { LONGEST_RUN_MS, type Run } from './gossip-run.ts'
import type { Settings } from './settings.ts'

/** Attempts of one node to reach others that it lost; see `gone-members.ts`. */
const ATTEMPT_SPACING_MS = 500

/** Agreement that was reached lasts while nothing happens. */
export async function staysAgreed(run: Run): Promise<void> {
  await run.world.run(3000)
  const [first] = differences(run)
  if (first !== undefined) throw new Error(`after they had agreed: ${first}`)
}

/** Whoever dies is taken for failed by all the others within the longest suspicion and what it takes to probe everybody, and nobody else is. */
export async function missesOne(run: Run): Promise<void> {
  const { world, state } = run
  const [victim] = state.nodes
  if (victim === undefined || state.nodes.length < 3) return
  world.node(victim).crash()
  const others = state.nodes.filter((id) => id !== victim)
  // Whoever has missed it first may have forgotten it before the last one misses it.
  const missed = (): boolean =>
    others.every((id) => {
      const status = world.node(id).service?.core.members.get(victim)?.status
      return status === undefined || status === 'failed'
    })
  await world.runUntil(missed, { withinMs: longestDetectionMs(state.settings, others.length) })
  for (const id of others)
    for (const other of others)
      if (world.node(id).service?.core.members.get(other)?.status !== 'alive')
        throw new Error(`${id} does not take ${other} for alive after ${victim} has died`)
  world.node(victim).restart()
  await world.runUntil(() => converged(run), { withinMs: 30_000 })
}

/** Whoever was slow, cut off or stood still takes itself for well again, one answered probe after the other: else it would judge others ever more slowly. */
export async function areWell(run: Run): Promise<void> {
  const { world, state } = run
  // At a score of s an interval is s + 1 times as long; half as much again for clocks that ran differently.
  const intervals = ((MAX_HEALTH_SCORE + 1) * (MAX_HEALTH_SCORE + 2)) / 2
  const withinMs = 1.5 * intervals * state.settings.timing.probeIntervalMs
  await world.runUntil(() => state.nodes.every((id) => world.node(id).service?.core.health.score === 0), {
    withinMs,
  })
}

/**
 * Two parts that took each other for failed find each other when there is a link again, by themselves where they remember each other: there nobody has a seed any more. Where they have forgotten each
 * other, seeds bring them together, and nothing that was forgotten is believed again.
 */
export async function findEachOther(run: Run): Promise<void> {
  const { world, state } = run
  const { nodes, settings } = state
  const { timing } = settings
  if (!settings.splits) return
  const half = Math.ceil(nodes.length / 2)
  const parts = [nodes.slice(0, half), nodes.slice(half)]
  const areRemembered = timing.reapAfterMs > LONGEST_RUN_MS
  const service = (id: NodeId) => world.node(id).service
  const isLost = (observer: NodeId, id: NodeId): boolean => {
    const status = service(observer)?.core.members.get(id)?.status
    return status === undefined || (areRemembered && status === 'failed')
  }
  if (areRemembered) for (const id of nodes) service(id)?.feed({ type: 'seeds', seeds: [] })
  world.network.partition(parts)
  const [one = [], other = []] = parts
  const detection = longestDetectionMs(settings, nodes.length)
  await world.runUntil(
    () => one.every((left) => other.every((right) => isLost(left, right) && isLost(right, left))),
    { withinMs: detection + (areRemembered ? 0 : timing.reapAfterMs) },
  )
  // For so long gossip goes to those who have just failed, too.
  if (areRemembered) await world.run(timing.syncIntervalMs)
  world.network.heal()
  const attempts = ATTEMPT_SPACING_MS * nodes.length
  const all = (): boolean => nodes.every((id) => service(id)?.core.members.size === nodes.length)
  await world.runUntil(all, { withinMs: 2 * timing.maxReconnectIntervalMs + attempts })
  run.sometimes(
    areRemembered
      ? 'two parts met again without a seed'
      : 'two parts that had forgotten each other met again',
  )
  await world.runUntil(() => converged(run), { withinMs: 30_000 })
}

/** The longest suspicion, and what it takes until everybody was probed. */
function longestDetectionMs(settings: Settings, others: number): number {
  const { probeIntervalMs, suspicionFactor, maxSuspicionFactor } = settings.timing
  // Ten times for a node that is as unwell as can be; phi waits for 18 times what is usual between two signs of life.
  const patience = settings.detector === 'phi' ? 30 : 10
  const slowestProbe = patience * probeIntervalMs * others
  return slowestProbe + probeIntervalMs * suspicionFactor * maxSuspicionFactor + 2000
}
