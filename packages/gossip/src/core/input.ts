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
  | { readonly type: 'tick' }
  /** A packet came. `from` is who sent it as the transport vouches for it. */
  | { readonly type: 'packet'; readonly from: NodeId; readonly bytes: Uint8Array; readonly path: Path }
  /** The event loop came `ms` late to something: local health suffers. */
  | { readonly type: 'stalled'; readonly ms: number }
  /** The transport says that a connection with a peer was ended: it is probed at once. */
  | { readonly type: 'peer-closed'; readonly peer: NodeId }
  /** Where others may be found; replaces what was said before. Ids of known members and addresses of unknown ones. */
  | { readonly type: 'seeds'; readonly seeds: readonly Seed[] }
  /** This node is reachable elsewhere from now on. */
  | { readonly type: 'address'; readonly address: Address }
  /** A key of this node's own state; `undefined` deletes it. `ttlMs`: it deletes itself. */
  | {
      readonly type: 'set'
      readonly key: string
      readonly value: Uint8Array | undefined
      readonly ttlMs?: number
    }
  /** A value that anybody may write; the latest write wins. */
  | { readonly type: 'share'; readonly key: string; readonly value: Uint8Array | undefined }
  /** A message for everybody; `id` comes back in `delivered` events. */
  | { readonly type: 'broadcast'; readonly id: number; readonly topic: string; readonly payload: Uint8Array }
  /** A question; answers come as events until `timeoutMs` have passed. */
  | {
      readonly type: 'query'
      readonly question: number
      readonly topic: string
      readonly payload: Uint8Array
      readonly to?: readonly NodeId[]
      readonly timeoutMs: number
    }
  /** An answer to a `query` event. */
  | {
      readonly type: 'answer'
      readonly from: NodeId
      readonly question: number
      readonly payload: Uint8Array
    }
  /** Says goodbye: `left` follows when `acknowledgements` members know, or after `timeoutMs`. */
  | { readonly type: 'leave'; readonly acknowledgements: number; readonly timeoutMs: number }
  /** Declares a member gone: as if it had left. It comes back only by a new life. */
  | { readonly type: 'remove'; readonly id: NodeId }

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
  | { readonly to: NodeId; readonly bytes: Uint8Array; readonly path: Path }
  | { readonly at: Address; readonly bytes: Uint8Array; readonly path: Path }
