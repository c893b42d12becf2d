import { createRaft, memoryStorage, type Raft, type RaftOptions } from '@colony/raft'
import { createWorld, type SimulatedNode, type World } from '@colony/testing'
import { createLocks, type LockBackend, type Locks } from '../../src/index.ts'
import {
  lockTable,
  type LockStateMachine,
  raftBackend,
  type RaftBackendOptions,
  type RaftCapabilities,
} from '../../src/raft/index.ts'

/** What runs on one node. */
export interface LockNode {
  readonly raft: Raft<LockStateMachine>
  readonly backend: LockBackend<RaftCapabilities>
  readonly locks: Locks<RaftCapabilities>
}

export type Node = SimulatedNode<LockNode>

export interface GroupOptions {
  readonly ids?: readonly string[]
  readonly raft?: Partial<RaftOptions<LockStateMachine>>
  readonly backend?: RaftBackendOptions
}

export interface SimulatedGroup {
  readonly world: World<LockNode>
  /** Who leads now. */
  leader(): Node
  /** Everybody else. */
  followers(): readonly Node[]
}

/** A group on simulated hosts that has its leader. Nodes must not crash: their storage is memory. */
export async function startGroup(seed: number, options: GroupOptions = {}): Promise<SimulatedGroup> {
  const { ids = ['a', 'b', 'c'] } = options
  const world = createWorld<LockNode>({
    seed,
    nodes: ids,
    boot: async ({ id, host }) => {
      const raft = await createRaft({
        ...{ id, members: ids, host, storage: memoryStorage(), machine: lockTable() },
        ...options.raft,
      })
      const { clock, random } = host
      const backend = raftBackend(raft, { clock, random: random.fork('lock'), ...options.backend })
      return { raft, backend, locks: createLocks(backend, { clock, random: random.fork('locks') }) }
    },
  })
  await world.booted()
  await world.runUntil(() => world.nodes.some(leads))
  await world.runUntil(() =>
    world.nodes.every(({ service }) => (service?.raft.status().commitIndex ?? 0) > 0),
  )
  const leader = (): Node => {
    const node = world.nodes.find(leads)
    if (node === undefined) throw new Error('nobody leads')
    return node
  }
  return { world, leader, followers: () => world.nodes.filter((node) => node !== leader()) }
}

/** What runs on a node that is up. */
export function on(node: Node | undefined): LockNode {
  if (node?.service === undefined) throw new Error('the node is not up')
  return node.service
}

function leads({ service, state }: Node): boolean {
  return state === 'up' && service?.raft.status().role === 'leader'
}
