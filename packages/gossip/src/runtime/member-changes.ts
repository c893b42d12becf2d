import type { Address, NodeId } from '@colony/host'
import type { SchemaShape, StateOf } from './schema.ts'

/**
 * What is known of a member besides who it is.
 * @category Members
 */
export interface MemberMeta<Shape extends SchemaShape> {
  /** Where it can be reached. */
  readonly address: Address
  /** The zone that it named; `''` when it named none. */
  readonly zone: string
  /** Its state. */
  readonly state: StateOf<Shape>
}

/**
 * How one member stands, for whoever keeps a picture of them: a `MemberEvent` of `@colony/ring/membership`.
 * @category Members
 */
export interface MemberChange<Shape extends SchemaShape> {
  /** It is there (newly, again, or it was suspected); it does not answer; it has other data; it is taken for dead; it said goodbye, or is forgotten. */
  readonly type: 'alive' | 'suspect' | 'updated' | 'failed' | 'left'
  /** Who. */
  readonly id: NodeId
  /** Which life and word of it, as one number: greater is newer. */
  readonly incarnation: bigint
  /** What is known of it. The same object as long as nothing of it changes. */
  readonly meta: MemberMeta<Shape>
}
