/** Raft on a transport of one's own, {@link BroadcastTransport}. Run: `tsx docs/examples/src/custom-transport.ts` */
import { createHost } from '@colony/host'
import { createRaft, memoryStorage, type Raft } from '@colony/raft'
import { BroadcastTransport } from './broadcast-transport.ts'

class Counter {
  count = 0

  apply({ add }: { add: number }): number {
    this.count += add
    return this.count
  }
}

// #region start
const members = ['a', 'b', 'c']

async function start(id: string): Promise<Raft<Counter>> {
  const host = createHost({ clusterId: 'counter', transport: new BroadcastTransport('counter') })
  return await createRaft({ id, members, host, storage: memoryStorage(), machine: new Counter() })
}
// #endregion start

const nodes = await Promise.all(members.map(start))
const counts = await Promise.all(nodes.map(async (node, nth) => (await node.propose({ add: nth + 1 })).value))
console.log(`counted to ${Math.max(...counts)} on three nodes`)

for (const node of nodes) {
  const { value } = await node.read((counter) => counter.count)
  console.log(`${node.id} reads ${value}`)
}
await Promise.all(nodes.map((node) => node.close()))
