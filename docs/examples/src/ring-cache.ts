/** A cache sharded over nodes of different sizes. Run: `tsx docs/examples/src/ring-cache.ts` */
// #region shard
import { createRing, type RingNode } from '@colony/ring'

interface Shard extends RingNode {
  readonly url: string
}

const ring = createRing<Shard>([
  { id: 'cache-1', url: 'redis://10.0.0.1:6379' },
  { id: 'cache-2', url: 'redis://10.0.0.2:6379' },
  { id: 'cache-3', url: 'redis://10.0.0.3:6379', weight: 2 }, // twice the memory, twice the keys
])

const shard = ring.owner('user:42') // the very object from above; every process finds the same
console.log(`user:42 is kept at ${shard?.url}`)
// #endregion shard

const keys = Array.from({ length: 100_000 }, (_, n) => `user:${n}`)
for (const { id } of ring.nodes) {
  const held = keys.filter((key) => ring.owner(key)?.id === id).length
  console.log(`${id} holds ${(held / 1000).toFixed(1)} % of the keys`)
}

// #region grow
const larger = ring.with({ id: 'cache-4', url: 'redis://10.0.0.4:6379' }) // a new snapshot; `ring` stays as it is

const moved = keys.filter((key) => larger.owner(key) !== ring.owner(key))
const strays = moved.filter((key) => larger.owner(key)?.id !== 'cache-4')
console.log(
  `cache-4 takes ${(moved.length / 1000).toFixed(1)} %; ${strays.length} keys move between the others`,
)
// #endregion grow

// #region agree
const elsewhere = createRing([...larger.nodes].reverse()) // another process, another order
console.log(`both agree: ${elsewhere.fingerprint === larger.fingerprint}`)
// #endregion agree
