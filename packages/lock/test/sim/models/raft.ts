import { createRaft, logStorage } from '@colony/raft'
import { lockTable, raftBackend } from '../../../src/raft/index.ts'
import type { BackendModel, ClientPlace } from '../backend-model.ts'

const SEGMENT_BYTES = 4096
/** Small, so that runs cut the log and bring each other up by snapshots. */
const SNAPSHOTS = { everyEntries: 30, keepEntries: 10 }

/** Each client is a member of the group: it crashes with its replica, and comes back with its disk. */
export const raftModel: BackendModel = {
  name: 'lock-raft',
  promises: { exclusion: true, tokens: true },
  // While most of the members are down there is nobody who could grant a lock.
  leastOk: 0,
  settings: (random) => ({ sessionTtl: random.integer(500, 4000) }),
  client: startMember,
}

async function startMember({ node, run }: ClientPlace): Promise<ReturnType<typeof raftBackend>> {
  const { host, disk } = node
  const raft = await createRaft({
    ...{ id: node.id, members: run.state.clients, host, machine: lockTable() },
    storage: logStorage({
      disk,
      directory: 'raft',
      segmentBytes: SEGMENT_BYTES,
      random: host.random.fork('log'),
    }),
    snapshots: SNAPSHOTS,
    // A member that crashes at once keeps the others from nothing.
    foundingPatience: 0,
    electionTimeoutMs: 200,
    heartbeatIntervalMs: 40,
  })
  const { clock, random } = host
  const sessionTtl = Number(run.state.settings['sessionTtl'])
  return raftBackend(raft, { clock, random: random.fork('lock'), sessionTtl, timeout: 2000 })
}
