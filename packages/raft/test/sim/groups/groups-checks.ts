import { createRandom, type NodeId } from '@colony/host'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import type { Members } from '../../../src/index.ts'
import { RaftNode } from '../../../src/runtime/raft-node.ts'
import { membersChange } from '../spares.ts'
import { GROUPS, type GroupsSimulation } from './groups-run.ts'

/** How long healed nodes may take to work again, in simulated milliseconds. */
export const CONVERGE_MS = 10_000

/** Where members change, a majority of all nodes need not have a quorum of every group in it: nodes are left out for as long as the others can decide alone in all of them. */
export function drawCore(run: GroupsSimulation): readonly NodeId[] | undefined {
  const { nodes, seed } = run.scenario
  if (!membersChange(nodes)) return undefined
  const random = createRandom(seed, 'core')
  const order = nodes.map((id) => ({ id, place: random.float() })).toSorted((a, b) => a.place - b.place)
  let core = nodes
  for (const { id } of order) {
    const others = core.filter((node) => node !== id)
    if (isCore(run, others)) core = others
  }
  return core
}

function isCore({ state }: GroupsSimulation, nodes: readonly NodeId[]): boolean {
  return GROUPS.every((group) => state.of(group).isCore(nodes))
}

/** Whether a core can still decide alone in every group: where all founders are waited for, nobody can before a group is founded; and a change that was begun since may need others. */
function isWholeCore(run: GroupsSimulation, core: readonly NodeId[]): boolean {
  const { scenario, state } = run
  if (core.length === scenario.nodes.length) return true
  const isFounded = GROUPS.every((group) => {
    const one = state.of(group)
    return one.foundingPatience !== Infinity || one.isFounded(core)
  })
  return isFounded && (!membersChange(scenario.nodes) || isCore(run, core))
}

function membersOf({ world }: GroupsSimulation, group: string, node: NodeId): Members | undefined {
  return world.node(node).service?.rafts.get(group)?.members.list()
}

/** Whether a node is a member of a group, as whoever leads it says. */
function isMember(run: GroupsSimulation, group: string, id: NodeId): boolean {
  const leader = leaderOf(run, group)
  const members = leader === undefined ? undefined : membersOf(run, group, leader)
  return members === undefined || members.voters.includes(id) || members.learners.includes(id)
}

/** Whoever leads a group in the latest term, if its process runs. */
export function leaderOf({ world }: GroupsSimulation, group: string): NodeId | undefined {
  let latest = 0
  let leader: NodeId | undefined
  for (const { id, state, service } of world.nodes) {
    const status = state === 'up' ? service?.rafts.get(group)?.status() : undefined
    if (status?.role !== 'leader' || status.term <= latest) continue
    latest = status.term
    leader = id
  }
  return leader
}

/** Every group has a leader, and all of `core` that can speak with it follow it and have applied what it has. */
export function converged(run: GroupsSimulation, core: readonly NodeId[]): boolean {
  const { world } = run
  if (!isWholeCore(run, core)) return true
  return GROUPS.every((group) => {
    const leader = leaderOf(run, group)
    if (leader === undefined) return false
    // With everything mended, a change that was begun comes to its end.
    if (core.length === run.scenario.nodes.length && membersOf(run, group, leader)?.goal !== undefined)
      return false
    const applied = world.node(leader).service?.rafts.get(group)?.status().appliedIndex
    return core.every((id) => {
      if (!canSpeak(run, id, leader) || !isMember(run, group, id)) return true
      const status = world.node(id).service?.rafts.get(group)?.status()
      return status?.leader === leader && status.appliedIndex === applied
    })
  })
}

/** The nodes of a core that are members of all groups and can speak with their leaders, wherever those are. */
export function serving(run: GroupsSimulation, core: readonly NodeId[]): readonly NodeId[] {
  if (!isWholeCore(run, core)) return []
  return core.filter((id) =>
    GROUPS.every((group) => {
      const leader = leaderOf(run, group)
      return leader === undefined || (canSpeak(run, id, leader) && isMember(run, group, id))
    }),
  )
}

function canSpeak({ world: { network } }: GroupsSimulation, a: NodeId, b: NodeId): boolean {
  return network.connected(a, b) && network.connected(b, a)
}

/** Every member of every group takes a write, and then all of them apply the same. */
export async function everyGroupWorks(run: GroupsSimulation): Promise<void> {
  const { world } = run
  const membersOfAll = GROUPS.map((group) => world.nodes.filter(({ id }) => isMember(run, group, id)))
  for (const [at, group] of GROUPS.entries()) {
    for (const node of membersOfAll[at] ?? []) {
      const options = { idempotencyKey: `end ${group} ${node.id}` }
      const write = node.call(({ rafts }) => {
        const raft = rafts.get(group)
        if (raft === undefined) throw new Error(`${node.id} has no group ${group}`)
        return raft.propose({ f: 'put', key: 'end', value: node.id }, options)
      })
      await world.finish(write, { withinMs: CONVERGE_MS })
    }
  }
  const applied = (group: string, at: number): number[] =>
    (membersOfAll[at] ?? []).map(({ service }) => service?.rafts.get(group)?.status().appliedIndex ?? -1)
  const isApplied = (): boolean => GROUPS.every((group, at) => new Set(applied(group, at)).size === 1)
  await world.runUntil(isApplied, { withinMs: CONVERGE_MS })
}

/** How long a process may take to start, with all of its groups; and a frame to arrive. */
const START_MS = 200

/**
 * Everything is mended, and nobody asks for anything: all groups fall silent. Then a process ends that leads, and another begins at once: the followers of what it led are awake
 * as soon as the nodes have spoken with each other, although nobody was silent for long.
 */
export async function groupsFallSilentAndWake(run: GroupsSimulation): Promise<void> {
  const { world } = run
  await world.runUntil(() => coresOf(run).every(({ quiet }) => quiet), { withinMs: CONVERGE_MS })
  const leader = leaderOf(run, GROUPS[0] ?? '') ?? ''
  const { heartbeatIntervalMs } = run.state.of(GROUPS[0] ?? '')
  world.node(leader).crash({ power: false })
  world.schedule(1, () => world.fault({ at: world.now, do: 'restart', node: leader }))
  // A sign of life comes every interval: that of another node tells the new process of it, which then shows itself.
  const withinMs = START_MS + 4 * heartbeatIntervalMs
  await world.runUntil(() => coresOf(run).every((core) => core.leader !== leader || !core.quiet), {
    withinMs,
  })
  await world.runUntil(() => converged(run, run.scenario.nodes), { withinMs: CONVERGE_MS })
}

/** The cores of all members of all groups. */
function coresOf({ world }: GroupsSimulation): readonly RaftCore[] {
  const rafts = world.nodes.flatMap(({ service }) => [...(service?.rafts.values() ?? [])])
  const cores = rafts.flatMap((raft) => (raft instanceof RaftNode ? [raft.core] : []))
  return cores.filter(({ leader }) => leader !== undefined)
}
