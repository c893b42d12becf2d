import type { Address, NodeId } from '@colony/host'
import type { LogIndex, RaftStatus } from '@colony/raft'
import type { BankOptions } from './bank-machine.ts'

/** What a node process is started with. */
export interface NodeConfig {
  readonly id: NodeId
  readonly voters: readonly NodeId[]
  /** Where this node finds the other nodes: through proxies. */
  readonly addresses: Readonly<Record<NodeId, Address>>
  /** Where those gossip who have been there before it: there it hears of everybody else. */
  readonly seeds: readonly Address[]
  /** Where its log is kept. */
  readonly directory: string
  readonly bank: BankOptions
}

/** What a client process is started with. */
export interface ClientConfig {
  readonly id: NodeId
  readonly nodes: readonly NodeId[]
  readonly accounts: readonly string[]
  /** Clients in this process, each with one operation under way at any time. */
  readonly concurrency: number
  readonly seed: number
  /** Where every operation is recorded. */
  readonly file: string
}

/** What a node process is told. */
export type ToNode =
  | { readonly type: 'start'; readonly config: NodeConfig }
  /** Write the ledger and the balances to this file. */
  | { readonly type: 'audit'; readonly file: string }

/** What a node process tells. */
export type FromNode =
  | { readonly type: 'listening'; readonly address: Address }
  | { readonly type: 'status'; readonly status: RaftStatus }
  | { readonly type: 'audited'; readonly appliedIndex: LogIndex }

/** What a client process is told. */
export type ToClient =
  | { readonly type: 'open'; readonly config: ClientConfig }
  | { readonly type: 'run' }
  | { readonly type: 'stop' }

/** What a client process did since it last told. */
export interface Progress {
  readonly type: 'progress'
  /** Milliseconds that each acknowledged transfer took, retries included. */
  readonly transferMs: readonly number[]
  /** Likewise for linearizable reads. */
  readonly balanceMs: readonly number[]
  /** Age bounds of local reads; those without one are left out. */
  readonly staleMs: readonly number[]
  readonly histories: number
  /** Attempts beyond the first. */
  readonly retries: number
  /** Transfers that were given up. */
  readonly unknown: number
}

/** What a client process tells; `listening`: where it gossips. */
export type FromClient =
  { readonly type: 'listening'; readonly address: Address } | Progress | { readonly type: 'stopped' }
