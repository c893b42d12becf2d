import type { NodeId } from '@colony/host'
import { packIncarnation } from '../core/members/incarnation.ts'
import type { MemberChange } from './member-changes.ts'
import type { Peer } from './peer.ts'
import { isPresent } from './peer-table.ts'
import type { SchemaShape, StateOf } from './schema.ts'

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** Where the members are looked up. */
export interface MemberSourceView<Shape extends SchemaShape> {
  /** Everybody who is known, this node first. */
  all(): Iterable<Peer<StateOf<Shape>>>
  /** One of them. */
  get(id: NodeId): Peer<StateOf<Shape>> | undefined
}

/**
 * The loops over `members()`. Each remembers what it told of whom, and which members may have changed since; what it tells is looked up when its reader comes. So a slow
 * reader costs one name a member, and no change that lasts is ever missed.
 */
export class MemberStreams<Shape extends SchemaShape> {
  readonly #view: MemberSourceView<Shape>
  readonly #readers = new Set<MemberReader<Shape>>()
  #ended = false

  constructor(view: MemberSourceView<Shape>) {
    this.#view = view
  }

  /** A sequence that begins with everybody who is known. */
  open(signal?: AbortSignal): AsyncIterableIterator<MemberChange<Shape>> {
    const end = (): void => reader.end()
    const reader = new MemberReader(this.#view, () => {
      this.#readers.delete(reader)
      signal?.removeEventListener('abort', end)
    })
    if (this.#ended || signal?.aborted === true) reader.end()
    else {
      this.#readers.add(reader)
      signal?.addEventListener('abort', end)
      for (const { id } of this.#view.all()) reader.changed(id)
    }
    return reader
  }

  /** Something of a member may have changed. */
  changed(id: NodeId): void {
    for (const reader of this.#readers) reader.changed(id)
  }

  /** Ends every loop once what is known was read. */
  end(): void {
    this.#ended = true
    for (const reader of this.#readers) reader.end()
  }
}

class MemberReader<Shape extends SchemaShape> implements AsyncIterableIterator<
  MemberChange<Shape>,
  undefined
> {
  readonly #view: MemberSourceView<Shape>
  readonly #release: () => void
  readonly #told = new Map<NodeId, MemberChange<Shape>>()
  /** In the order in which they changed. */
  readonly #stale = new Set<NodeId>()
  #waiting: ((result: IteratorResult<MemberChange<Shape>, undefined>) => void)[] = []
  #ended = false

  constructor(view: MemberSourceView<Shape>, release: () => void) {
    this.#view = view
    this.#release = release
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  changed(id: NodeId): void {
    if (this.#ended) return
    this.#stale.add(id)
    if (this.#waiting.length === 0) return
    const change = this.#take()
    if (change !== undefined) this.#waiting.shift()?.({ done: false, value: change })
  }

  next(): Promise<IteratorResult<MemberChange<Shape>, undefined>> {
    const change = this.#take()
    if (change !== undefined) return Promise.resolve({ done: false, value: change })
    if (this.#ended) return Promise.resolve(DONE)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#stale.clear()
    this.end()
    return Promise.resolve(DONE)
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#release()
    for (const resolve of this.#waiting) resolve(DONE)
    this.#waiting = []
  }

  #take(): MemberChange<Shape> | undefined {
    for (const id of this.#stale) {
      this.#stale.delete(id)
      const change = this.#changeOf(id)
      if (change !== undefined) return change
    }
    return undefined
  }

  /** What is new about a member since it was last told of. */
  #changeOf(id: NodeId): MemberChange<Shape> | undefined {
    const told = this.#told.get(id)
    const peer = this.#view.get(id)
    if (peer === undefined) {
      this.#told.delete(id)
      // Who was told to have gone need not be said to be forgotten.
      return told === undefined || isGone(told) ? undefined : { ...told, type: 'left' }
    }
    const change = changeTo(peer, told)
    if (change === undefined) return undefined
    // Of who was gone before it was ever seen nobody has a picture.
    if (told === undefined && isGone(change)) return undefined
    this.#told.set(id, change)
    return change
  }
}

function isGone({ type }: { readonly type: string }): boolean {
  return type === 'failed' || type === 'left'
}

function changeTo<Shape extends SchemaShape>(
  peer: Peer<StateOf<Shape>>,
  told: MemberChange<Shape> | undefined,
): MemberChange<Shape> | undefined {
  const { id, address, zone, state, status } = peer
  const incarnation = packIncarnation(peer.incarnation)
  const isOld =
    told !== undefined &&
    told.meta.state === state &&
    told.meta.address === address &&
    told.meta.zone === zone
  const meta = isOld ? told.meta : { address, zone, state }
  if (told === undefined) return { type: status, id, incarnation, meta }
  const stands = told.type === 'updated' ? 'alive' : told.type
  if (stands !== status) return { type: status, id, incarnation, meta }
  if (!isPresent(peer) || (isOld && told.incarnation === incarnation)) return undefined
  return { type: status === 'alive' ? 'updated' : 'suspect', id, incarnation, meta }
}
