import { createWorld } from '@colony/testing'
import { expect, it } from 'vitest'
import { createRaft, memoryStorage, type Raft } from '../../src/index.ts'
import { encodeCommandEntry } from '../../src/runtime/command-entry.ts'
import { Register } from './simulated.ts'

const COUNT = 40_000

it('a node that works off a long log does not pass for fresh before it has come to its end', async () => {
  const storage = memoryStorage()
  const data = encodeCommandEntry(new TextEncoder().encode('{"add":1}'), undefined)
  await storage.open({ clusterId: 'sim', group: 'default', nodeId: 'a', voters: ['a'] })
  const entries = Array.from({ length: COUNT }, () => ({ term: 1, kind: 'command' as const, data }))
  await storage.persist({ term: 1, vote: 'a', firstIndex: 1, entries })
  await storage.close()
  const world = createWorld<Raft<Register>>({
    seed: 1,
    nodes: ['a'],
    boot: ({ id, host }) => createRaft({ id, members: ['a'], host, storage, machine: new Register() }),
  })
  await world.booted()
  const [node] = world.nodes
  const seen = new Set<boolean>()
  for (let ms = 0; ms < 50; ms++) {
    if (node?.service === undefined) throw new Error('the node is not up')
    const { index, staleMs, value } = await world.finish(
      node.service.read((register) => register.value, { consistency: 'local' }),
    )
    expect(value).toBe(Math.min(index, COUNT))
    const isAtTheEnd = index > COUNT
    seen.add(isAtTheEnd)
    expect(Number.isFinite(staleMs)).toBe(isAtTheEnd)
    await world.run(1)
  }
  expect([...seen]).toEqual([false, true])
})
