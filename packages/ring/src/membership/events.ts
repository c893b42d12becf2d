/// <reference lib="esnext.disposable" preserve="true" />
import { RingError } from '../core/ring-error.ts'

/**
 * What is said of a member.
 *
 * - `'alive'`: it is there, newly or again (SWIM alive, Serf `member-join`, Kubernetes `ADDED`);
 * - `'suspect'`: it does not answer, which is not to be gone: it keeps its keys (SWIM suspect);
 * - `'updated'`: it has other data (Serf `member-update`, Kubernetes `MODIFIED`);
 * - `'failed'`: it is taken for dead (SWIM confirm, Serf `member-failed`);
 * - `'left'`: it has said goodbye or was removed (Serf `member-leave` and `member-reap`, Kubernetes `DELETED`).
 * @category Membership
 */
export type MemberEventType = 'alive' | 'suspect' | 'updated' | 'failed' | 'left'

/**
 * One piece of news about one member, of whatever protocol.
 * @category Membership
 */
export interface MemberEvent<Meta = unknown> {
  /** What is said. */
  readonly type: MemberEventType
  /** Of whom. Any string but the empty one. */
  readonly id: string
  /**
   * Which life of the member, or which word of it about itself, this is about: greater is newer. News of an older one than the latest known is
   * ignored, so that a late leave of the process that was there before does not remove the one that is there now. Of equal ones `failed` and
   * `left` win. Default: none; then events count in the order in which they come.
   */
  readonly incarnation?: number | bigint | undefined
  /** Its data: tags, labels, the zone, the role. Default: what was known before. */
  readonly meta?: Meta | undefined
}

/**
 * A member as far as it is known: what a node is made of.
 * @category Membership
 */
export interface Member<Meta = unknown> {
  /** Who. */
  readonly id: string
  /** The latest incarnation heard of; `undefined` if none ever was. */
  readonly incarnation: number | bigint | undefined
  /** The latest data heard of; `undefined` if none ever was. */
  readonly meta: Meta | undefined
}

/**
 * Where events come from: something to iterate over, or a function that begins to call a listener and returns how to stop it.
 * @category Membership
 */
export type MemberSource<Meta = unknown> =
  | AsyncIterable<MemberEvent<Meta>>
  | ((listener: (event: MemberEvent<Meta>) => void) => (() => void) | Disposable)

const TYPES: readonly unknown[] = ['alive', 'suspect', 'updated', 'failed', 'left']

/** Passes an event that is one: what comes over a network may be anything. @throws A {@link RingError} with code `RING_INVALID_NODE`. */
export function checkedEvent<Meta>(event: MemberEvent<Meta>): MemberEvent<Meta> {
  const given = event as Partial<MemberEvent<Meta>> | null | undefined
  if (typeof given?.id !== 'string' || given.id === '') {
    throw new RingError(
      'RING_INVALID_NODE',
      'a member event is an object with a non-empty string `id`; it was ignored',
    )
  }
  if (!TYPES.includes(given.type)) {
    throw new RingError(
      'RING_INVALID_NODE',
      `a member event is of type ${TYPES.join(', ')}, not ${String(given.type)}; that of '${given.id}' was ignored`,
    )
  }
  const { incarnation } = given
  if (incarnation !== undefined && typeof incarnation !== 'bigint' && !Number.isFinite(incarnation)) {
    throw new RingError(
      'RING_INVALID_NODE',
      `an incarnation is a finite number or a bigint, not ${String(incarnation)}; the event of '${given.id}' was ignored`,
    )
  }
  return event
}
