import { describe, expect, it } from 'vitest'
import type { ApplyContext } from '../../src/index.ts'
import { raftOf, Register, startCluster, type Command, type Node } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const SHORT = { sessions: { expireAfterMs: 1000, keysExpireAfterMs: 1000 } }

/** Lets log time go on: an entry in each step of it, and something that needs it. */
async function pass(
  world: Awaited<ReturnType<typeof startCluster>>['world'],
  node: Node,
  ms: number,
): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await world.run(100)
    await world.finish(raftOf(node).propose({ add: 0 }))
  }
}

/** Notes when it was, by log time, at every command. */
class TimedRegister extends Register {
  readonly usesTime = true
  readonly times: string[] = []

  override apply(command: Command, context?: ApplyContext): unknown {
    if (context !== undefined) this.times.push(`${context.index} ${context.term} ${context.time}`)
    return super.apply(command)
  }
}

describe('a session', () => {
  it('applies a number once, on whatever node it comes', async () => {
    const { world, followers, leader } = await startCluster(1, THREE)
    const { id } = await world.finish(raftOf(followers[0]).session())
    const first = await world.finish(raftOf(leader).session({ id }))
    const second = await world.finish(raftOf(followers[1]).session({ id }))
    const once = await world.finish(first.propose({ add: 5 }, { number: 1 }))
    const again = await world.finish(second.propose({ add: 5 }, { number: 1 }))
    expect(once.value).toBe(5)
    expect(again).toEqual(once)
    await expect(world.finish(second.propose({ add: 6 }, { number: 1 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_KEY_REUSED', outcome: 'rejected' },
    })
    expect((await world.finish(second.propose({ add: 5 }, { number: 2 }))).value).toBe(10)
  })

  it('counts for itself, and forgets what nobody can ask for', async () => {
    const { world, leader } = await startCluster(1, THREE)
    const session = await world.finish(raftOf(leader).session())
    const values = await world.finish(Promise.all([1, 2, 3].map((add) => session.propose({ add }))))
    expect(values.map(({ value }) => value)).toEqual([1, 3, 6])
    await world.finish(session.propose({ add: 4 }))
    const other = await world.finish(raftOf(leader).session({ id: session.id }))
    await expect(world.finish(other.propose({ add: 2 }, { number: 2 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_RESULT_FORGOTTEN', outcome: 'unknown' },
    })
    await expect(other.propose({ add: 1 })).rejects.toMatchObject({ code: 'RAFT_INVALID_OPTION' })
    expect((await world.finish(session.propose({ add: 0 }))).value).toBe(10)
  })

  it('expires by log time when it goes unused, with an answer of its own and no second application', async () => {
    const { world, leader, followers } = await startCluster(1, THREE, SHORT)
    const session = await world.finish(raftOf(followers[0]).session())
    await world.finish(session.propose({ add: 1 }))
    await pass(world, leader, 800)
    expect((await world.finish(session.propose({ add: 1 }))).value).toBe(2)
    await pass(world, leader, 1300)
    await expect(world.finish(session.propose({ add: 1 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_SESSION_EXPIRED', outcome: 'rejected', retryable: false },
    })
    const same = await world.finish(raftOf(leader).session({ id: session.id }))
    await expect(world.finish(same.propose({ add: 1 }, { number: 2 }))).rejects.toMatchObject({
      // It was applied, by a call that this one knows nothing of.
      ...{ code: 'RAFT_SESSION_EXPIRED', outcome: 'unknown' },
    })
    expect((await world.finish(raftOf(leader).propose({ add: 0 }))).value).toBe(2)
  })

  it('takes nothing once it was closed', async () => {
    const { world, followers } = await startCluster(1, THREE)
    const session = await world.finish(raftOf(followers[0]).session())
    await world.finish(session.close())
    await world.finish(session.close())
    await expect(world.finish(session.propose({ add: 1 }))).rejects.toMatchObject({
      code: 'RAFT_SESSION_EXPIRED',
    })
  })

  it('that was unused longest makes room when all results weigh too much', async () => {
    const { world, leader } = await startCluster(1, THREE, { sessions: { maxRememberedBytes: 1024 } })
    const old = await world.finish(raftOf(leader).session())
    const used = await world.finish(raftOf(leader).session())
    for (let number = 1; number <= 20; number++) {
      const same = await world.finish(raftOf(leader).session({ id: used.id }))
      const propose = same.propose({ add: 1 }, { number, oldest: Math.max(1, number - 3) })
      expect((await world.finish(propose)).value).toBe(number)
    }
    expect((await world.finish(old.propose({ add: 0 }))).value).toBe(20)
    // Nothing is acknowledged any more, so it fills up: the other one has to go, and then this one.
    const greedy = await world.finish(raftOf(leader).session())
    for (let number = 1; number <= 13; number++) {
      const same = await world.finish(raftOf(leader).session({ id: greedy.id }))
      await world.finish(same.propose({ add: 0 }, { number }))
    }
    await expect(world.finish(old.propose({ add: 1 }))).rejects.toMatchObject({
      code: 'RAFT_SESSION_EXPIRED',
    })
  })

  it('needs all members up when it is the first, and no later one does', async () => {
    const { world, leader, followers } = await startCluster(1, THREE)
    const away = followers[0]?.id ?? ''
    world.network.partition([[away], THREE.filter((id) => id !== away)])
    await expect(world.finish(raftOf(leader).session({ timeoutMs: 500 }))).rejects.toMatchObject({
      ...{ code: 'RAFT_NOT_UPGRADED', outcome: 'rejected', retryable: true },
    })
    expect((await world.finish(raftOf(leader).propose({ add: 1 }, { idempotencyKey: 'k' }))).value).toBe(1)
    world.network.heal()
    await world.finish(raftOf(leader).session({ timeoutMs: 30_000 }))
    world.network.partition([[away], THREE.filter((id) => id !== away)])
    await world.finish(raftOf(leader).session())
  })
})

describe('log time', () => {
  it('is what ends idempotency keys, and a key that ended is new again', async () => {
    const { world, leader } = await startCluster(1, THREE, SHORT)
    const propose = () => world.finish(raftOf(leader).propose({ add: 1 }, { idempotencyKey: 'k' }))
    await world.run(500)
    expect((await propose()).value).toBe(1)
    await pass(world, leader, 700)
    expect((await propose()).value).toBe(1)
    await pass(world, leader, 700)
    expect((await propose()).value).toBe(2)
  })

  it('is told to machines, the same everywhere, and goes on under the next leader', async () => {
    const seen = new Map<string, string[]>()
    const { world, leader, followers } = await startCluster(1, THREE, {}, (id) => {
      const machine = new TimedRegister()
      seen.set(id, machine.times)
      return { machine }
    })
    await world.run(500)
    const times = (): number[] => (seen.get(leader.id) ?? []).map((line) => Number(line.split(' ')[2]))
    await world.finish(raftOf(leader).propose({ add: 1 }))
    await world.run(1000)
    await world.finish(raftOf(leader).propose({ add: 1 }))
    const [first = 0, second = 0] = times()
    expect(second - first).toBeGreaterThanOrEqual(990)
    expect(second - first).toBeLessThan(1100)
    await world.finish(raftOf(leader).transferLeadership())
    await world.run(1000)
    await world.finish(raftOf(followers[0]).propose({ add: 1 }))
    await world.run(200)
    const third = times()[2] ?? 0
    expect(third - second).toBeGreaterThanOrEqual(990)
    expect(third - second).toBeLessThan(1500)
    expect(new Set(THREE.map((id) => seen.get(id)?.join())).size).toBe(1)
  })

  it('costs nothing where nothing needs it', async () => {
    const { world, leader } = await startCluster(1, THREE)
    for (let count = 1; count <= 20; count++) {
      await world.run(100)
      await world.finish(raftOf(leader).propose({ add: 1 }))
    }
    expect(raftOf(leader).status().lastIndex).toBe(21)
  })
})
