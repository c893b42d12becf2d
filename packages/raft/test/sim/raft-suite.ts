import type { Host, NodeId, Random } from '@colony/host'
import type { Conditions, SimulatedNode, Suite } from '@colony/testing'
import { createRaft, logStorage, type Members, RaftError, type SnapshotOptions } from '../../src/index.ts'
import { damageLog, drawDamaged } from './damaged-log.ts'
import { describeFrame } from './describe-frame.ts'
import { drawFaults } from './faults.ts'
import { KvMachine } from './kv-machine.ts'
import { emptyLog, observedStorage } from './observed-storage.ts'
import { classify, perform, raftModel, workload } from './operations.ts'
import { RaftRun, type Run, type Service, type Settings } from './raft-run.ts'
import { SOMETIMES } from './rules/facts.ts'
import { drawCore, isWholeCore, noteCore } from './core.ts'
import { drawNodes, foundersOf } from './spares.ts'
import { watchedHost } from './watched-host.ts'

/** Small, so that a run of a few seconds goes through several segments. */
const SEGMENT_BYTES = 8192
/** As short as frames can be for the longest commands: a snapshot takes several. */
const SHORT_FRAME_BYTES = 4096
/** How long a healed cluster may take to work again, in simulated milliseconds. */
const CONVERGE_MS = 10_000
/** How long whoever runs the processes takes to start one again that stopped by itself. */
const RESTART_MS = 100

/** Clusters of three and five nodes of the unchanged `createRaft` on the unchanged file log, watched by every rule in `rules/`. */
export const raftSuite: Suite<Service, RaftRun> = {
  name: 'raft',
  nodes: drawNodes,
  core: drawCore,
  durationMs: 8000,
  conditions: drawConditions,
  faults: drawFaults,
  state: (scenario, world) => new RaftRun(scenario, world),
  boot,
  workload,
  perform,
  classify,
  model: raftModel(),
  order: ({ state }) => state.order(),
  invariants: { 'a look at every core': (run) => run.state.look() },
  sometimes: SOMETIMES,
  // A run takes about 10,000 events; one that goes round in circles is to end soon.
  world: { describeFrame, maxEvents: 150_000 },
  leastOk: 3,
  convergeWithinMs: CONVERGE_MS,
  roles: (run) => ({ leader: leaderOf(run) }),
  converged,
  serving,
  checks: {
    'every node takes a write and reads it': everyNodeWorks,
    'machines agree, and hold nothing twice': machinesAgree,
  },
}

const { model: _model, checks: _checks, ...unchecked } = raftSuite

/** The same runs with the model of Raft as the only rule: how much it finds alone. */
export const modelSuite: Suite<Service, RaftRun> = {
  ...unchecked,
  state: (scenario, world) => new RaftRun(scenario, world, 'model'),
}

function drawConditions(random: Random): Conditions {
  // Half of them elect in about the time that a few messages take, so that candidates meet.
  const electionTimeoutMs = random.float() < 0.5 ? 400 : random.integer(50, 150)
  const sessions = random.fork('sessions')
  const settings: Settings = {
    electionTimeoutMs,
    heartbeatIntervalMs: Math.min(50, Math.floor(electionTimeoutMs / 3)),
    preferred: random.float() < 0.25 ? random.integer(0, 2) : -1,
    damaged: drawDamaged(random.fork('damaged')),
    ...(random.float() < 0.7 && { snapshots: drawSnapshots(random) }),
    ...(random.float() < 0.5 && { maxFrameBytes: SHORT_FRAME_BYTES }),
    ...(random.float() < 0.3 && { restoreMs: random.integer(20, 500) }),
    // Short against the time that a client tries the same command for.
    ...(sessions.float() < 0.6 && { sessionsMs: sessions.integer(100, 3000) }),
    foundingPatience: random.fork('founding').integer(0, 3),
    // A few commands, one of those that are padded.
    ...(random.fork('window').float() < 0.5 && { maxInflightBytes: 4096 }),
  }
  return {
    ...(random.float() < 0.5 && { network: { meanLatencyMs: random.integer(5, 15) } }),
    settings: { ...settings },
  }
}

/** A run appends some hundred entries, and makes snapshots of some thousand bytes. */
function drawSnapshots(random: Random): SnapshotOptions {
  return {
    everyEntries: random.integer(5, 60),
    keepEntries: random.integer(0, 20),
    ...(random.float() < 0.5 && { bytesPerSecond: random.integer(8000, 40_000) }),
  }
}

/** Starts a node. One whose disk fails meanwhile never comes up, and is started again later. */
async function boot(node: SimulatedNode<never>, run: Run): Promise<Service> {
  try {
    return await start(node, run)
  } catch (error) {
    onStopped(run, node.id, error)
    return await new Promise(() => {})
  }
}

async function start(node: SimulatedNode<never>, run: Run): Promise<Service> {
  const { id, incarnation, host, disk } = node
  const { state, scenario } = run
  state.onBoot(run, id)
  const founders = foundersOf(scenario.nodes)
  damageLog(node, run)
  const random = host.random.fork('log')
  const log = logStorage({ disk, directory: 'raft', segmentBytes: SEGMENT_BYTES, random })
  const raft = await createRaft({
    id,
    members: founders.includes(id) ? founders : scenario.nodes,
    join: !founders.includes(id),
    ...(state.snapshots !== undefined && { snapshots: state.snapshots }),
    ...(state.sessionsMs !== undefined && { sessions: { expireAfterMs: state.sessionsMs } }),
    ...(state.maxInflightBytes !== undefined && { maxInflightBytes: state.maxInflightBytes }),
    electionTimeoutMs: state.electionTimeoutMs,
    heartbeatIntervalMs: state.heartbeatIntervalMs,
    foundingPatience: state.foundingPatience,
    priority: id === state.preferred ? 9 : 0,
    ...(state.maxClockDrift !== undefined && { maxClockDrift: state.maxClockDrift }),
    host: watchedHost(
      host,
      id,
      {
        sending: (passing) => state.onSend(id, passing),
        receiving: (passing) => state.onReceive(id, passing),
      },
      state.maxFrameBytes,
    ),
    storage: observedStorage(log, state.durable.get(id) ?? emptyLog(), {
      recovered: (stored) => state.onRecovery(id, stored),
      persisting: (record) => state.onPersist(id, record),
      persisted: () => state.onPersisted(id),
      refused: () => state.onRefused(id),
      saving: (meta) => state.onSaving(id, meta),
      saved: (meta, content) => state.onSaved(id, meta, content),
    }),
    machine: new KvMachine(
      (index, command, time) => state.onApply(id, incarnation, index, command, time),
      pauseOf(host, state.restoreMs),
    ),
  })
  raft.onLeadership((term, signal) => state.transfers.onLeadership(id, term, signal))
  raft.on('stopped', ({ error }) => onStopped(run, id, error))
  return raft
}

function pauseOf({ clock }: Host, ms: number | undefined): (() => Promise<void>) | undefined {
  if (ms === undefined) return undefined
  return async () => await new Promise<void>((resolve) => void clock.after(ms, resolve))
}

/** A node whose disk refuses to work stops, and is started again; it may stop for nothing else. */
function onStopped({ world, state }: Run, id: NodeId, error: unknown): void {
  const code = error instanceof RaftError ? error.code : undefined
  if (code === 'RAFT_STORAGE_DAMAGED') return state.broken('disks give back what was durable', String(error))
  if (code !== 'RAFT_STORAGE_FAILED') return world.fail(error)
  state.sometimes('a node stopped because its disk failed')
  world.node(id).crash({ power: false })
  world.schedule(RESTART_MS, () => world.fault({ at: world.now, do: 'restart', node: id }))
}

/** Whoever leads in the latest term, if its process runs. */
function leaderOf({ world }: Run): NodeId | undefined {
  let latest = 0
  let leader: NodeId | undefined
  for (const { id, state, service } of world.nodes) {
    const status = state === 'up' ? service?.status() : undefined
    if (status?.role !== 'leader' || status.term <= latest) continue
    latest = status.term
    leader = id
  }
  return leader
}

/**
 * There is a leader, and all of `core` that can speak with it follow it and have applied what it has. Raft gives no more: a leader outside a core stays for as
 * long as a majority answers it, and whoever it does not reach, or cannot hear, neither learns from it nor is elected by those that hear it.
 */
function converged(run: Run, core: readonly NodeId[]): boolean {
  if (!isWholeCore(run, core)) return true
  const leader = leaderOf(run)
  if (leader === undefined) return false
  const applied = run.world.node(leader).service?.status().appliedIndex
  // With everything mended, a change that was begun comes to its end.
  if (core.length === run.scenario.nodes.length && membersOf(run, leader)?.goal !== undefined) return false
  const agree = serving(run, core).every((id) => {
    const status = run.world.node(id).service?.status()
    return status?.leader === leader && status.appliedIndex === applied
  })
  if (agree) noteCore(run, core)
  return agree
}

/** The nodes of a core that can speak with the leader, wherever that is. */
function serving(run: Run, core: readonly NodeId[]): readonly NodeId[] {
  if (!isWholeCore(run, core)) return []
  const { network } = run.world
  const leader = leaderOf(run)
  if (leader === undefined) return core
  const members = membersOf(run, leader)
  return core.filter((id) => {
    if (!network.connected(leader, id) || !network.connected(id, leader)) return false
    return members === undefined || members.voters.includes(id) || members.learners.includes(id)
  })
}

function membersOf({ world }: Run, node: NodeId): Members | undefined {
  return world.node(node).service?.members.list()
}

/** Every member takes a write and sees it, and then all of them apply the same. */
async function everyNodeWorks(run: Run): Promise<void> {
  const { world } = run
  const members = serving(run, run.scenario.nodes).map((id) => world.node(id))
  for (const node of members) {
    const write = node.call((raft) =>
      raft.propose({ f: 'put', key: 'end', value: node.id }, { idempotencyKey: `end ${node.id}` }),
    )
    await world.finish(write, { withinMs: CONVERGE_MS })
    const read = node.call((raft) => raft.read((machine) => machine.get('end')))
    const { value } = await world.finish(read, { withinMs: CONVERGE_MS })
    if (value !== node.id) throw new Error(`a read at ${node.id} after its write gave ${value}`)
  }
  const applied = (): number[] => members.map(({ service }) => service?.status().appliedIndex ?? -1)
  await world.runUntil(() => new Set(applied()).size === 1, { withinMs: CONVERGE_MS })
}

/** All machines hold the same, and no value twice: every retry under a key was recognised. */
async function machinesAgree(run: Run): Promise<void> {
  let first: string | undefined
  for (const id of serving(run, run.scenario.nodes)) {
    const { service } = run.world.node(id)
    const read = await service?.read((machine) => [...machine.values], { consistency: 'local' })
    const values = read?.value ?? []
    for (const [key, text] of values) {
      const parts = text.split(',').filter((part) => part !== '')
      if (new Set(parts).size !== parts.length)
        throw new Error(`at ${id}, ${key} holds a value twice: ${text}`)
    }
    const state = JSON.stringify(values.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    first ??= state
    if (state !== first) throw new Error(`${id} holds ${state}, not ${first}`)
  }
}
