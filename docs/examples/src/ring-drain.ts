/** A node is drained: what has to move is known before anything does. Run: `tsx docs/examples/src/ring-drain.ts` */
// #region plan
import { createRing, diff, type RingNode } from '@colony/ring'

interface Store extends RingNode {
  readonly data: Map<string, string>
}

const before = createRing<Store>(['a', 'b', 'c', 'd'].map((id) => ({ id, data: new Map() })))
const after = before.withWeight('b', 0) // drained: still a member, given nothing

const plan = diff(before, after)
console.log(String(plan))

const [range] = plan.ranges
console.log(`the first: (${range?.from}, ${range?.to}] from ${range?.source?.id} to ${range?.target?.id}`)
// #endregion plan

const orders = Array.from({ length: 10_000 }, (_, n) => `order:${n}`)
for (const order of orders) before.owner(order)?.data.set(order, 'paid')

// #region move
let moved = 0
for (const [key, value] of before.node('b')?.data ?? []) {
  const [move] = plan.contains(key) ?? [] // one move for each replica that changes: here there is one replica
  if (move === undefined) continue
  move.target?.data.set(key, value)
  move.source?.data.delete(key)
  moved++
}
console.log(`${moved} orders moved, b holds ${before.node('b')?.data.size}`)
// #endregion move

const found = orders.filter((order) => after.owner(order)?.data.has(order))
console.log(`${found.length} of ${orders.length} are where the new ring looks for them`)

// #region remove
const removed = after.without('b') // a drained node leaves no trace in the placement
console.log(`then b can go: ${String(diff(after, removed))}`)
// #endregion remove
