import type { LogIndex } from '@colony/raft'
import type { Transfer, TransferResult } from './bank-machine.ts'

/** When an operation was under way, as of {@link monotonicMs}: comparable between all processes. */
export interface Interval {
  readonly invokedAt: number
  /** `Infinity` for one whose outcome its client never learned. */
  readonly completedAt: number
}

/** A transfer that a client asked for. */
export interface TransferRecord extends Interval, Transfer {
  readonly kind: 'transfer'
  /** What was acknowledged; absent when the client gave up and the outcome is unknown. */
  readonly result?: TransferResult
}

/** A linearizable read that a client got an answer to. */
export interface BalanceRecord extends Interval {
  readonly kind: 'balance'
  readonly account: string
  readonly balance: number
  readonly index: LogIndex
}

/** A local read that a client got an answer to. */
export interface HistoryRecord extends Interval {
  readonly kind: 'history'
  readonly account: string
  readonly index: LogIndex
  /** What the node promised: it has seen everything that completed longer ago than this. `null`: it promised nothing. */
  readonly staleMs: number | null
  /** Index of the newest movement that was shown; 0 when there was none. */
  readonly newest: LogIndex
}

/** One operation of one client. Reads without an answer say nothing and are not recorded. */
export type OperationRecord = TransferRecord | BalanceRecord | HistoryRecord

type TransferLine = readonly [
  kind: 't',
  invokedAt: number,
  completedAt: number,
  id: string,
  from: string,
  to: string,
  amount: number,
  result: TransferResult,
]
type UnknownLine = readonly [
  kind: 'u',
  invokedAt: number,
  id: string,
  from: string,
  to: string,
  amount: number,
]
type BalanceLine = readonly [
  kind: 'b',
  invokedAt: number,
  completedAt: number,
  account: string,
  balance: number,
  index: LogIndex,
]
type HistoryLine = readonly [
  kind: 'h',
  invokedAt: number,
  completedAt: number,
  account: string,
  index: LogIndex,
  staleMs: number | null,
  newest: LogIndex,
]
type Line = TransferLine | UnknownLine | BalanceLine | HistoryLine

/** One operation as one line of text. */
export function encodeRecord(record: OperationRecord): string {
  return JSON.stringify(lineOf(record))
}

function lineOf(record: OperationRecord): Line {
  const { kind, invokedAt, completedAt } = record
  if (kind === 'balance') return ['b', invokedAt, completedAt, record.account, record.balance, record.index]
  if (kind === 'history') {
    const { account, index, staleMs, newest } = record
    return ['h', invokedAt, completedAt, account, index, staleMs, newest]
  }
  const { id, from, to, amount, result } = record
  if (result === undefined) return ['u', invokedAt, id, from, to, amount]
  return ['t', invokedAt, completedAt, id, from, to, amount, result]
}

/** Reads what {@link encodeRecord} made. */
export function decodeRecord(text: string): OperationRecord {
  const line = JSON.parse(text) as Line
  switch (line[0]) {
    case 't': {
      const [, invokedAt, completedAt, id, from, to, amount, result] = line
      return { kind: 'transfer', invokedAt, completedAt, id, from, to, amount, result }
    }
    case 'u': {
      const [, invokedAt, id, from, to, amount] = line
      return { kind: 'transfer', invokedAt, completedAt: Number.POSITIVE_INFINITY, id, from, to, amount }
    }
    case 'b': {
      const [, invokedAt, completedAt, account, balance, index] = line
      return { kind: 'balance', invokedAt, completedAt, account, balance, index }
    }
    case 'h': {
      const [, invokedAt, completedAt, account, index, staleMs, newest] = line
      return { kind: 'history', invokedAt, completedAt, account, index, staleMs, newest }
    }
  }
}
