import { createRandom } from '@colony/host'
import {
  createWorld,
  type DiskLatency,
  type NetworkOptions,
  type SimulatedNode,
  type World,
} from '@colony/testing'
import { createRaft, logStorage, type PersistRecord, type Raft } from '../../src/index.ts'
import { RaftNode } from '../../src/runtime/raft-node.ts'
import { Invariants } from './invariants.ts'
import { KvMachine } from './kv-machine.ts'
import { observedStorage, type DurableLog } from './observed-storage.ts'
import { watchedHost } from './watched-host.ts'

type Service = Raft<KvMachine>

/** A simulated cluster of the unchanged `createRaft` on the unchanged file log, watched by every invariant. */
export interface SimulatedCluster {
  readonly world: World<Service>
  readonly ids: readonly string[]
  readonly invariants: Invariants
  /** Is told when a node begins to write. A run may set it. */
  onPersist: (id: string, record: PersistRecord) => void
}

/** Small, so that a run of a few seconds goes through several segments. */
const SEGMENT_BYTES = 8192

/** What differs from seed to seed beside the faults. */
function drawConditions(seed: number | string): {
  disk: DiskLatency
  network: NetworkOptions
  electionTimeoutMs: number
} {
  const random = createRandom(seed, 'conditions')
  return {
    // One seed in three has disks that are slower than the network, so that answers and even commits overtake them.
    disk: random.float() < 0.33 ? { writeDurable: [1, random.integer(5, 60)] } : {},
    // Half of them elect in about the time that a few messages take, so that candidates meet.
    electionTimeoutMs: random.float() < 0.5 ? 400 : random.integer(50, 150),
    network: random.float() < 0.5 ? {} : { meanLatencyMs: random.integer(5, 15) },
  }
}

/** Makes a cluster of `size` nodes; everything in it follows from `seed`. */
export function createSimulatedCluster(seed: number | string, size: number): SimulatedCluster {
  const ids = 'abcdefg'.slice(0, size).split('')
  const durable = new Map<string, DurableLog>()
  for (const id of ids) durable.set(id, { term: 0, vote: '', entries: [] })
  const invariants = new Invariants(size, durable)
  const { electionTimeoutMs, ...conditions } = drawConditions(seed)
  const world = createWorld<Service>({ seed, nodes: ids, ...conditions, boot: (node) => boot(node, cluster) })
  const cluster: Cluster = { world, ids, invariants, durable, electionTimeoutMs, onPersist: () => {} }
  world.invariant('raft', () => {
    for (const node of world.nodes) {
      const { service } = node
      if (service instanceof RaftNode) invariants.check(node.id, service.core)
    }
  })
  return cluster
}

interface Cluster extends SimulatedCluster {
  readonly durable: ReadonlyMap<string, DurableLog>
  readonly electionTimeoutMs: number
}

async function boot(node: SimulatedNode<Service>, cluster: Cluster): Promise<Service> {
  const { id, incarnation, host, disk } = node
  const { invariants, ids, world, electionTimeoutMs } = cluster
  const durable = cluster.durable.get(id) ?? { term: 0, vote: '', entries: [] }
  const random = host.random.fork('log')
  const log = logStorage({ disk, directory: 'raft', segmentBytes: SEGMENT_BYTES, random })
  const raft = await createRaft({
    id,
    members: ids,
    electionTimeoutMs,
    host: watchedHost(host, id, (message) => invariants.onSend(id, message)),
    storage: observedStorage(log, durable, {
      recovered: (state) => invariants.onRecovery(id, state),
      persisting: (record) => {
        invariants.onPersist(id, record)
        cluster.onPersist(id, record)
      },
    }),
    machine: new KvMachine((index, command) => invariants.onApply(id, incarnation, index, command)),
  })
  raft.on('stopped', ({ error }) => world.fail(error))
  return raft
}
