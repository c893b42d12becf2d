import { createWorld, type SimulatedNode, type World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { createRaft, logStorage, type Raft } from '../../src/index.ts'
import { ListMachine } from '../fixtures/list-machine.ts'
import { format1Host, format1Storage } from './format-1-host.ts'

type Service = Raft<ListMachine>
type Node = SimulatedNode<Service>

const THREE = ['a', 'b', 'c']

/** A group of which some nodes are of format 1, until they are started again without being named in `former`. */
async function startMixed(seed: number, former: Set<string>) {
  const fatal: string[] = []
  const items = new Map<string, ListMachine>()
  const world = createWorld<Service>({
    seed,
    nodes: [...THREE, 'd'],
    boot: ({ id, host, disk }) => {
      const machine = new ListMachine()
      items.set(id, machine)
      const storage = logStorage({
        disk,
        directory: 'raft',
        segmentBytes: 8192,
        random: host.random.fork('log'),
      })
      const onFatal = (from: string): number => fatal.push(`${id} got what it can't survive from ${from}`)
      return createRaft({
        ...{ id, members: THREE, join: id === 'd', machine },
        storage: former.has(id) ? format1Storage(storage) : storage,
        host: former.has(id) ? format1Host(host, onFatal) : host,
        snapshots: { everyEntries: 1_000_000, keepEntries: 0 },
      })
    },
  })
  await world.booted()
  await settled(world, THREE)
  return { world, fatal, items }
}

function raftOf({ id, service }: Node): Service {
  if (service === undefined) throw new Error(`${id} is not up`)
  return service
}

/** Waits until these have a leader among them and have applied the same. */
async function settled(world: World<Service>, ids: readonly string[]): Promise<void> {
  const status = (id: string) => world.node(id).service?.status()
  await world.runUntil(
    () => {
      const leader = ids.map((id) => status(id)).find((each) => each?.role === 'leader')
      return leader !== undefined && ids.every((id) => status(id)?.appliedIndex === leader.lastIndex)
    },
    { withinMs: 30_000 },
  )
}

async function add(world: World<Service>, id: string, item: string): Promise<void> {
  await world.finish(raftOf(world.node(id)).propose({ add: item }, { idempotencyKey: item }))
}

async function restart(world: World<Service>, id: string): Promise<void> {
  const node = world.node(id)
  node.crash({ power: false })
  await world.run(50)
  node.restart()
  await world.runUntil(() => node.service !== undefined)
}

describe('a rolling upgrade', () => {
  it('takes a node of the format before along: it follows, votes, leads, joins, and is upgraded', async () => {
    const former = new Set([...THREE, 'd'])
    const { world, fatal, items } = await startMixed(3, former)
    for (const id of ['a', 'b']) {
      former.delete(id)
      await restart(world, id)
      await settled(world, THREE)
    }
    const expected: string[] = []
    const write = async (id: string): Promise<void> => {
      expected.push(`${expected.length} by ${id}`)
      await add(world, id, expected.at(-1) ?? '')
    }
    for (const id of THREE) await write(id)

    // Nobody but it and one other is there: nothing is decided without its vote.
    world.network.partition([['b', 'c'], ['a']])
    await world.run(2000)
    for (const id of ['b', 'c']) await write(id)
    world.network.heal()
    await settled(world, THREE)

    if (raftOf(world.node('c')).status().role !== 'leader')
      await world.finish(raftOf(world.node('a')).transferLeadership('c'))
    for (const id of THREE) await write(id)
    expect(raftOf(world.node('c')).status().role).toBe('leader')

    // The log is cut, so that whoever joins needs a snapshot.
    await settled(world, THREE)
    for (const id of THREE) await world.finish(raftOf(world.node(id)).snapshot())
    await world.finish(raftOf(world.node('c')).members.add('d', 'sim:d'))
    await world.finish(raftOf(world.node('c')).transferLeadership('a'))
    for (const id of THREE) await world.finish(raftOf(world.node(id)).snapshot())
    await write('d')

    for (const id of ['a', 'c']) {
      await expect(world.finish(raftOf(world.node(id)).session({ timeoutMs: 1500 }))).rejects.toMatchObject({
        code: 'RAFT_NOT_UPGRADED',
      })
    }
    expect(fatal).toEqual([])

    for (const id of ['c', 'd']) {
      former.delete(id)
      await restart(world, id)
      await settled(world, [...THREE, 'd'])
    }
    const session = await world.finish(raftOf(world.node('d')).session())
    await world.finish(session.propose({ add: 'in a session' }))
    await settled(world, [...THREE, 'd'])
    for (const id of [...THREE, 'd']) expect(items.get(id)?.items).toEqual([...expected, 'in a session'])
  })

  it('goes through a whole group while clients write, and what is new works once the last node is there', async () => {
    const former = new Set(THREE)
    const { world, fatal, items } = await startMixed(4, former)
    const expected: string[] = []
    for (const upgraded of THREE) {
      for (let count = 0; count < 3; count++) {
        const item = `${expected.length} before ${upgraded}`
        expected.push(item)
        await add(world, THREE[count] ?? 'a', item)
      }
      former.delete(upgraded)
      await restart(world, upgraded)
      // Retried at another node by whoever had it in hand.
      await add(world, upgraded, expected.at(-1) ?? '')
      await settled(world, THREE)
    }
    expect(fatal).toEqual([])
    const { id } = await world.finish(raftOf(world.node('a')).session())
    const first = await world.finish(raftOf(world.node('b')).session({ id }))
    await world.finish(first.propose({ add: 'once' }, { number: 1 }))
    for (const node of THREE) await world.finish(raftOf(world.node(node)).snapshot())
    for (const node of THREE) await restart(world, node)
    const again = await world.finish(raftOf(world.node('c')).session({ id }))
    await world.finish(again.propose({ add: 'once' }, { number: 1 }))
    await settled(world, THREE)
    for (const node of THREE) expect(items.get(node)?.items).toEqual([...expected, 'once'])
  })
})
