import { createMemoryNetwork } from '@colony/host/memory'
import { describe, expect, it } from 'vitest'
import { createRaft, memoryStorage, type Raft } from '../../src/index.ts'

class Register {
  value = 0
  apply(command: { add: number }): number {
    this.value += command.add
    return this.value
  }
}

describe('a cluster in memory', () => {
  it('is one call a node: elects, commits on any node and reads its own writes', async () => {
    const network = createMemoryNetwork()
    const ids = ['a', 'b', 'c']
    const nodes: Raft<Register>[] = []
    for (const id of ids) {
      nodes.push(
        await createRaft({
          id,
          members: ids,
          host: network.host(),
          storage: memoryStorage(),
          machine: new Register(),
        }),
      )
    }
    let expected = 0
    for (let i = 0; i < 30; i++) {
      const node = nodes[i % 3]
      const { value } = (await node?.propose({ add: 1 })) ?? { value: -1 }
      expect(value).toBe(++expected)
      const read = await nodes[(i + 1) % 3]?.read((machine) => machine.value)
      expect(read?.value).toBe(expected)
    }
    const local = await nodes[0]?.read((machine) => machine.value, { consistency: 'local' })
    expect(local?.staleMs).toBeLessThan(1000)
    for (const node of nodes) await node.close()
  })
})
