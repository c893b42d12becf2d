/** Replicas in different zones, and what happens when a node is down. Run: `tsx docs/examples/src/ring-zones.ts` */
// #region zones
import { createRing } from '@colony/ring'

const ring = createRing([
  { id: 'a', zone: 'eu-1' },
  { id: 'b', zone: 'eu-1' },
  { id: 'c', zone: 'eu-2' },
  { id: 'd', zone: 'eu-2' },
  { id: 'e', zone: 'eu-3' },
  { id: 'f', zone: 'eu-3' },
])

function show(nodes: readonly { readonly id: string; readonly zone: string }[]): string {
  return nodes.map(({ id, zone }) => `${id} (${zone})`).join(', ')
}

const key = 'invoice:7'
console.log(`next on the ring: ${show(ring.replicas(key, 3))}`)
console.log(`spread by zone:   ${show(ring.replicas(key, 3, { spread: 'zone' }))}`)
// #endregion zones

// #region down
const down = new Set([ring.owner(key)?.id])
const reachable = ring.replicas(key, 3, { spread: 'zone', skip: ({ id }) => down.has(id) })
console.log(`while ${[...down].join()} is down:  ${show(reachable)}`)
// #endregion down

// #region all
for (const { id } of ring.walk(key)) {
  if (down.has(id)) continue
  console.log(`first to answer:  ${id}`)
  break
}
// #endregion all
