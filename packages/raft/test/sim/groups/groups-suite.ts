import type { NodeId, Random } from '@colony/host'
import {
  generateFaults,
  type Conditions,
  type FaultStep,
  type SimulatedNode,
  type Suite,
} from '@colony/testing'
import { groupLogStorage, RaftError, type Raft, type RaftGroupStorage } from '../../../src/index.ts'
import { startRaftGroups } from '../../../src/runtime/groups/create-raft-groups.ts'
import { KvMachine } from '../kv-machine.ts'
import { emptyLog, observedStorage } from '../observed-storage.ts'
import type { Settings } from '../raft-run.ts'
import { startAfterFounding, wipes } from '../faults.ts'
import { foundersOf, membersChange } from '../spares.ts'
import { watchedHost } from '../watched-host.ts'
import {
  converged,
  CONVERGE_MS,
  drawCore,
  everyGroupWorks,
  groupsFallSilentAndWake,
  leaderOf,
  serving,
} from './groups-checks.ts'
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
const RESTART_MS = 100

/** Three nodes with several groups each, on the unchanged `createRaftGroups` and one log for all of them; every group watched by every rule of the suite of one. */
export const groupsSuite: Suite<GroupsService, GroupsRun> = {
  name: 'raft groups',
  nodes: drawNodes,
  core: drawCore,
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

/** In three seeds of ten there is a node beside the founders that may become a member of some of the groups. */
function drawNodes(random: Random): readonly NodeId[] {
  return random.float() < 0.3 ? ['a', 'b', 'c', 's'] : ['a', 'b', 'c']
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

/** In this time all groups are founded; and in every run, however slow. */
const FOUNDING_MS = 500
const LONGEST_FOUNDING_MS = 1200

function drawFaults(random: Random, nodes: readonly NodeId[], durationMs: number): readonly FaultStep[] {
  const wiped = wipes(random.fork('wipes'), nodes, durationMs)
  const startMs = wiped.length === 0 ? FOUNDING_MS : startAfterFounding(wiped, LONGEST_FOUNDING_MS)
  const swarm = generateFaults({
    random: random.fork('swarm'),
    nodes,
    durationMs: 1.25 * durationMs,
    startMs,
    roles: ['leader'],
    points: ['write', 'vote', 'snapshot', ...(membersChange(nodes) ? ['members'] : [])],
    weights: { hunt: 0.75, ambush: 0.6, 'disk-failure': 0.25, 'disk-full': 0 },
  })
  return [...swarm, ...wiped]
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
  const founders = foundersOf(scenario.nodes)
  const create = async (group: string): Promise<[string, Raft<KvMachine>]> => {
    const one = state.of(group)
    const raft = await groups.create({
      ...{ group, members: founders.includes(id) ? founders : scenario.nodes, join: !founders.includes(id) },
      foundingPatience: one.foundingPatience,
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
