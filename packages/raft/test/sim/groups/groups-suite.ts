import type { NodeId, Random } from '@colony/host'
import {
  generateFaults,
  type Conditions,
  type FaultStep,
  type SimulatedNode,
  type Suite,
} from '@colony/testing'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import { groupLogStorage, RaftError, type Raft, type RaftGroupStorage } from '../../../src/index.ts'
import { startRaftGroups } from '../../../src/runtime/groups/create-raft-groups.ts'
import { RaftNode } from '../../../src/runtime/raft-node.ts'
import { KvMachine } from '../kv-machine.ts'
import { emptyLog, observedStorage } from '../observed-storage.ts'
import type { Settings } from '../raft-run.ts'
import { watchedHost } from '../watched-host.ts'
import { classifyGroups, groupsModel, groupsWorkload, performGroups } from './groups-operations.ts'
import {
  GROUPS,
  GROUPS_SOMETIMES,
  GroupsRun,
  type GroupsService,
  type GroupsSimulation,
} from './groups-run.ts'

/** So small that a run goes through many, and groups that are idle have to let go of the oldest ones. */
const SEGMENT_BYTES = 1024
const CONVERGE_MS = 10_000
const RESTART_MS = 100

/** Three nodes with several groups each, on the unchanged `createRaftGroups` and one log for all of them; every group watched by every rule of the suite of one. */
export const groupsSuite: Suite<GroupsService, GroupsRun> = {
  name: 'raft groups',
  nodes: () => ['a', 'b', 'c'],
  durationMs: 3500,
  conditions: drawConditions,
  faults: drawFaults,
  state: (scenario, world) => new GroupsRun(scenario, world),
  boot,
  workload: groupsWorkload,
  perform: performGroups,
  classify: classifyGroups,
  model: groupsModel(),
  order: ({ state }) => state.order(),
  invariants: { 'a look at every core': (run) => run.state.look() },
  sometimes: GROUPS_SOMETIMES,
  world: { maxEvents: 200_000 },
  leastOk: 0,
  convergeWithinMs: CONVERGE_MS,
  roles: (run) => ({ leader: leaderOf(run, GROUPS[0] ?? '') }),
  converged,
  serving,
  checks: {
    'every group takes a write on every node': everyGroupWorks,
    'idle groups fall silent, and wake when the process of their leader is another one':
      groupsFallSilentAndWake,
  },
}

const { model: _model, checks: _checks, ...unchecked } = groupsSuite

/** The same runs with the model of Raft as the only rule. */
export const groupsModelSuite: Suite<GroupsService, GroupsRun> = {
  ...unchecked,
  state: (scenario, world) => new GroupsRun(scenario, world, 'model'),
}

function drawConditions(random: Random): Conditions {
  const electionTimeoutMs = random.float() < 0.5 ? 400 : random.integer(60, 200)
  const settings: Settings = {
    electionTimeoutMs,
    heartbeatIntervalMs: Math.min(50, Math.floor(electionTimeoutMs / 3)),
    preferred: -1,
    damaged: -1,
    ...(random.float() < 0.7 && {
      snapshots: { everyEntries: random.integer(5, 60), keepEntries: random.integer(0, 20) },
    }),
  }
  return {
    ...(random.float() < 0.5 && { network: { meanLatencyMs: random.integer(2, 8) } }),
    settings: { ...settings },
  }
}

function drawFaults(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  return generateFaults({
    random: random.fork('swarm'),
    nodes,
    durationMs: 1.25 * durationMs,
    startMs: 500,
    roles: ['leader'],
    points: ['write', 'vote', 'snapshot'],
    weights: { hunt: 0.75, ambush: 0.6, 'disk-failure': 0.25, 'disk-full': 0 },
  })
}

async function boot(node: SimulatedNode<never>, run: GroupsSimulation): Promise<GroupsService> {
  try {
    return await start(node, run)
  } catch (error) {
    onStopped(run, node.id, error)
    return await new Promise(() => {})
  }
}

async function start(node: SimulatedNode<never>, run: GroupsSimulation): Promise<GroupsService> {
  const { id, host, disk, incarnation } = node
  const { state, scenario } = run
  state.onBoot(run, id)
  const log = groupLogStorage({
    disk,
    directory: 'raft',
    segmentBytes: SEGMENT_BYTES,
    random: host.random.fork('log'),
  })
  const { electionTimeoutMs, heartbeatIntervalMs, snapshots, maxClockDrift } = state.of(GROUPS[0] ?? '')
  const groups = await startRaftGroups(
    {
      ...{ id, host, electionTimeoutMs, heartbeatIntervalMs },
      storage: watchedStorage(log, id, state),
      quietAfterMs: 2 * heartbeatIntervalMs,
    },
    (group, own) =>
      watchedHost(own, id, {
        sending: (passing) => state.of(group).onSend(id, passing),
        receiving: (passing) => state.of(group).onReceive(id, passing),
      }),
  )
  const create = async (group: string): Promise<[string, Raft<KvMachine>]> => {
    const one = state.of(group)
    const raft = await groups.create({
      ...{ group, members: scenario.nodes },
      ...(snapshots !== undefined && { snapshots }),
      ...(maxClockDrift !== undefined && { maxClockDrift }),
      machine: new KvMachine((index, command, time) => one.onApply(id, incarnation, index, command, time)),
    })
    state.onCreated(id, group, raft)
    raft.onLeadership((term, signal) => one.transfers.onLeadership(id, term, signal))
    raft.on('stopped', ({ error }) => onStopped(run, id, error))
    return [group, raft]
  }
  return { groups, rafts: new Map(await Promise.all(GROUPS.map(create))) }
}

/** Shows each group's run what goes to and comes from its part of the log. */
function watchedStorage(log: RaftGroupStorage, id: NodeId, state: GroupsRun): RaftGroupStorage {
  return {
    ...(log.maxRecordBytes !== undefined && { maxRecordBytes: log.maxRecordBytes }),
    open: (owner) => log.open(owner),
    close: () => log.close(),
    group: (name) => {
      const one = state.of(name)
      return observedStorage(log.group(name), one.durable.get(id) ?? emptyLog(), {
        recovered: (stored) => one.onRecovery(id, stored),
        persisting: (record) => one.onPersist(id, record),
        persisted: () => one.onPersisted(id),
        refused: () => one.onRefused(id),
        saving: (meta) => one.onSaving(id, meta),
        saved: (meta, content) => one.onSaved(id, meta, content),
      })
    },
  }
}

/** A node whose disk refuses to work stops, with all of its groups, and is started again. */
function onStopped({ world }: GroupsSimulation, id: NodeId, error: unknown): void {
  if (!(error instanceof RaftError) || error.code !== 'RAFT_STORAGE_FAILED') return world.fail(error)
  const node = world.node(id)
  if (node.state === 'down') return
  node.crash({ power: false })
  world.schedule(RESTART_MS, () => world.fault({ at: world.now, do: 'restart', node: id }))
}

function leaderOf({ world }: GroupsSimulation, group: string): NodeId | undefined {
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
function converged(run: GroupsSimulation, core: readonly NodeId[]): boolean {
  const { world } = run
  return GROUPS.every((group) => {
    const leader = leaderOf(run, group)
    if (leader === undefined) return false
    const applied = world.node(leader).service?.rafts.get(group)?.status().appliedIndex
    return core.every((id) => {
      if (!canSpeak(run, id, leader)) return true
      const status = world.node(id).service?.rafts.get(group)?.status()
      return status?.leader === leader && status.appliedIndex === applied
    })
  })
}

/** The nodes of a core that can speak with the leaders of all groups, wherever those are. */
function serving(run: GroupsSimulation, core: readonly NodeId[]): readonly NodeId[] {
  const leaders = GROUPS.map((group) => leaderOf(run, group))
  return core.filter((id) => leaders.every((leader) => leader === undefined || canSpeak(run, id, leader)))
}

function canSpeak({ world: { network } }: GroupsSimulation, a: NodeId, b: NodeId): boolean {
  return network.connected(a, b) && network.connected(b, a)
}

async function everyGroupWorks({ world }: GroupsSimulation): Promise<void> {
  for (const group of GROUPS) {
    for (const node of world.nodes) {
      const options = { idempotencyKey: `end ${group} ${node.id}` }
      const write = node.call(({ rafts }) => {
        const raft = rafts.get(group)
        if (raft === undefined) throw new Error(`${node.id} has no group ${group}`)
        return raft.propose({ f: 'put', key: 'end', value: node.id }, options)
      })
      await world.finish(write, { withinMs: CONVERGE_MS })
    }
  }
  const applied = (group: string): number[] =>
    world.nodes.map(({ service }) => service?.rafts.get(group)?.status().appliedIndex ?? -1)
  await world.runUntil(() => GROUPS.every((group) => new Set(applied(group)).size === 1), {
    withinMs: CONVERGE_MS,
  })
}

/** How long a process may take to start, with all of its groups; and a frame to arrive. */
const START_MS = 200

/**
 * Everything is mended, and nobody asks for anything: all groups fall silent. Then a process ends that leads, and another begins at once: the followers of what it led are awake
 * as soon as the nodes have spoken with each other, although nobody was silent for long.
 */
async function groupsFallSilentAndWake(run: GroupsSimulation): Promise<void> {
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
  return rafts.flatMap((raft) => (raft instanceof RaftNode ? [raft.core] : []))
}
