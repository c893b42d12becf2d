import type { ObservedEvent } from '@colony/host'
import { createWorld, type World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { createRaft, logStorage, memoryStorage, type Raft, type RaftOptions } from '../../src/index.ts'
import { raftOf, Register } from './simulated.ts'

const THREE = ['a', 'b', 'c']
type TestWorld = World<Raft<Register>>

interface Told {
  readonly world: TestWorld
  readonly told: (type: string) => ObservedEvent[]
}

/** Three founders on file logs, and what they told of what this is about. */
function create(seed: number, options: Partial<RaftOptions<Register>>): Told {
  const events: ObservedEvent[] = []
  const world = createWorld<Raft<Register>>({
    seed,
    nodes: THREE,
    observer: (event) => void events.push(event),
    boot: ({ id, host, disk }) => {
      const storage = logStorage({
        disk,
        directory: 'raft',
        segmentBytes: 8192,
        random: host.random.fork('log'),
      })
      return createRaft({ id, host, members: THREE, storage, machine: new RestorableRegister(), ...options })
    },
  })
  return { world, told: (type) => events.filter((event) => event.type === type) }
}

/** The same, once they have founded their group. */
async function start(seed: number, options: Partial<RaftOptions<Register>> = {}): Promise<Told> {
  const { world, told } = create(seed, options)
  await world.booted()
  await world.runUntil(() => THREE.every((id) => (world.node(id).service?.status().commitIndex ?? 0) > 0))
  return { world, told }
}

class RestorableRegister extends Register {
  *snapshot(): Iterable<Uint8Array> {
    yield new TextEncoder().encode(String(this.value))
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let text = ''
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk)
    this.value = Number(text)
  }
}

function raft(world: TestWorld, id: string): Raft<Register> {
  return raftOf(world.node(id))
}

async function wipe(world: TestWorld, id: string): Promise<void> {
  world.node(id).wipe()
  world.node(id).restart()
  await world.runUntil(() => world.node(id).booted)
}

async function add(world: TestWorld, id: string, value: number): Promise<unknown> {
  return (await world.finish(raft(world, id).propose({ add: value }))).value
}

describe('a wiped node', () => {
  it('is recognised, told of, and brought back as a learner and a voter', async () => {
    const { world, told } = await start(1)
    await add(world, 'a', 5)
    await wipe(world, 'b')
    await world.runUntil(() =>
      told('raft.members').some(({ learners }) => String(learners as string[]) === 'b'),
    )
    await world.runUntil(() => raft(world, 'b').status().membership === 'voter', { withinMs: 5000 })
    await world.runUntil(() => raft(world, 'a').members.list().goal === undefined, { withinMs: 5000 })
    expect(raft(world, 'a').members.list()).toMatchObject({ voters: THREE, learners: [], outgoing: [] })
    expect(told('raft.wiped-node')).toMatchObject([{ level: 'warn', node: 'a', wiped: 'b' }])
    expect(raft(world, 'a').metrics().wipedNodes).toBe(1)
    // It is as good as before: with c alone it goes on.
    world.node('a').crash({ power: false })
    await world.runUntil(() => ['b', 'c'].some((id) => raft(world, id).status().role === 'leader'))
    expect(await add(world, 'b', 1)).toBe(6)
  })

  it('stays out where it is refused, says what it is, and is added by hand', async () => {
    const { world, told } = await start(2, { wipedNodes: 'refuse' })
    await add(world, 'a', 5)
    await wipe(world, 'b')
    await world.run(3000)
    expect(raft(world, 'b').status().membership).toBe('wiped')
    expect(raft(world, 'a').members.list()).toMatchObject({ voters: THREE, learners: [] })
    expect(told('raft.wiped-node')).toHaveLength(1)
    await world.finish(raft(world, 'a').members.remove('b'))
    await world.finish(raft(world, 'a').members.add('b'))
    await world.runUntil(() => raft(world, 'b').status().membership === 'voter')
    expect(await add(world, 'b', 1)).toBe(6)
  })

  it('and another: nobody can be elected, nothing is done, and that is said', async () => {
    const { world, told } = await start(3)
    await add(world, 'a', 5)
    world.node('a').crash({ power: false })
    for (const id of ['b', 'c']) await wipe(world, id)
    world.node('a').restart()
    await world.run(5000)
    expect(world.nodes.map(({ service }) => service?.status().role)).not.toContain('leader')
    expect(raft(world, 'a').status().lastIndex).toBeGreaterThan(1)
    expect(told('raft.quorum-wiped')).toMatchObject([{ level: 'error', node: 'a', voters: THREE }])
  })

  it('is one whose memory storage went with its process: another storage is other data', async () => {
    const [first, second] = [memoryStorage(), memoryStorage()]
    const identity = { clusterId: 'c', group: 'g', nodeId: 'n', voters: ['n'] }
    expect((await first.open({ ...identity, incarnation: 11 })).incarnation).toBe(11)
    await first.close()
    expect((await first.open({ ...identity, incarnation: 12 })).incarnation).toBe(11)
    expect((await second.open({ ...identity, incarnation: 12 })).incarnation).toBe(12)
  })
})

/** Three founders, of whom c is not there. */
function startWithout(seed: number, options: Partial<RaftOptions<Register>>): Told {
  const { world, told } = create(seed, options)
  world.node('c').crash({ power: false })
  return { world, told }
}

describe('a group that lacks a founder', () => {
  it('waits for it, is founded without it, says so, and recognises it ever after it has come', async () => {
    const { world, told } = startWithout(5, {})
    await world.runUntil(() => ['a', 'b'].some((id) => world.node(id).service?.status().role === 'leader'), {
      withinMs: 6000,
    })
    expect(await add(world, 'b', 1)).toBe(1)
    expect(told('raft.founder-missing')).toMatchObject([{ level: 'warn', founders: THREE, missing: ['c'] }])
    world.node('c').restart()
    await world.runUntil(() => world.node('c').booted)
    expect(await add(world, 'c', 1)).toBe(2)
    await wipe(world, 'c')
    await world.runUntil(() => told('raft.wiped-node').some(({ wiped }) => wiped === 'c'))
  })

  it('is not founded where all are to be waited for, and says so', async () => {
    const { world, told } = startWithout(5, { foundingPatience: Infinity })
    await world.run(8000)
    expect(told('raft.founding-waits')).toMatchObject([
      { level: 'warn', founders: THREE },
      { level: 'warn', founders: THREE },
    ])
    world.node('c').restart()
    await world.runUntil(() => world.nodes.some(({ service }) => service?.status().role === 'leader'))
  })
})

describe('a removed node', () => {
  it('that comes back with old data is told so, by another leader, when only a snapshot knows of it', async () => {
    const { world } = await start(6, { snapshots: { everyEntries: 1_000_000, keepEntries: 0 } })
    world.node('c').crash({ power: false })
    await world.finish(raft(world, 'a').members.remove('c'))
    for (let value = 0; value < 5; value++) await add(world, 'a', 1)
    await world.finish(raft(world, 'a').transferLeadership('b'))
    for (const id of ['a', 'b']) {
      await world.finish(raft(world, id).snapshot())
      world.node(id).crash({ power: false })
      world.node(id).restart()
    }
    await world.run(2000)
    world.node('c').restart()
    await world.runUntil(() => world.node('c').booted)
    const removed: number[] = []
    raft(world, 'c').on('removed', ({ index }) => removed.push(index))
    await world.runUntil(() => removed.length > 0)
    expect(raft(world, 'c').status().membership).toBe('removed')
    // Not the snapshot: a notice is enough.
    expect(raft(world, 'c').status().commitIndex).toBeLessThan(3)
    await world.finish(raft(world, 'b').members.add('c'))
    await world.runUntil(() => raft(world, 'c').status().membership === 'voter')
    expect(await add(world, 'c', 1)).toBe(6)
  })
})
