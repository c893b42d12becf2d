import type { Clock } from '@colony/host'
import { createMemoryNetwork } from '@colony/host/memory'
import { describe, expect, it } from 'vitest'
import {
  createRaft,
  memoryStorage,
  type Raft,
  type RaftOptions,
  type RaftStorage,
  type ReadConsistency,
} from '../../src/index.ts'
import { LoopShare } from '../../src/runtime/loop-share.ts'
import { Register } from './simulated.ts'

/** How long a look at the clock takes here: what happens in between happens in no time. */
const LOOK_MS = 0.002
/** What runs in continuations before the loop turns, when nothing stops it: as good as for ever. */
const CONTINUATIONS = 20_000
/** Far below a heartbeat interval. */
const LONGEST_TURN_MS = 20

/** An event loop that turns when the test lets it, in a process where time passes as it is looked at. */
class BusyLoop implements Clock {
  #now = 0
  #timers: { readonly at: number; readonly task: () => void }[] = []
  #tasks: (() => void)[] = []

  now(): number {
    return (this.#now += LOOK_MS)
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.#now + delayMs, task }
    this.#timers.push(timer)
    return { [Symbol.dispose]: () => (this.#timers = this.#timers.filter((other) => other !== timer)) }
  }

  afterInput(task: () => void): void {
    this.#tasks.push(task)
  }

  /** One turn: expired timers, then what waited for input, and what continues each of them. */
  async turn(): Promise<void> {
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { task } of due) task()
    for (const task of this.#tasks.splice(0)) task()
    await continuations(100)
  }

  /** Time passes with nothing else to do. */
  async idle(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed++) {
      this.#now++
      await this.turn()
    }
  }
}

async function continuations(count: number): Promise<void> {
  for (let done = 0; done < count; done++) await Promise.resolve()
}

/** A lone voter, or one of two whose other half is away, in such a process. */
async function startNode(
  loop: BusyLoop,
  options: Partial<RaftOptions<Register>> = {},
): Promise<Raft<Register>> {
  const host = createMemoryNetwork({ clock: loop }).host({ clock: loop })
  const raft = await createRaft({
    ...{
      id: 'a',
      members: ['a'],
      host,
      storage: memoryStorage(),
      machine: new Register(),
      maxClockDrift: 0.1,
    },
    ...options,
  })
  await loop.idle(1000)
  return raft
}

/** Makes each call in the continuation of the one before, and tells how long that went on without a turn of the loop, and how many calls ended. */
async function flood(loop: BusyLoop, call: () => Promise<unknown>): Promise<{ ms: number; ended: number }> {
  const from = loop.now()
  let endedAt = from
  let ended = 0
  const floodOn = async (): Promise<void> => {
    while (endedAt - from < 10 * LONGEST_TURN_MS) {
      await Promise.allSettled([call()])
      endedAt = loop.now()
      ended++
    }
  }
  void floodOn()
  await continuations(CONTINUATIONS)
  return { ms: endedAt - from, ended }
}

/** A storage that never finishes a write after the first ones. */
function stuckStorage(): { readonly storage: RaftStorage; stick(): void } {
  const storage = memoryStorage()
  const persist = storage.persist.bind(storage)
  let stuck = false
  storage.persist = (record) => (stuck ? new Promise<void>(() => {}) : persist(record))
  return { storage, stick: () => (stuck = true) }
}

describe('calls in the continuation of each other let the event loop turn', () => {
  const expectTurns = async (loop: BusyLoop, call: () => Promise<unknown>): Promise<void> => {
    for (let turns = 0; turns < 3; turns++) {
      const { ms, ended } = await flood(loop, call)
      expect(ms).toBeLessThan(LONGEST_TURN_MS)
      expect(ended).toBeGreaterThan(50)
      // What waits goes on with the next turn, and leaves nothing of the flood behind.
      await loop.turn()
      await loop.turn()
    }
  }

  it.each<ReadConsistency>(['linearizable', 'lease', 'bounded', 'local'])('%s reads', async (consistency) => {
    const loop = new BusyLoop()
    const raft = await startNode(loop)
    const options = consistency === 'bounded' ? { consistency, maxStalenessMs: 1000 } : { consistency }
    expect(raft.status().role).toBe('leader')
    await expectTurns(loop, () => raft.read(({ value }) => value, options))
  })

  it('proposals of a lone voter whose storage is memory', async () => {
    const loop = new BusyLoop()
    const raft = await startNode(loop)
    await expectTurns(loop, () => raft.propose({ add: 1 }))
    expect(raft.metrics().proposals.applied).toBeGreaterThan(100)
  })

  it('proposals that are refused for want of room', async () => {
    const loop = new BusyLoop()
    const { storage, stick } = stuckStorage()
    const raft = await startNode(loop, { storage, maxPendingProposals: 1, proposalTimeoutMs: 60_000 })
    stick()
    raft.propose({ add: 1 }).catch(() => {})
    await expect(raft.propose({ add: 1 })).rejects.toMatchObject({ code: 'RAFT_OVERLOADED' })
    await expectTurns(loop, () => raft.propose({ add: 1 }))
  })

  it('reads that are refused for want of room', async () => {
    const loop = new BusyLoop()
    const raft = await startNode(loop, {
      ...{ members: ['a', 'b'], maxPendingProposals: 1, proposalTimeoutMs: 60_000 },
    })
    raft.read(({ value }) => value).catch(() => {})
    await expect(raft.read(({ value }) => value)).rejects.toMatchObject({ code: 'RAFT_OVERLOADED' })
    await expectTurns(loop, () => raft.read(({ value }) => value))
  })

  it('and so do very many callers at once, who go on in the order in which they came', async () => {
    const loop = new BusyLoop()
    const share = new LoopShare(loop)
    const went: number[] = []
    for (let caller = 0; caller < 20_000; caller++) {
      share.run(() => {
        loop.now()
        went.push(caller)
      })
    }
    for (let turns = 0; went.length < 20_000; turns++) {
      expect(turns).toBeLessThan(1000)
      const from = loop.now()
      await loop.turn()
      expect(loop.now() - from).toBeLessThan(LONGEST_TURN_MS)
    }
    expect(went).toEqual(went.toSorted((left, right) => left - right))
  })
})
