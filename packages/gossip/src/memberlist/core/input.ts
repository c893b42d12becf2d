import type { StreamMessage } from '../wire/messages.ts'

/** What happens to a core of the memberlist protocol. */
export type MemberlistInput =
  /** Time has passed, and what had arrived was delivered before this. */
  | { readonly type: 'tick' }
  /** A packet came, decrypted and without its label. `from` is where from, as `ip:port`. */
  | { readonly type: 'packet'; readonly from: string; readonly bytes: Uint8Array }
  /** Somebody says something over a connection, and may wait for an answer under this number. */
  | { readonly type: 'request'; readonly id: number; readonly message: StreamMessage }
  /** How an exchange of ours ended: with an answer, or with none. */
  | { readonly type: 'answer'; readonly id: number; readonly message: StreamMessage | undefined }
  /** Where others may be found: tried now, and for ever while nobody is known. */
  | { readonly type: 'join'; readonly seeds: readonly string[] }
  /** Something that the delegate does, as part of a step. */
  | { readonly type: 'within'; readonly task: () => void }
  /** Says goodbye; `left` follows. */
  | { readonly type: 'leave' }

/** What a step asks for. The object and its lists are used again at the next step. */
export interface MemberlistOutputs {
  /** Packets, in order; before encryption and label. */
  readonly packets: readonly { readonly to: string; readonly bytes: Uint8Array }[]
  /** Things to say over a connection of their own; an `answer` input is owed for each, within its time. */
  readonly exchanges: readonly Exchange[]
  /** Answers to requests. */
  readonly replies: readonly { readonly id: number; readonly bytes: Uint8Array }[]
  /** Seeds that answered. */
  readonly joined: readonly string[]
  /** Whether this node has left: its farewell was told as often as it should be, or nobody is there. */
  readonly left: boolean
  /** When the next `tick` is wanted. */
  readonly deadline: number
}

/** Something to be said over a connection. */
export interface Exchange {
  readonly id: number
  /** A literal address with a port, or a host's name with one. */
  readonly to: string
  readonly bytes: Uint8Array
  readonly timeoutMs: number
}
