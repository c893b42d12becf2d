import { createRandom } from '@colony/host'
import { createWorld, type DiskLatency, type World, type SimulatedNode } from '@colony/testing'
import { createRaft, logStorage, type Raft } from '../../src/index.ts'
import { RaftNode } from '../../src/runtime/raft-node.ts'
import { Invariants } from './invariants.ts'
import { KvMachine } from './kv-machine.ts'
import { observedStorage, type DurableLog } from './observed-storage.ts'

type Service = Raft<KvMachine>

/** A simulated cluster of the unchanged `createRaft` on the unchanged file log, watched by every invariant. */
export interface SimulatedCluster {
  readonly world: World<Service>
  readonly ids: readonly string[]
  readonly invariants: Invariants
}

/** Small, so that a run of a few seconds goes through several segments. */
const SEGMENT_BYTES = 8192

/** One seed in three has disks that are slower than the network, so that answers and even commits overtake them. */
function diskLatency(seed: number | string): DiskLatency {
  const random = createRandom(seed, 'disks')
  return random.float() < 0.33 ? { writeDurable: [1, random.integer(5, 60)] } : {}
}

/** Makes a cluster of `size` nodes; everything in it follows from `seed`. */
export function createSimulatedCluster(seed: number | string, size: number): SimulatedCluster {
  const ids = 'abcdefg'.slice(0, size).split('')
  const durable = new Map<string, DurableLog>()
  for (const id of ids) durable.set(id, { term: 0, vote: '', entries: [] })
  const invariants = new Invariants(size, durable)
  const world = createWorld<Service>({
    seed,
    nodes: ids,
    disk: diskLatency(seed),
    boot: (node) => boot(node, ids, durable, invariants),
  })
  world.invariant('raft', () => {
    for (const node of world.nodes) {
      const { service } = node
      if (service instanceof RaftNode) invariants.check(node.id, service.core)
    }
  })
  return { world, ids, invariants }
}

async function boot(
  node: SimulatedNode<Service>,
  ids: readonly string[],
  durable: ReadonlyMap<string, DurableLog>,
  invariants: Invariants,
): Promise<Service> {
  const { id, incarnation, host, disk } = node
  const promised = durable.get(id) ?? { term: 0, vote: '', entries: [] }
  const log = logStorage({
    disk,
    directory: 'raft',
    segmentBytes: SEGMENT_BYTES,
    random: host.random.fork('log'),
  })
  const raft = await createRaft({
    id,
    members: ids,
    host,
    storage: observedStorage(log, promised, {
      recovered: (state) => invariants.onRecovery(id, state),
      persisting: (record) => invariants.onPersist(id, record),
    }),
    machine: new KvMachine((index, command) => invariants.onApply(id, incarnation, index, command)),
  })
  raft.on('stopped', ({ error }) => {
    throw error
  })
  return raft
}
