import type { NodeId } from '@colony/host'
import type { Scenario, SimulationRun, World } from '@colony/testing'
import type { Raft, RaftGroups } from '../../../src/index.ts'
import { RaftNode } from '../../../src/runtime/raft-node.ts'
import type { KvMachine } from '../kv-machine.ts'
import { RaftRun, type Service } from '../raft-run.ts'

/** What runs on each node. */
export interface GroupsService {
  readonly groups: RaftGroups
  readonly rafts: ReadonlyMap<string, Raft<KvMachine>>
}

/** A run of the suite. */
export type GroupsSimulation = SimulationRun<GroupsService, GroupsRun>

/** The groups; each has keys of its own. */
export const GROUPS: readonly string[] = ['orders', 'users', 'ärger']

/** What all seeds together must reach. */
export const GROUPS_SOMETIMES = [
  'a group went quiet',
  'all groups were quiet',
  'a quiet group woke for a command',
  'a quiet group woke because the node of its leader died',
  'a quiet group survived a restart',
  'members of a group were changed',
] as const

/** What a group was when it was last looked at. */
interface Before {
  wasQuiet: boolean
  leader: NodeId | undefined
  lastIndex: number
}

/** What the suite remembers of a run: for every group what the suite of one group does, with all of its rules; and when they are quiet. */
export class GroupsRun {
  readonly runs: ReadonlyMap<string, RaftRun>
  readonly #world: World<GroupsService>
  readonly #before = new Map<string, Before>()
  /** Members as they are made: one that waits for those of other groups takes part already. */
  readonly #rafts = new Map<NodeId, Map<string, Service>>()
  readonly #quietBeforeRestart = new Set<string>()
  #run: GroupsSimulation | undefined

  /** `only`: with the model of Raft in place of all other rules. */
  constructor(scenario: Scenario, world: World<GroupsService>, only?: 'model') {
    this.#world = world
    this.runs = new Map(GROUPS.map((group) => [group, new RaftRun(scenario, this.#viewOf(group), only)]))
  }

  /** What is known of one group. */
  of(group: string): RaftRun {
    const run = this.runs.get(group)
    if (run === undefined) throw new Error(`there is no group ${group}`)
    return run
  }

  /** A node begins a new life. */
  onBoot(run: GroupsSimulation, node: NodeId): void {
    this.#run = run
    this.#rafts.set(node, new Map())
    for (const group of GROUPS) {
      if (this.#before.get(`${group} ${node}`)?.wasQuiet === true)
        this.#quietBeforeRestart.add(`${group} ${node}`)
      this.#before.delete(`${group} ${node}`)
    }
    for (const one of this.runs.values()) one.onBoot(run as unknown as Parameters<RaftRun['onBoot']>[0], node)
  }

  /** A member was made, in the life that began last. */
  onCreated(node: NodeId, group: string, raft: Service): void {
    this.#rafts.get(node)?.set(group, raft)
  }

  /** What clients did, in the order in which it took effect: group by group, whose keys are their own. */
  order(): readonly number[] {
    return GROUPS.flatMap((group) => this.of(group).order())
  }

  /** Looks at every core after an event. */
  look(): void {
    for (const run of this.runs.values()) run.look()
    let quiet = 0
    let open = 0
    for (const { id, service, state } of this.#world.nodes) {
      for (const [group, raft] of service?.rafts ?? []) {
        if (state !== 'up' || !(raft instanceof RaftNode)) continue
        open++
        if (raft.core.quiet) quiet++
        this.#lookAt(group, id, raft.core)
      }
    }
    if (open > 0 && quiet === open && open === GROUPS.length * this.#world.nodes.length) {
      this.#run?.sometimes('all groups were quiet')
    }
  }

  #lookAt(group: string, node: NodeId, core: RaftNode<KvMachine>['core']): void {
    const key = `${group} ${node}`
    const before = this.#before.get(key)
    const { quiet, leader, lastIndex } = core
    if (before?.wasQuiet === quiet && before.leader === leader && before.lastIndex === lastIndex) return
    if (quiet) this.#run?.sometimes('a group went quiet')
    if (quiet && this.#quietBeforeRestart.delete(key))
      this.#run?.sometimes('a quiet group survived a restart')
    if (before?.wasQuiet === true && !quiet) {
      if (core.role === 'leader' && lastIndex > before.lastIndex)
        this.#run?.sometimes('a quiet group woke for a command')
      const led = before.leader
      if (led !== undefined && led !== node && this.#world.node(led).state === 'down')
        this.#run?.sometimes('a quiet group woke because the node of its leader died')
    }
    this.#before.set(key, { wasQuiet: quiet, leader, lastIndex })
  }

  /** The world as one group's run sees it: each node runs that group alone. Faults that look for a leader look at the first group. */
  #viewOf(group: string): World<Service> {
    const world = this.#world
    const rafts = this.#rafts
    const view = {
      get now() {
        return world.now
      },
      get nodes() {
        return world.nodes.map(({ id, state }) => {
          return { id, service: state === 'down' ? undefined : rafts.get(id)?.get(group) }
        })
      },
      node: (id: NodeId) => world.node(id),
      reach: (point: string, node: NodeId) => world.reach(point, node),
      role: (node: NodeId, role: string, term: number) => {
        if (group === GROUPS[0]) world.role(node, role, term)
      },
    }
    return view as unknown as World<Service>
  }
}
