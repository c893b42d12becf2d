import { createMemoryNetwork } from '@colony/host/memory'
import { nodeHost } from '@colony/host/node'
import type { Host } from '@colony/host'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRaft, memoryStorage, type Raft, type RaftStorage } from '../../src/index.ts'
import { Register } from './simulated.ts'

const IDS = ['a', 'b', 'c']

/** A group of three whose addresses are told by its hosts, over and over on the same storages. */
class Moving {
  readonly storages: ReadonlyMap<string, RaftStorage> = new Map(IDS.map((id) => [id, memoryStorage()]))
  readonly hosts = new Map<string, Host>()
  readonly nodes = new Map<string, Raft<Register>>()

  at(id: string): Raft<Register> {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`${id} does not run`)
    return node
  }

  async start(id: string, host: Host, members: Readonly<Record<string, string>>): Promise<void> {
    this.hosts.set(id, host)
    const storage = this.storages.get(id) ?? memoryStorage()
    this.nodes.set(id, await createRaft({ id, members, host, storage, machine: new Register() }))
  }

  async stop(id: string): Promise<void> {
    await this.nodes.get(id)?.close()
    this.nodes.delete(id)
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}

const moving: Moving[] = []
afterEach(async () => {
  for (const group of moving.splice(0)) for (const id of IDS) await group.stop(id)
})

function group(): Moving {
  const made = new Moving()
  moving.push(made)
  return made
}

function addresses(prefix: string): Record<string, string> {
  return Object.fromEntries(IDS.map((id) => [id, `${prefix} ${id}`]))
}

describe('addresses', () => {
  it('are written down when the group is founded, and a node that was started elsewhere says so', async () => {
    const network = createMemoryNetwork()
    const g = group()
    for (const id of IDS) await g.start(id, network.host(), addresses('old'))
    await g.at('a').propose({ add: 1 })
    expect(g.at('c').members.list().addresses).toEqual(new Map(Object.entries(addresses('old'))))
    await g.stop('b')
    await g.start('b', network.host(), { ...addresses('old'), b: 'new b' })
    await vi.waitFor(() => expect(g.at('c').members.list().addresses.get('b')).toBe('new b'), 5000)
    expect(g.hosts.get('a')?.addresses.get('b')).toBe('new b')
    // What is said of it later counts more than what it was started with.
    await g.at('a').members.add('b', 'newest b')
    await g.at('b').propose({ add: 1 })
    expect(g.at('b').members.list().addresses.get('b')).toBe('newest b')
  })

  it('can all change at once: those that a start is given count before those in the log', async () => {
    const network = createMemoryNetwork()
    const g = group()
    for (const id of IDS) await g.start(id, network.host(), addresses('old'))
    await g.at('a').propose({ add: 1 })
    for (const id of IDS) await g.stop(id)
    for (const id of IDS) await g.start(id, network.host(), addresses('new'))
    const told = (id: string): unknown => Object.fromEntries(g.at(id).members.list().addresses)
    await vi.waitFor(() => expect(IDS.map(told)).toEqual(IDS.map(() => addresses('new'))), 5000)
    expect(g.hosts.get('a')?.addresses.get('c')).toBe('new c')
    expect((await g.at('b').propose({ add: 1 })).value).toBe(2)
  })

  it('can all change at once over TCP', async () => {
    const g = group()
    const free = async (): Promise<Record<string, string>> => {
      const entries: [string, string][] = []
      for (const id of IDS) entries.push([id, `tcp://127.0.0.1:${await freePort()}`])
      return Object.fromEntries(entries)
    }
    const begin = async (members: Record<string, string>): Promise<void> => {
      const hosts = IDS.map((id) => {
        const port = Number(members[id]?.split(':').at(-1))
        return [id, nodeHost({ clusterId: 'moving', listen: { port, host: '127.0.0.1' } })] as const
      })
      await Promise.all(hosts.map(([id, host]) => g.start(id, host, members)))
    }
    const first = await free()
    await begin(first)
    await g.at('a').propose({ add: 1 })
    for (const id of IDS) await g.stop(id)
    const second = await free()
    await begin(second)
    expect((await g.at('c').propose({ add: 1 })).value).toBe(2)
    const told = (id: string): unknown => Object.fromEntries(g.at(id).members.list().addresses)
    await vi.waitFor(() => expect(IDS.map(told)).toEqual(IDS.map(() => second)), 5000)
  })
})
