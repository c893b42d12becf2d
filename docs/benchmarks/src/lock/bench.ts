import { type Bench, progress } from '../bench.ts'
import { temporaryDirectory } from '../measure/cleanup.ts'
import { describeMachine } from '../measure/machine.ts'
import { onOwnCores } from '../measure/own-core.ts'
import { Rests } from '../measure/rests.ts'
import { EtcdCluster, etcdVersion, HOW_TO_GET_ETCD } from '../raft/etcd-cluster.ts'
import { type CrowdRow, measureCrowds } from './crowd.ts'
import { type HandoverRow, measureHandovers } from './handover.ts'
import { memorySystems } from './memory-systems.ts'
import { measureMemory } from './memory.ts'
import { HOW_TO_GET_POSTGRES, PostgresProcess, postgresVersion } from './postgres-process.ts'
import { measureRaftLocks } from './raft-locks.ts'
import { HOW_TO_GET_REDIS, RedisProcesses, redisVersion } from './redis-process.ts'
import { systemsOn, waitingSystems } from './redis-systems.ts'
import { redlockSystems } from './redlock-systems.ts'
import { formatLockReport, type LockFigures } from './report.ts'
import { etcdSystems, postgresSystems } from './server-systems.ts'
import { measureUncontended, type Rounds, type UncontendedRow } from './uncontended.ts'

const PARTS = ['memory', 'redis', 'redlock', 'handover', 'servers', 'raft'] as const
const REST_MS = 2000
const LEVELS = [1, 64] as const
const NODES = 5
/** There is much to measure, and none of it needs long: a run takes this share of the seconds asked for. */
const SHARE = 0.25

type Versions = LockFigures['versions']

/** Locks beside the packages that others use, on real servers that are started for it. */
export const lockBench: Bench = {
  summary:
    'locks in memory, on Redis, by a majority of five, in PostgreSQL, etcd and raft, beside other packages.',
  parts: [...PARTS],
  async run({ seconds, rounds, only, scratch, command }) {
    const rests = new Rests()
    const wanted = async (part: (typeof PARTS)[number], needs = true): Promise<boolean> => {
      if (!needs || (only.length > 0 && !only.includes(part))) return false
      await rests.rest(REST_MS)
      progress(part)
      return true
    }
    const machine = describeMachine(scratch)
    const versions: Versions = {
      ...{ redis: redisVersion(), postgres: postgresVersion(), etcd: etcdVersion() },
    }
    const hasRedis = versions.redis !== undefined
    const hasEtcd = versions.etcd !== undefined
    const measureMs = 1000 * seconds * SHARE
    const times = { rounds, measureMs }
    const figures: LockFigures = {
      bench: 'lock',
      ...{ machine, command, rounds, measureMs, versions },
      memory: (await wanted('memory')) ? await measureMemory(times) : [],
      redis: (await wanted('redis', hasRedis)) ? await measureRedis(times) : [],
      redlock: (await wanted('redlock', hasRedis)) ? await measureRedlock(times) : [],
      ...((await wanted('handover'))
        ? await measureContention(versions, times, scratch)
        : { handover: [], crowd: [] }),
      servers: (await wanted('servers')) ? await measureServers(versions, times, scratch) : [],
      raft: (await wanted('raft')) ? await measureRaftLocks(LEVELS, { ...times, scratch, hasEtcd }) : [],
      skipped: reasonsToSkip(versions),
      otherLoad: rests.otherLoad,
    }
    return { figures, markdown: formatLockReport(figures) }
  },
}

async function measureRedis(times: Rounds): Promise<UncontendedRow[]> {
  await using server = await RedisProcesses.start(1)
  using _cores = onOwnCores(server.pid)
  return await measureUncontended(systemsOn(server.ports[0] ?? 0), LEVELS, times)
}

async function measureRedlock(times: Rounds): Promise<UncontendedRow[]> {
  await using servers = await RedisProcesses.start(NODES)
  return await measureUncontended(redlockSystems(servers.ports), LEVELS, times)
}

/** Locks that somebody waits for. */
async function measureContention(
  versions: Versions,
  times: Rounds,
  scratch: string,
): Promise<{ readonly handover: readonly HandoverRow[]; readonly crowd: readonly CrowdRow[] }> {
  // Peers take long for each handover, and for being fair, if they are.
  const longer = { ...times, measureMs: 2 * times.measureMs }
  const handover = await measureHandovers(memorySystems(), longer)
  const crowd: CrowdRow[] = []
  if (versions.redis !== undefined) {
    await using servers = await RedisProcesses.start(1)
    const [port = 0] = servers.ports
    handover.push(...(await measureHandovers(waitingSystems(port), longer)))
    crowd.push(...(await measureCrowds(port, 3 * times.measureMs)))
  }
  if (versions.postgres !== undefined) {
    await using server = await PostgresProcess.start(scratch)
    handover.push(...(await measureHandovers(postgresSystems(server.url), longer)))
  }
  if (versions.etcd !== undefined) {
    handover.push(
      ...(await withEtcd(scratch, async (port) => await measureHandovers(etcdSystems(port), longer))),
    )
  }
  return { handover, crowd }
}

async function measureServers(versions: Versions, times: Rounds, scratch: string): Promise<UncontendedRow[]> {
  const rows: UncontendedRow[] = []
  if (versions.postgres !== undefined) {
    await using server = await PostgresProcess.start(scratch)
    rows.push(...(await measureUncontended(postgresSystems(server.url), LEVELS, times)))
  }
  if (versions.etcd !== undefined) {
    rows.push(
      ...(await withEtcd(scratch, async (port) => {
        return await measureUncontended(etcdSystems(port), LEVELS, times)
      })),
    )
  }
  return rows
}

/** Three durable nodes for as long as `task` runs, which is told the leader's port. */
async function withEtcd<T>(scratch: string, task: (port: number) => Promise<T>): Promise<T> {
  using directory = temporaryDirectory(scratch, 'colony-bench-etcd-')
  await using etcd = await EtcdCluster.start(directory.path)
  return await task(etcd.ports[0] ?? 0)
}

function reasonsToSkip({ redis, postgres, etcd }: Versions): string[] {
  const reasons: string[] = []
  if (redis === undefined) reasons.push(`Redis, which is not installed (${HOW_TO_GET_REDIS})`)
  if (postgres === undefined) reasons.push(`PostgreSQL, which is not installed (${HOW_TO_GET_POSTGRES})`)
  if (etcd === undefined) reasons.push(`etcd, which is not installed (${HOW_TO_GET_ETCD})`)
  for (const reason of reasons) progress(`skipped: ${reason}`)
  return reasons
}
