import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { besides, Worker } from '../measure/child.ts'
import { temporaryDirectory } from '../measure/cleanup.ts'
import { EtcdCluster } from '../raft/etcd-cluster.ts'
import { etcdLockService } from './etcd-lock-service.ts'
import { type Locker, sleep } from './locker.ts'
import type { RaftMember } from './raft-member.ts'
import { etcd3Locker } from './server-systems.ts'
import { drive, type Driver, type Rounds, takeTurns, type UncontendedRow } from './uncontended.ts'

const MEMBERS = ['a', 'b', 'c'] as const
/** The name of etcd's own lock among the rows. */
export const ETCD_SERVICE = 'etcd, lock service'
const LEADER_TIMEOUT_MS = 30_000
const WARMUP_MS = 1000

/** Locks on three durable nodes: ours in the leader's process and in a follower's, etcd's own service, and npm `etcd3`. Both groups are up all the time, and take turns. */
export async function measureRaftLocks(
  levels: readonly number[],
  { rounds, measureMs, scratch, hasEtcd }: Rounds & { readonly scratch: string; readonly hasEtcd: boolean },
): Promise<UncontendedRow[]> {
  using directory = temporaryDirectory(scratch, 'colony-bench-lock-')
  const workers = new Map(
    MEMBERS.map((id) => [id, new Worker<RaftMember>(besides(import.meta.url, 'raft-member'))]),
  )
  const etcdDirectory = join(directory.path, 'etcd')
  mkdirSync(etcdDirectory)
  const etcd = hasEtcd ? await EtcdCluster.start(etcdDirectory) : undefined
  const lockers: Locker[] = []
  try {
    const leader = await startGroup(workers, directory.path)
    const onMember = (isIt: (id: string) => boolean): Driver => {
      const worker = [...workers].find(([id]) => isIt(id))?.[1]
      return async (load) => {
        if (worker === undefined) throw new Error('raft: no such member')
        return await worker.call('load', load)
      }
    }
    const drivers: [string, Driver][] = [['colony, on the leader', onMember((id) => id === leader)]]
    if (etcd !== undefined) {
      const [port = 0] = etcd.ports
      const service = await etcdLockService(port)
      const etcd3 = etcd3Locker(port)
      lockers.push(service, etcd3)
      drivers.push([ETCD_SERVICE, (load) => drive(service, load)], ['etcd3', (load) => drive(etcd3, load)])
    }
    drivers.push(['colony, on a follower', onMember((id) => id !== leader)])
    return await takeTurns(drivers, levels, { rounds, measureMs, warmupMs: WARMUP_MS })
  } finally {
    for (const locker of lockers) await locker[Symbol.asyncDispose]()
    await Promise.all([...workers.values()].map((worker) => worker[Symbol.asyncDispose]()))
    await etcd?.[Symbol.asyncDispose]()
  }
}

/** Brings the group up and says who leads. */
async function startGroup(
  workers: ReadonlyMap<string, Worker<RaftMember>>,
  directory: string,
): Promise<string> {
  const listening = [...workers].map(async ([id, worker]) => [id, await worker.call('listen', id)] as const)
  const members = Object.fromEntries(await Promise.all(listening))
  await Promise.all(
    [...workers].map(([id, worker]) => {
      return worker.call('join', { id, members, directory: join(directory, id) })
    }),
  )
  const deadline = Date.now() + LEADER_TIMEOUT_MS
  while (Date.now() < deadline) {
    const statuses = await Promise.all(
      [...workers.values()].map((worker) => worker.call('status', undefined)),
    )
    const leading = statuses.find((status) => status.role === 'leader')
    if (leading !== undefined && statuses.every((status) => status.leader === leading.id)) return leading.id
    await sleep(20)
  }
  throw new Error(`colony: no leader within ${LEADER_TIMEOUT_MS} ms`)
}
