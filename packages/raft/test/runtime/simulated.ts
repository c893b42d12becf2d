import type { ObservedEvent } from '@colony/host'
import { createWorld, type SimulatedNode, type World } from '@colony/testing'
import { createRaft, memoryStorage, type Raft, type RaftOptions, type StateMachine } from '../../src/index.ts'

export type Command = { readonly add: number } | { readonly fail: true } | { readonly big: string }

/** A register that adds, for tests of the driver in simulated time. */
export class Register implements StateMachine<Command, unknown> {
  value = 0

  apply(command: Command): unknown {
    if ('fail' in command) throw new Error('this machine fails')
    if ('add' in command) this.value += command.add
    return this.value
  }
}

export type Node = SimulatedNode<Raft<Register>>

/** A world with a cluster that has elected its leader. Nodes must not crash: their storage is memory. */
export async function startCluster(
  seed: number,
  ids: readonly string[],
  options: Partial<RaftOptions<Register>> = {},
  optionsOf: (id: string) => Partial<RaftOptions<Register>> = () => ({}),
  observer?: (event: ObservedEvent) => void,
): Promise<{ world: World<Raft<Register>>; leader: Node; followers: readonly Node[] }> {
  const world = createWorld<Raft<Register>>({
    seed,
    nodes: ids,
    ...(observer && { observer }),
    boot: ({ id, host }) =>
      createRaft({
        ...{ id, members: ids, host, storage: memoryStorage(), machine: new Register() },
        ...options,
        ...optionsOf(id),
      }),
  })
  await world.booted()
  const isLeader = ({ service }: Node): boolean => service?.status().role === 'leader'
  await world.runUntil(() => world.nodes.some(isLeader))
  // Founded: before the first commit a leader that is lost is waited for.
  await world.runUntil(() => world.nodes.every(({ service }) => (service?.status().commitIndex ?? 0) > 0))
  const leader = world.nodes.find(isLeader)
  if (leader === undefined) throw new Error('nobody leads')
  return { world, leader, followers: world.nodes.filter((node) => node !== leader) }
}

/** The service of a node that is up. */
export function raftOf(node: Node | undefined): Raft<Register> {
  if (node?.service === undefined) throw new Error('the node is not up')
  return node.service
}
