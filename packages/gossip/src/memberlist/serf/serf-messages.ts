/** Serf's messages, within memberlist's user messages: one byte and a msgpack map. Append only. */
export const SERF_TYPES = {
  leave: 0,
  join: 1,
  pushPull: 2,
  event: 3,
  query: 4,
  response: 5,
  conflictResponse: 6,
  keyRequest: 7,
  keyResponse: 8,
  relay: 9,
} as const

/** A member means to leave, or an operator removes one that failed (`prune`: and wants it forgotten at once). */
export interface LeaveIntent {
  readonly type: 'leave'
  readonly time: number
  readonly node: string
  readonly prune: boolean
}

/** A member means to be there: makes void what it said before about leaving. */
export interface JoinIntent {
  readonly type: 'join'
  readonly time: number
  readonly node: string
}

/** A message of a user's for everybody. */
export interface UserEvent {
  readonly type: 'event'
  readonly time: number
  readonly name: string
  readonly payload: Uint8Array
  /** Whether receivers may take several of that name together, and hand on the last. */
  readonly coalesce: boolean
}

/** A question to all, or to those that pass every filter. */
export interface Query {
  readonly type: 'query'
  readonly time: number
  readonly id: number
  /** Where answers go. */
  readonly ip: Uint8Array
  readonly port: number
  readonly source: string
  readonly filters: readonly Uint8Array[]
  /** Whether everybody who is asked says at once that he is. */
  readonly wantsAck: boolean
  /** Whether it is for who receives it, and not to be told on. */
  readonly isPrivate: boolean
  /** Through how many others each answer is sent as well. */
  readonly relayFactor: number
  readonly timeoutMs: number
  readonly name: string
  readonly payload: Uint8Array
}

/** An answer to a query, or word that it came. */
export interface QueryResponse {
  readonly type: 'response'
  readonly time: number
  readonly id: number
  readonly from: string
  readonly isAck: boolean
  readonly payload: Uint8Array
}

/** "Hand this on to a member": `message` is whole, with its type. */
export interface Relay {
  readonly type: 'relay'
  readonly ip: Uint8Array
  readonly port: number
  readonly node: string
  readonly message: Uint8Array
}

/** All that one side knows beyond members: exchanged with them. */
export interface SerfState {
  readonly time: number
  /** When each member's latest intent was said. */
  readonly statusTimes: ReadonlyMap<string, number>
  readonly left: readonly string[]
  readonly eventTime: number
  /** Recent events. */
  readonly events: readonly UserEvent[]
  readonly queryTime: number
}

/** What a user message of memberlist may hold. */
export type SerfMessage = LeaveIntent | JoinIntent | UserEvent | Query | QueryResponse | Relay

/** Bits of a query's and a response's flags. */
export const ACK_FLAG = 1
export const PRIVATE_FLAG = 2
