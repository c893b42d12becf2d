import { besides, Worker } from '../measure/child.ts'
import type { EtcdClient } from './etcd-client.ts'
import { EtcdCluster } from './etcd-cluster.ts'
import { driveAll, FILL, FILL_TIMEOUT_MS, type Series } from './series.ts'

/**
 * Connections to the leader. Tried: 1, 2, 4, 16, 64 and 256 to the leader, 3 and 12 spread over all members (which forward to the
 * leader). At 64 outstanding one was the best, at 1 and 256 one, four and sixteen were alike, and more of them or spreading lost.
 */
const CONNECTIONS = 1

/** etcd: three server processes, puts from one client process. */
export const etcdSeries: Series = {
  name: 'etcd',
  async round(directory, loads) {
    await using cluster = await EtcdCluster.start(directory)
    await using client = new Worker<EtcdClient>(besides(import.meta.url, 'etcd-client'))
    await client.call('connect', { ports: connectionsTo(cluster), call: 'Put' })
    return await driveAll(loads, cluster.pids, (load, timeoutMs) => client.call('load', load, timeoutMs))
  },
}

/** The same, with linearizable reads of keys that were put before. */
export const etcdReadSeries: Series = {
  name: 'etcd',
  async round(directory, loads) {
    await using cluster = await EtcdCluster.start(directory)
    await using client = new Worker<EtcdClient>(besides(import.meta.url, 'etcd-client'))
    await client.call('connect', { ports: connectionsTo(cluster), call: 'Put' })
    await client.call('load', FILL, FILL_TIMEOUT_MS)
    await client.call('connect', { ports: connectionsTo(cluster), call: 'Range' })
    return await driveAll(loads, cluster.pids, (load, timeoutMs) => client.call('reads', load, timeoutMs))
  },
}

function connectionsTo(cluster: EtcdCluster): number[] {
  return Array.from({ length: CONNECTIONS }, () => cluster.ports[0] ?? 0)
}
