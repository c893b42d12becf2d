/** Members of a group of `@colony/raft` change while it works, on nodes in one process. Run: `tsx docs/examples/src/raft-members.ts` */
import { createMemoryNetwork } from '@colony/host/memory'
import { createRaft, memoryStorage, toleratedFailures, type Raft } from '@colony/raft'

class Counter {
  value = 0

  apply(step: number): number {
    this.value += step
    return this.value
  }
}

const network = createMemoryNetwork()

function start(id: string, members: readonly string[], join = false): Promise<Raft<Counter>> {
  const host = network.host()
  return createRaft({ id, members, join, host, storage: memoryStorage(), machine: new Counter() })
}

const founders = ['a', 'b', 'c']
const [a, b, c] = await Promise.all(founders.map((id) => start(id, founders)))
if (a === undefined || b === undefined || c === undefined) throw new Error('three nodes were started')
await a.propose(41)

// #region add
// A new node knows some members and waits; any member adds it. It votes as soon as it has caught up.
const d = await start('d', ['a', 'b', 'c'], true)
const { voters } = await a.members.add('d')
// #endregion add
console.log(`${voters.join()} tolerate ${toleratedFailures(voters.length)} failure`)

// #region replace
// A dead node makes room for a new one, in one step: at no moment does either of them count alone.
await c.close()
const e = await start('e', ['a', 'b', 'd'], true)
await a.members.replace('c', 'e')
// #endregion replace

// #region set
// The goal as a whole: who is not named leaves.
await b.members.set(['b', 'd', 'e'], { timeoutMs: 30_000 })
// #endregion set
console.log(`${b.members.list().voters.join()} go on`)
console.log(`counted to ${(await e.propose(1)).value}`)
await Promise.all([a, b, d, e].map((raft) => raft.close()))
