import { checkLinearizable, generateFaults, mapModel, mendEverything, type FaultStep } from '@colony/testing'
import { CrashAtWrite } from './crash-at-write.ts'
import { LeaderHunt } from './leader-hunt.ts'
import type { SometimesName } from './invariants.ts'
import { createSimulatedCluster, type SimulatedCluster } from './simulated-cluster.ts'
import { Workload } from './workload.ts'

/** Simulated milliseconds with faults, and with which a healed cluster must work again. */
const FAULTY_MS = 8000
const RECOVERY_MS = 10_000
/** A run in which less succeeded has shown nothing. */
const LEAST_SUCCESSES = 20

/** What one run came to. */
export interface RunReport {
  readonly traceHash: string
  readonly events: number
  readonly elections: number
  readonly committed: number
  readonly operations: Readonly<Record<'ok' | 'fail' | 'unknown', number>>
  readonly localReads: number
  readonly retries: number
  readonly leadersHit: number
  readonly faults: readonly FaultStep[]
  readonly sometimes: ReadonlyMap<SometimesName, number>
}

/** Runs one seed: clients work while faults happen, then everything heals, must work again, and the whole history must be linearizable. */
export async function runSeed(seed: number | string): Promise<RunReport> {
  const size = createSize(seed)
  const cluster = createSimulatedCluster(seed, size)
  const { world, ids, invariants } = cluster
  const random = world.random.fork('faults')
  // For one seed in four, more than a minority may be away at once, up to all: nothing works then, and nothing may be lost.
  const most = world.random.fork('most').float() < 0.25 ? { maxDown: size } : {}
  const faults = generateFaults({ random, nodes: ids, durationMs: FAULTY_MS, ...most })
  world.apply(faults)
  const hunt = new LeaderHunt(world, FAULTY_MS)
  hunt.start()
  const crashes = new CrashAtWrite(world, FAULTY_MS)
  cluster.onPersist = (id, record) => crashes.onPersist(id, record)
  const workload = new Workload(world, slowestClock(faults))
  workload.start(4)
  await world.run(FAULTY_MS)
  heal(cluster)
  workload.stop()
  await world.runUntil(() => workload.idle, { withinMs: 60_000 })
  await recover(cluster)
  const { history } = workload
  const { verdict, witness } = checkLinearizable(mapModel(), history.operations)
  if (verdict !== 'ok') throw new Error(`the history is ${verdict}: ${JSON.stringify(witness, null, 1)}`)
  await checkExactlyOnce(cluster)
  noteOutcomes(cluster, workload)
  if (history.counts.ok < LEAST_SUCCESSES)
    throw new Error(`vacuous: ${history.counts.ok} operations succeeded`)
  return {
    traceHash: world.traceHash,
    events: world.events,
    elections: invariants.elections,
    committed: invariants.committed,
    operations: history.counts,
    localReads: workload.localReads,
    retries: workload.retries,
    leadersHit: hunt.hits,
    faults,
    sometimes: invariants.sometimes,
  }
}

function noteOutcomes({ invariants }: SimulatedCluster, { history, retries }: Workload): void {
  if (retries > 0) invariants.note('a write was tried again under its key')
  if (history.counts.unknown > 0) invariants.note('an outcome stayed unknown')
  if (history.operations.some(({ f, outcome }) => f !== 'get' && outcome === 'fail'))
    invariants.note('a write was rejected')
}

/** Three nodes for every third seed, else five. */
function createSize(seed: number | string): number {
  return typeof seed === 'number' && seed % 3 === 0 ? 3 : 5
}

/** One over the slowest rate that any node's clock is given. */
function slowestClock(faults: readonly FaultStep[]): number {
  const rates = faults.map((step) => (step.do === 'clock' ? (step.rate ?? 1) : 1))
  return 1 / Math.min(1, ...rates)
}

/** Ends every fault, also what the hunt began. */
function heal({ world, ids }: SimulatedCluster): void {
  for (const step of mendEverything(ids, world.now)) world.fault(step)
}

/** Liveness: every node takes a write and a linearizable read, and all apply the same. */
async function recover({ world }: SimulatedCluster): Promise<void> {
  await world.booted({ withinMs: RECOVERY_MS })
  for (const node of world.nodes) {
    const key = { idempotencyKey: `end ${node.id}` }
    const write = node.call((raft) => raft.propose({ f: 'put', key: 'end', value: node.id }, key))
    await world.finish(write, { withinMs: RECOVERY_MS })
    const read = node.call((raft) => raft.read((machine) => machine.get('end')))
    const { value } = await world.finish(read, { withinMs: RECOVERY_MS })
    if (value !== node.id) throw new Error(`a read at ${node.id} after its write gave ${value}`)
  }
  const applied = (): number[] => world.nodes.map(({ service }) => service?.status().appliedIndex ?? -1)
  await world.runUntil(() => new Set(applied()).size === 1, { withinMs: RECOVERY_MS })
}

/** No value was appended twice: every retry under a key was recognised. */
async function checkExactlyOnce({ world }: SimulatedCluster): Promise<void> {
  for (const { id, service } of world.nodes) {
    const read = service?.read((machine) => [...machine.values], { consistency: 'local' })
    for (const [key, text] of (await read)?.value ?? []) {
      const values = text.split(',').filter((value) => value !== '')
      if (new Set(values).size !== values.length)
        throw new Error(`at ${id}, ${key} holds a value twice: ${text}`)
    }
  }
}
