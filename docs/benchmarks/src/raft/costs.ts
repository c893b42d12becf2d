import { temporaryDirectory } from '../measure/cleanup.ts'
import { ColonyCluster } from './colony-cluster.ts'

/** What one commit takes when nothing else is under way, counted and not timed. */
export interface CommitCosts {
  readonly commits: number
  /** Frames that the three servers sent, without the heartbeats that an idle cluster sends too. */
  readonly messages: number
  /** Durable writes, the average of the three servers. */
  readonly syncs: number
}

const IDLE_MS = 1_000
const LOAD_MS = 2_000
const TIMEOUT_MS = 30_000

/** Counts with one command outstanding in the leader's process. */
export async function measureCosts(scratch: string): Promise<CommitCosts> {
  using directory = temporaryDirectory(scratch, 'colony-bench-costs-')
  await using cluster = await ColonyCluster.start(directory.path)
  const load = { outstanding: 1, warmupMs: 0, measureMs: LOAD_MS }
  // Connections are made and caches are filled by the first few.
  await cluster.leaderServer.call('load', { ...load, measureMs: 200 }, TIMEOUT_MS)
  const start = await count(cluster)
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const idle = await count(cluster)
  const { completed } = await cluster.leaderServer.call('load', load, TIMEOUT_MS)
  const end = await count(cluster)
  const heartbeats = ((idle.frames - start.frames) / (idle.at - start.at)) * (end.at - idle.at)
  return {
    commits: completed,
    messages: (end.frames - idle.frames - heartbeats) / completed,
    syncs: (end.syncs - idle.syncs) / completed / cluster.pids.length,
  }
}

interface Count {
  readonly at: number
  readonly frames: number
  readonly syncs: number
}

async function count(cluster: ColonyCluster): Promise<Count> {
  const counts = await Promise.all(
    [...cluster.servers.values()].map((server) => server.call('counts', undefined)),
  )
  return {
    at: performance.now(),
    frames: counts.reduce((sum, { frames }) => sum + frames, 0),
    syncs: counts.reduce((sum, { syncs }) => sum + syncs, 0),
  }
}
