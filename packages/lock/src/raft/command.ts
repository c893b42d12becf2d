import type { Claim } from '../core/claim.ts'
import type { VictimPolicy } from '../core/victim.ts'
import type { DeadlockStep } from '../errors.ts'

/*
 * What stands in the log. Plain JSON. Sessions are named by the index of the entry that opened them, requests by a number of their session, so that whatever comes twice
 * or late is recognised. A time of 0 is "as long as the session".
 */

/** A claim as it is written: a plain mutex is its key. */
export type WrittenClaim = string | Claim

/** On whose account a request is made. */
export interface WrittenOwner {
  /** Unique in the group. */
  readonly key: string
  readonly name: string
  readonly priority: number
  /** Its age, once the table has told it: an owner that begins again is as old as it was. */
  readonly since?: number
}

/** A process begins to use the table. */
export interface OpenCommand {
  readonly op: 'open'
  /** Where it runs. */
  readonly node: string
  readonly ttlMs: number
}

/** A session is in use still. */
export interface RenewCommand {
  readonly op: 'renew'
  readonly session: number
  /** Requests that were to be ended before, without an answer. */
  readonly ended: readonly number[]
}

/** A session is not needed any more. */
export interface LeaveCommand {
  readonly op: 'leave'
  readonly session: number
}

/** A request for a lock. Once more under the same number, it is the same request. */
export interface AskCommand {
  readonly op: 'ask'
  readonly session: number
  readonly number: number
  /** All numbers below have been answered: what comes of them is late. */
  readonly oldest: number
  readonly claims: readonly WrittenClaim[]
  readonly ttlMs: number
  readonly wait: boolean
  readonly owner?: WrittenOwner
  readonly victim?: VictimPolicy
  readonly waitDie?: boolean
}

/** The lease of a lock begins anew. */
export interface ExtendCommand {
  readonly op: 'extend'
  readonly session: number
  readonly number: number
  readonly ttlMs: number
}

/** A lock is given back, or a wait given up. */
export interface EndCommand {
  readonly op: 'end'
  readonly session: number
  readonly number: number
}

/** The leader has seen a whole lease go by. Without a number: that of the session. */
export interface ExpireCommand {
  readonly op: 'expire'
  /** In which term. Void in any other: a new leader gives everybody a new lease. */
  readonly term: number
  readonly session: number
  readonly number?: number
  /** Which lease. Void if there has been another one since. */
  readonly version: number
}

/** A compare-and-set of a value. */
export interface WriteCommand {
  readonly op: 'write'
  readonly key: string
  /** 0: there must be none. */
  readonly expected: number
  /** Absent: the value is deleted. */
  readonly text?: string
}

/** Everything that the table understands. */
export type Command =
  | OpenCommand
  | RenewCommand
  | LeaveCommand
  | AskCommand
  | ExtendCommand
  | EndCommand
  | ExpireCommand
  | WriteCommand

/** What became of a command. */
export type Answer =
  | { readonly is: 'open'; readonly session: number }
  | { readonly is: 'held'; readonly token: number; readonly since?: number }
  | { readonly is: 'waiting'; readonly since?: number }
  | { readonly is: 'busy' }
  | { readonly is: 'reentrant' | 'mismatch'; readonly key: string }
  | { readonly is: 'deadlock'; readonly cycle: readonly DeadlockStep[]; readonly since?: number }
  /** It has been done. */
  | { readonly is: 'done' }
  /** There is no such session, lock or version any more. */
  | { readonly is: 'gone' }
  /** A command of a later version of this package. */
  | { readonly is: 'unknown' }

/** As it is written. */
export function writeClaim(claim: Claim): WrittenClaim {
  const { key, shared, permits, limit } = claim
  return shared || limit > 1 ? { key, shared, permits, limit } : key
}

/** As it was meant. */
export function readClaim(claim: WrittenClaim): Claim {
  return typeof claim === 'string' ? { key: claim, shared: false, permits: 1, limit: 1 } : claim
}
