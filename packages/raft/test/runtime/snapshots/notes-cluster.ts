import type { ObservedEvent } from '@colony/host'
import { createWorld, type SimulatedNode, type World, type WorldOptions } from '@colony/testing'
import {
  createRaft,
  logStorage,
  memoryStorage,
  type Raft,
  type RaftOptions,
  type RaftStorage,
} from '../../../src/index.ts'
import { RaftNode } from '../../../src/runtime/raft-node.ts'
import type { RaftCore } from '../../../src/core/raft-core.ts'
import { Notes } from './notes.ts'

export type NotesNode = SimulatedNode<Raft<Notes>>

/** A cluster of machines that make and take snapshots, and what its nodes told their observers. */
export class NotesCluster {
  readonly world: World<Raft<Notes>>
  readonly events: ObservedEvent[] = []
  /** The machine of each node's present life. */
  readonly machines = new Map<string, Notes>()

  constructor(
    ids: readonly string[],
    options: Partial<RaftOptions<Notes>> = {},
    world: Partial<WorldOptions<Raft<Notes>>> & { readonly disks?: boolean } = {},
    prepare: (machine: Notes, id: string) => void = () => undefined,
  ) {
    const storages = new Map(ids.map((id) => [id, memoryStorage()]))
    const { disks = false, ...rest } = world
    this.world = createWorld<Raft<Notes>>({
      seed: 1,
      nodes: ids,
      observer: (event) => this.events.push(event),
      ...rest,
      boot: ({ id, host, disk }) => {
        const machine = new Notes()
        this.machines.set(id, machine)
        prepare(machine, id)
        const random = host.random.fork('log')
        const onDisk = (): RaftStorage => logStorage({ disk, directory: 'raft', segmentBytes: 8192, random })
        const storage = disks ? onDisk() : (storages.get(id) ?? memoryStorage())
        return createRaft({ id, members: ids, host, storage, machine, ...options })
      },
    })
  }

  /** Boots all and waits for a leader. */
  async start(): Promise<NotesNode> {
    await this.world.booted()
    return await this.elected()
  }

  /** Waits until somebody of the latest term leads whom a majority follows. */
  async elected(): Promise<NotesNode> {
    await this.world.runUntil(() => this.leader() !== undefined)
    const leader = this.leader()
    if (leader === undefined) throw new Error('nobody leads')
    return leader
  }

  leader(): NotesNode | undefined {
    const up = this.world.nodes.filter(({ state, service }) => state === 'up' && service !== undefined)
    const term = Math.max(...up.map(({ service }) => service?.status().term ?? 0))
    return up.find(({ service }) => service?.status().role === 'leader' && service.status().term === term)
  }

  node(id: string): NotesNode {
    return this.world.node(id)
  }

  raft(id: string): Raft<Notes> {
    const { service } = this.node(id)
    if (service === undefined) throw new Error(`${id} is not up`)
    return service
  }

  core(id: string): RaftCore {
    const raft = this.raft(id)
    if (!(raft instanceof RaftNode)) throw new Error('no node')
    return raft.core
  }

  machine(id: string): Notes {
    const machine = this.machines.get(id)
    if (machine === undefined) throw new Error(`${id} has no machine`)
    return machine
  }

  /** Proposes notes one after the other on the leader. */
  async add(count: number, from = 0, bytes = 0): Promise<void> {
    const { id } = await this.elected()
    const all = Array.from({ length: count }, (_, at) =>
      this.raft(id).propose({ text: `n${from + at}`, bytes }),
    )
    await this.world.finish(Promise.all(all))
  }

  /** Waits until all nodes that run have the same notes. */
  async agree(withinMs = 60_000): Promise<void> {
    const up = (): NotesNode[] => this.world.nodes.filter(({ state }) => state === 'up')
    const indexes = (): Set<number> =>
      new Set(up().map(({ service }) => service?.status().appliedIndex ?? -1))
    const last = this.leader()?.service?.status().lastIndex
    await this.world.runUntil(
      () =>
        indexes().size === 1 && !indexes().has(-1) && (last === undefined || Math.min(...indexes()) >= last),
      { withinMs },
    )
    const texts = new Set(up().map(({ id }) => JSON.stringify(this.machine(id).notes)))
    if (texts.size !== 1)
      throw new Error(`the machines differ: ${[...texts].map((text) => text.length).join(', ')}`)
  }

  /** Events of a type, at a node. */
  seen(type: string, node?: string): ObservedEvent[] {
    return this.events.filter((event) => event.type === type && (node === undefined || event.node === node))
  }
}
