import { type Keyspace, RedisError } from './keyspace.ts'

/** What a command answers; `null` is nil. */
export type Reply = string | number | null | Status | readonly Reply[]

/** A status, which scripts see as a table. */
export interface Status {
  readonly ok: string
}

export const OK: Status = { ok: 'OK' }

/** A command with its arguments as text. */
export type Command = (keyspace: Keyspace, ...args: readonly string[]) => Reply

/** A whole number as commands take it. */
export function integer(text: string | undefined): number {
  if (text === undefined || !/^-?\d+$/.test(text))
    throw new RedisError('ERR value is not an integer or out of range')
  return Number(text)
}

/** An argument that has to be there. */
export function needed(text: string | undefined): string {
  if (text === undefined) throw new RedisError('ERR wrong number of arguments')
  return text
}

/** Positions from `from` to `to`, both included, where those below zero count from the end. */
export function slice<Value>(list: readonly Value[], from: number, to: number): readonly Value[] {
  const place = (at: number): number => (at < 0 ? Math.max(0, list.length + at) : at)
  return to < -list.length ? [] : list.slice(place(from), place(to) + 1)
}
