import { jsonCodec } from '@colony/host'
import type { LogIndex } from '@colony/raft'
import type { Movement, Transfer, TransferResult } from './bank-machine.ts'

/** Names the cluster in every handshake and in every data directory. */
export const CLUSTER_ID = 'bank'

/** The channel that clients and nodes talk on: one of many on the same connections that raft uses. */
export const BANK_CHANNEL = 'bank'

/** What a client asks of a node. */
export type Question =
  | { readonly transfer: Transfer }
  /** Linearizable: the newest balance, on whichever node. */
  | { readonly balance: string }
  /** Local: what this node knows, at once, with its age. */
  | { readonly history: string }

/** A question with the number that its answer carries. Further attempts of one call carry the same number. */
export type Request = Question & { readonly request: number }

/** A transfer's answer. */
export interface TransferAnswer {
  readonly transferred: TransferResult
}

/** A linearizable read's answer. */
export interface BalanceAnswer {
  readonly balance: number
  /** Log index up to which the read saw the bank. */
  readonly index: LogIndex
}

/** A local read's answer. */
export interface HistoryAnswer {
  readonly movements: readonly Movement[]
  readonly index: LogIndex
  /** Upper bound on the answer's age; `null` where the node knows none. */
  readonly staleMs: number | null
}

/** A call that this node could not complete. */
export interface FailureAnswer {
  readonly error: string
}

/** What a node answers. */
export type Answer = TransferAnswer | BalanceAnswer | HistoryAnswer | FailureAnswer

/** An answer with the number of its question. */
export type Reply = Answer & { readonly request: number }

/** Bytes of questions. */
export const requestCodec = jsonCodec<Request>()

/** Bytes of answers. */
export const replyCodec = jsonCodec<Reply>()
