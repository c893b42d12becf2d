import { createRandom, type NodeId } from '@colony/host'
import type { Run } from './raft-run.ts'
import { foundersOf, membersChange } from './spares.ts'

/**
 * Where members change, a majority of all nodes need not have one of the members in it. So nodes are left out, in any order, for as long as the others can decide alone: as the members are, and as they
 * may come to be by a change that is under way. Elsewhere any majority will do.
 */
export function drawCore({ scenario, state }: Run): readonly NodeId[] | undefined {
  const { nodes, seed } = scenario
  if (!membersChange(nodes)) return undefined
  const random = createRandom(seed, 'core')
  const order = nodes.map((id) => ({ id, place: random.float() })).toSorted((a, b) => a.place - b.place)
  let core = nodes
  for (const { id } of order) {
    const others = core.filter((node) => node !== id)
    if (state.isCore(others)) core = others
  }
  return core
}

/**
 * Whether a core can still decide alone: a node that lost entries which nobody else in it ever had elects nobody, for they might be committed (another member that is back would show that they
 * are not); where all founders are waited for, nobody can before the group is founded; and a change that somebody had asked for before may have been begun only now, and need others. */
export function isWholeCore({ scenario, state }: Run, core: readonly NodeId[]): boolean {
  if (core.length === scenario.nodes.length) return true
  if (state.damaged !== undefined && !state.canElect(core)) return false
  if (state.foundingPatience === Infinity && !state.isFounded(core)) return false
  return !membersChange(scenario.nodes) || state.isCore(core)
}

/** Takes note of a core that has converged. */
export function noteCore(run: Run, core: readonly NodeId[]): void {
  const { nodes } = run.scenario
  const founders = foundersOf(nodes)
  if (core.length < nodes.length && core.some((id) => !founders.includes(id)))
    run.sometimes('a quorum with members that joined worked alone')
}
