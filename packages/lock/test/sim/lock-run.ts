import type { NodeId } from '@colony/host'
import type { Scenario, SimulatedNode, SimulationRun, World } from '@colony/testing'
import type { Capabilities, LockBackend, Locks } from '../../src/index.ts'
import type { BackendModel } from './backend-model.ts'
import { Believers } from './judge/believers.ts'
import type { MutexHold } from './judge/mutex-history.ts'
import { Tokens } from './judge/tokens.ts'
import type { ClientLink } from './links/client-links.ts'

/** The process of a client: what runs on its node. */
export interface ClientService {
  readonly backend: LockBackend
  readonly locks: Locks<Capabilities>
  readonly store: ClientLink
}

/** A run of the suite. Nodes that are no clients have no service. */
export type Run = SimulationRun<ClientService | undefined, LockRun>

/** The node to which holders write. */
export const STORE = 'store'

/** What the suite remembers of a run, and who judges it. */
export class LockRun {
  readonly model: BackendModel
  readonly world: World<ClientService | undefined>
  readonly clients: readonly NodeId[]
  readonly servers: readonly NodeId[]
  /** What the model has drawn. */
  readonly settings: Readonly<Record<string, unknown>>
  /** What outlives the processes of servers, by node, where a model keeps it here. */
  readonly disks: Map<NodeId, unknown> = new Map()
  readonly believers: Believers = new Believers()
  readonly tokens: Tokens = new Tokens()
  /** Every lock of a mutex that somebody got, for the history. */
  readonly holds: MutexHold[] = []
  /** Acquisitions that have not come to an end, with the process that waits. */
  readonly pending: Map<string, { readonly node: NodeId; readonly incarnation: number }> = new Map()
  /** The holder whose write the store has accepted last, and all before it, by key. */
  readonly writers: Map<string, { last: string; readonly earlier: Set<string> }> = new Map()

  constructor(model: BackendModel, { nodes, settings }: Scenario, world: World<ClientService | undefined>) {
    this.model = model
    this.world = world
    this.settings = settings
    this.clients = nodes.filter(isClient)
    this.servers = nodes.filter(isServer)
  }

  /** Whether a process that was seen earlier is the present one of its node, and alive. */
  lives({ id, incarnation }: { readonly id: NodeId; readonly incarnation: number }): boolean {
    const node: SimulatedNode<ClientService | undefined> = this.world.node(id)
    return node.incarnation === incarnation && node.state !== 'down'
  }
}

export function isClient(id: NodeId): boolean {
  return !isServer(id) && id !== STORE
}

function isServer(id: NodeId): boolean {
  return /^s\d+$/.test(id)
}

/** The nodes of a model's runs. */
export function nodesOf({ clients = 3, servers = 0 }: BackendModel): readonly NodeId[] {
  const letters = Array.from({ length: clients }, (_, index) => String.fromCharCode(97 + index))
  return [...letters, ...Array.from({ length: servers }, (_, index) => `s${index + 1}`), STORE]
}
