import type { Address, NodeId } from '@colony/host'
import type { LogIndex, ProposalOutcome, RaftErrorCode, RaftStatus } from '../../src/index.ts'
import type { Command, Holdings } from './journal-machine.ts'

/** What a node's process is started with. */
export interface NodeConfig {
  readonly id: NodeId
  readonly voters: readonly NodeId[]
  /** Where it finds the others: through proxies. */
  readonly peers: Readonly<Record<NodeId, Address>>
  /** Where its log is kept. */
  readonly directory: string
  readonly snapshots: { readonly everyEntries: number; readonly keepEntries: number }
  readonly maxClockDrift: number
}

/** How a read is to be made. */
export interface ReadDemand {
  readonly consistency: 'linearizable' | 'lease' | 'bounded' | 'local'
  readonly maxStalenessMs?: number
  readonly after?: LogIndex
}

/** How members are to change. */
export type MemberChange =
  | { readonly to: 'set'; readonly voters: readonly NodeId[] }
  | { readonly to: 'add'; readonly id: NodeId; readonly role: 'voter' | 'learner' }
  | { readonly to: 'remove'; readonly id: NodeId }
  | { readonly to: 'replace'; readonly old: NodeId; readonly by: NodeId }

/** What can be asked of a node. */
export type Request =
  | {
      readonly do: 'propose'
      readonly command: Command
      readonly idempotencyKey?: string
      readonly timeoutMs: number
    }
  | { readonly do: 'read'; readonly key: string; readonly demand: ReadDemand; readonly timeoutMs: number }
  | { readonly do: 'members'; readonly change: MemberChange; readonly timeoutMs: number }
  | { readonly do: 'transfer'; readonly to?: NodeId; readonly timeoutMs: number }
  | { readonly do: 'snapshot' }
  /** Keeps the event loop busy for so long. */
  | { readonly do: 'stall'; readonly ms: number }
  /** Everything that the machine holds. */
  | { readonly do: 'dump' }

/** What a node answers: the value, and for reads and writes at which index, and how old it may be (`null`: no bound is known). */
export interface Answer {
  readonly value?: unknown
  readonly index?: LogIndex
  readonly staleMs?: number | null
}

/** The answer to a `dump`. */
export interface Dump extends Holdings {
  readonly index: LogIndex
  /** What keeps the process alive: sockets, timers and the like. */
  readonly handles: number
  readonly heapBytes: number
}

/** Why a node does not answer. */
export interface Refusal {
  readonly code: RaftErrorCode
  readonly message: string
  readonly outcome?: ProposalOutcome
}

/** What a node's process is told. */
export type ToNode =
  | { readonly type: 'start'; readonly config: NodeConfig }
  | { readonly type: 'request'; readonly number: number; readonly request: Request }

/** What it tells. */
export type FromNode =
  | { readonly type: 'listening'; readonly address: Address }
  | { readonly type: 'status'; readonly status: RaftStatus }
  | { readonly type: 'answer'; readonly number: number; readonly answer: Answer }
  | { readonly type: 'refusal'; readonly number: number; readonly refusal: Refusal }
