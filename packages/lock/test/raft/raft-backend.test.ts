import { describe, expect, it } from 'vitest'
import { on, startGroup } from './simulated-group.ts'

describe('raft backend', () => {
  it('one lock at a time in the whole group, first come first served, with tokens that grow', async () => {
    const { world } = await startGroup(1)
    const order: string[] = []
    const tokens: bigint[] = []
    let holders = 0
    let most = 0
    const work = async (id: string, delayMs: number): Promise<void> => {
      await world.sleep(delayMs)
      const lock = await on(world.node(id)).locks.acquire('job')
      most = Math.max(most, ++holders)
      order.push(id)
      tokens.push(lock.fencingToken)
      await world.sleep(500)
      holders--
      expect(await lock.release()).toEqual({ released: true })
    }
    await world.finish(Promise.all([work('a', 0), work('c', 100), work('b', 200), work('a', 300)]))
    expect(order).toEqual(['a', 'c', 'b', 'a'])
    expect(most).toBe(1)
    expect(tokens).toEqual(tokens.toSorted((one, other) => Number(one - other)))
    expect(new Set(tokens).size).toBe(4)
  })
})
