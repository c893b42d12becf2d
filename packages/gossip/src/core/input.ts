import type { Address, NodeId } from '@colony/host'
import type { CoreEvent } from './core-event.ts'
import type { Path } from './component.ts'
import type { MessageRefusal } from './dissemination/message-limits.ts'
import type { StateRefusal } from './state/state-limits.ts'

/**
 * What happens to a core.
 * @category Core
 */
export type CoreInput =
  /** Time has passed, and what had arrived was delivered before this. */
  | {
      /** Discriminant. */
      readonly type: 'tick'
    }
  /** A packet came. `from` is who sent it as the transport vouches for it. */
  | {
      /** Discriminant. */
      readonly type: 'packet'
      /** Who sent it. */
      readonly from: NodeId
      /** What is sent. */
      readonly bytes: Uint8Array
      /** How it travels. */
      readonly path: Path
    }
  /** The event loop came `ms` late to something: local health suffers. */
  | {
      /** Discriminant. */
      readonly type: 'stalled'
      /** How late, in milliseconds. */
      readonly ms: number
    }
  /** The transport says that a connection with a peer was ended: it is probed at once. */
  | {
      /** Discriminant. */
      readonly type: 'peer-closed'
      /** Which peer. */
      readonly peer: NodeId
    }
  /** Where others may be found; replaces what was said before. Ids of known members and addresses of unknown ones. */
  | {
      /** Discriminant. */
      readonly type: 'seeds'
      /** All of them. */
      readonly seeds: readonly Seed[]
    }
  /** This node is reachable elsewhere from now on. */
  | {
      /** Discriminant. */
      readonly type: 'address'
      /** Where. */
      readonly address: Address
    }
  /** A key of this node's own state; `undefined` deletes it. `ttlMs`: it deletes itself. */
  | {
      /** Discriminant. */
      readonly type: 'set'
      /** Which one. */
      readonly key: string
      /** What it is to hold; `undefined` deletes it. */
      readonly value: Uint8Array | undefined
      /** When it deletes itself, in milliseconds from now. Absent: never. */
      readonly ttlMs?: number
    }
  /** A value that anybody may write; the latest write wins. */
  | {
      /** Discriminant. */
      readonly type: 'share'
      /** Which one. */
      readonly key: string
      /** What it is to hold; `undefined` deletes it. */
      readonly value: Uint8Array | undefined
    }
  /** A message for everybody; `id` comes back in `delivered` events. */
  | {
      /** Discriminant. */
      readonly type: 'broadcast'
      /** Which one. */
      readonly id: number
      /** What it is about. */
      readonly topic: string
      /** What it says. */
      readonly payload: Uint8Array
    }
  /** A question; answers come as events until `timeoutMs` have passed. */
  | {
      /** Discriminant. */
      readonly type: 'query'
      /** Its number. */
      readonly question: number
      /** What it is about. */
      readonly topic: string
      /** What it says. */
      readonly payload: Uint8Array
      /** Whom. */
      readonly to?: readonly NodeId[]
      /** How long to wait, in milliseconds. */
      readonly timeoutMs: number
    }
  /** An answer to a `query` event. */
  | {
      /** Discriminant. */
      readonly type: 'answer'
      /** Who sent it. */
      readonly from: NodeId
      /** Its number. */
      readonly question: number
      /** What it says. */
      readonly payload: Uint8Array
    }
  /** Says goodbye: `left` follows when `acknowledgements` members know, or after `timeoutMs`. */
  | {
      /** Discriminant. */
      readonly type: 'leave'
      /** How many others have to know. */
      readonly acknowledgements: number
      /** How long to wait, in milliseconds. */
      readonly timeoutMs: number
    }
  /** Declares a member gone: as if it had left. It comes back only by a new life. */
  | {
      /** Discriminant. */
      readonly type: 'remove'
      /** Which one. */
      readonly id: NodeId
    }

/**
 * Where somebody of the cluster may be found.
 * @category Core
 */
export interface Seed {
  /** Its id, where it is known; else whoever answers at `address` is taken. */
  readonly id?: NodeId
  /** Where. */
  readonly address: Address
}

/**
 * What a step asks for. The object and its lists are used again at the next step.
 * @category Core
 */
export interface CoreOutputs {
  /** Packets, in order. `to` is a member, `at` an address whose owner is not known. */
  readonly sends: readonly CoreSend[]
  /** What happened, in order. */
  readonly events: readonly CoreEvent[]
  /** When the next `tick` is wanted at the latest, in milliseconds of the core's clock. */
  readonly deadline: number
  /** Why what this step was told by the user (`set`, `share`, `broadcast`, `query`, `answer`) was not taken; `undefined` when it was, and for all other inputs. */
  readonly refused: StateRefusal | MessageRefusal | undefined
}

/**
 * One packet to be sent.
 * @category Core
 */
export type CoreSend =
  | {
      /** Whom. */
      readonly to: NodeId
      /** What is sent. */
      readonly bytes: Uint8Array
      /** How it travels. */
      readonly path: Path
    }
  | {
      /** Where somebody is whose id is not known. */
      readonly at: Address
      /** What is sent. */
      readonly bytes: Uint8Array
      /** How it travels. */
      readonly path: Path
    }
