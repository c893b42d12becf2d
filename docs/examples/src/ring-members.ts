/** A ring that follows the members of a cluster. Run: `tsx docs/examples/src/ring-members.ts` */
// #region track
import { EventEmitter, once } from 'node:events'
import type { RingNode } from '@colony/ring'
import { trackMembers, type MemberEvent } from '@colony/ring/membership'

interface Meta {
  readonly zone: string
}

/** Stands for whatever knows who is there: gossip, a registry, a list that is polled. */
const cluster = new EventEmitter<{ member: [MemberEvent<Meta>]; settled: [] }>()

const tracker = trackMembers<RingNode, Meta>(
  (listener) => {
    cluster.on('member', listener)
    return () => cluster.off('member', listener)
  },
  {
    toNode: ({ id, meta }) => (meta === undefined ? undefined : { id, zone: meta.zone }),
    onError: (error, origin) => console.error(origin, error),
    settleMs: 50, // news that comes together makes one change
  },
)

tracker.onChange(({ ring, plan }) => {
  const ids = ring.nodes.map(({ id }) => id).join(', ')
  console.log(`now ${ids}: ${(plan.moved * 100).toFixed(1)} % of the keys have another owner`)
  cluster.emit('settled')
})
// #endregion track

// #region news
for (const id of ['a', 'b', 'c']) {
  cluster.emit('member', { type: 'alive', id, incarnation: 1, meta: { zone: `zone-${id}` } })
}
await once(cluster, 'settled')

cluster.emit('member', { type: 'suspect', id: 'b', incarnation: 1 }) // not gone: it keeps its keys
cluster.emit('member', { type: 'left', id: 'c', incarnation: 0 }) // late, from the life before this one
tracker.flush()
console.log(`still ${tracker.ring.nodes.length} nodes`)

cluster.emit('member', { type: 'failed', id: 'b', incarnation: 1 })
cluster.emit('member', { type: 'alive', id: 'd', incarnation: 1, meta: { zone: 'zone-b' } })
await once(cluster, 'settled')

tracker.close()
// #endregion news
