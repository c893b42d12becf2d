import { besides, Worker } from '../measure/child.ts'
import { CLIENT } from './bench-protocol.ts'
import { CLUSTER_ID, ColonyCluster } from './colony-cluster.ts'
import type { DurableClient } from './durable-client.ts'
import { driveAll, FILL, FILL_TIMEOUT_MS, type Series } from './series.ts'

/** Colony as etcd is run: three server processes, puts from one client process. */
export const colonySeries: Series = {
  name: 'colony',
  async round(directory, loads) {
    await using cluster = await ColonyCluster.start(directory)
    await using client = new Worker<DurableClient>(besides(import.meta.url, 'durable-client'))
    const { leader, leaderAddress, leaderServer } = cluster
    const id = CLIENT
    const address = await client.call('connect', { id, clusterId: CLUSTER_ID, leader, leaderAddress })
    await leaderServer.call('introduce', { id, address })
    const results = await driveAll(loads, cluster.pids, (load, timeoutMs) =>
      client.call('load', load, timeoutMs),
    )
    await cluster.checkLeader()
    return results
  },
}

/** The leader's own process reads, after it has put every key. Linearizable: a round to the other two processes for all reads that wait; or under a lease. */
export const readSeries: readonly Series[] = (['linearizable', 'lease'] as const).map((consistency) => ({
  name: `colony, ${consistency}`,
  async round(directory, loads) {
    await using cluster = await ColonyCluster.start(directory)
    await cluster.leaderServer.call('load', FILL, FILL_TIMEOUT_MS)
    const results = await driveAll(loads, cluster.pids, (load, timeoutMs) =>
      cluster.leaderServer.call('reads', { ...load, consistency }, timeoutMs),
    )
    await cluster.checkLeader()
    return results
  },
}))

/** Colony as it is meant to be used: the leader's own process proposes. Three processes, no client. */
export const embeddedSeries: Series = {
  name: 'embedded',
  async round(directory, loads) {
    await using cluster = await ColonyCluster.start(directory)
    const results = await driveAll(loads, cluster.pids, (load, timeoutMs) =>
      cluster.leaderServer.call('load', load, timeoutMs),
    )
    await cluster.checkLeader()
    return results
  },
}
