/** What a node tells of itself. Run: `tsx docs/examples/src/raft-observability.ts` */
// #region subscribe
import { subscribe } from 'node:diagnostics_channel'
import { nodeHost } from '@colony/host/node'
import { createRaft, memoryStorage } from '@colony/raft'
import { publishMetrics, type PublishedMetrics } from '@colony/raft/node'

subscribe('colony:raft.role', (event) => {
  const { node, role, term } = event as { node: string; role: string; term: number }
  console.log(`${node} is ${role} in term ${term}`)
})

subscribe('colony:raft.metrics', (message) => {
  const { status, metrics } = message as PublishedMetrics
  const { writes, busyMs, longestWriteMs } = metrics.storage
  console.log(`${status.role}, applied ${status.appliedIndex}, ${metrics.reads.linearizable.served} reads`)
  console.log(
    `${writes} writes of ${(busyMs / writes).toFixed(1)} ms in the mean, the longest ${longestWriteMs.toFixed(1)} ms`,
  )
})
// #endregion subscribe

// #region publish
const raft = await createRaft({
  id: 'a',
  members: ['a'],
  host: nodeHost({ clusterId: 'watched', listen: '127.0.0.1:0' }),
  storage: memoryStorage(),
  machine: { apply: (amount: number) => amount },
})
const publishing = publishMetrics(raft, { everyMs: 50 })
// #endregion publish

await raft.propose(5)
await raft.read(() => undefined)
await new Promise((resolve) => setTimeout(resolve, 75))
publishing[Symbol.dispose]()
await raft.close()
