import { createWorld, type SimulatedNode, type World } from '@colony/testing'
import {
  createRaftGroups,
  groupLogStorage,
  type Raft,
  type RaftGroups,
  type RaftGroupsOptions,
} from '../../../src/index.ts'
import { Register } from '../simulated.ts'

export const THREE: readonly string[] = ['a', 'b', 'c']

/** One node with its groups. */
export interface GroupsService {
  readonly groups: RaftGroups
  readonly rafts: ReadonlyMap<string, Raft<Register>>
}

export type GroupsWorld = World<GroupsService>

/** Names of `count` groups. */
export function groupNames(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `group ${at}`)
}

/** A world of three nodes with the same groups, all on simulated disks, in which every group has a leader. */
export async function startGroups(
  seed: number,
  names: readonly string[],
  options: Partial<RaftGroupsOptions> = {},
): Promise<GroupsWorld> {
  const world = createWorld<GroupsService>({
    ...{ seed, nodes: THREE },
    boot: async ({ id, host, disk }) => {
      const storage = groupLogStorage({
        disk,
        directory: '/raft',
        segmentBytes: 65_536,
        random: host.random.fork('log'),
      })
      const groups = await createRaftGroups({ id, host, storage, ...options })
      const create = async (group: string): Promise<[string, Raft<Register>]> => [
        group,
        await groups.create({ group, members: THREE, machine: new Register() }),
      ]
      return { groups, rafts: new Map(await Promise.all(names.map(create))) }
    },
  })
  await world.booted()
  await world.runUntil(() => names.every((name) => leaderOf(world, name) !== undefined))
  return world
}

/** This node's member of a group. */
export function raftOf(node: SimulatedNode<GroupsService>, name: string): Raft<Register> {
  const raft = node.service?.rafts.get(name)
  if (raft === undefined) throw new Error(`${node.id} has no group ${name}`)
  return raft
}

/** The node that leads a group. */
export function leaderOf(world: GroupsWorld, name: string): SimulatedNode<GroupsService> | undefined {
  return world.nodes.find(
    ({ state, service }) => state === 'up' && service?.rafts.get(name)?.status().role === 'leader',
  )
}

/** How many groups of a node are quiet. */
export function quietOn(node: SimulatedNode<GroupsService>): number {
  return node.service?.groups.metrics().quietGroups ?? -1
}

/** Runs until every group is quiet at every node that is up. */
export async function untilQuiet(world: GroupsWorld, count: number): Promise<void> {
  await world.runUntil(() => world.nodes.every((node) => node.state !== 'up' || quietOn(node) === count), {
    withinMs: 20_000,
  })
}
