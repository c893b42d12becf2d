import type { NodeId } from '@colony/host'
import type { Member } from '../core/members/member.ts'
import type { DrivenCore } from './driven-core.ts'
import type { Peer, Peers } from './peer.ts'
import type { Schema, SchemaShape, StateOf } from './schema.ts'

/**
 * Snapshots of members with their states decoded, made when they are asked for and kept until something of the member changes: a cluster that nobody looks
 * at costs nothing here.
 */
export class PeerTable<Shape extends SchemaShape> implements Peers<StateOf<Shape>> {
  readonly #core: DrivenCore
  readonly #self: NodeId
  readonly #schema: Schema<Shape>
  readonly #onUndecodable: (id: NodeId, key: string, error: unknown) => void
  readonly #known = new Map<NodeId, Peer<StateOf<Shape>>>()
  #alive: readonly Peer<StateOf<Shape>>[] | undefined
  #all: readonly Peer<StateOf<Shape>>[] | undefined

  constructor(
    core: DrivenCore,
    self: NodeId,
    schema: Schema<Shape>,
    onUndecodable: (id: NodeId, key: string, error: unknown) => void,
  ) {
    this.#core = core
    this.#self = self
    this.#schema = schema
    this.#onUndecodable = onUndecodable
  }

  get size(): number {
    return this.#core.members.size - 1
  }

  alive(): readonly Peer<StateOf<Shape>>[] {
    return (this.#alive ??= Object.freeze(this.all().filter(isPresent)))
  }

  all(): readonly Peer<StateOf<Shape>>[] {
    if (this.#all !== undefined) return this.#all
    const peers: Peer<StateOf<Shape>>[] = []
    for (const member of this.#core.members.all()) {
      if (member.id !== this.#self) peers.push(this.#peerOf(member))
    }
    peers.sort((one, other) => (one.id < other.id ? -1 : 1))
    return (this.#all = Object.freeze(peers))
  }

  get(id: NodeId): Peer<StateOf<Shape>> | undefined {
    const member = this.#core.members.get(id)
    return member === undefined ? undefined : this.#peerOf(member)
  }

  /** A member as an event tells of it, which it may be no longer: events are told after the step that made them. */
  of(member: Member): Peer<StateOf<Shape>> {
    const now = this.#core.members.get(member.id)
    if (now !== undefined && isSame(now, member)) return this.#peerOf(now)
    const { id, address, zone, status, incarnation } = member
    const known = now === undefined ? undefined : this.#peerOf(now)
    const state = known?.state ?? this.#stateOf(id)
    return Object.freeze({
      id,
      address,
      zone,
      status,
      incarnation,
      state,
      why: this.#core.explain(id).at(-1),
    })
  }

  /** Whether the schema has a key. */
  knows(key: string): boolean {
    return this.#schema.codecOf(key) !== undefined
  }

  /** Something of a member has changed. */
  changed(id: NodeId): void {
    this.#known.delete(id)
    this.#alive = undefined
    this.#all = undefined
  }

  /** What a key holds; `undefined` for one that the schema does not have, or that cannot be decoded. */
  decode(id: NodeId, key: string, bytes: Uint8Array): unknown {
    const codec = this.#schema.codecOf(key)
    if (codec === undefined) return undefined
    try {
      return codec.decode(bytes)
    } catch (error) {
      this.#onUndecodable(id, key, error)
      return undefined
    }
  }

  #peerOf(member: Member): Peer<StateOf<Shape>> {
    const known = this.#known.get(member.id)
    // A refutation changes the incarnation and need not be told as an event.
    if (known !== undefined && isSame(known, member)) return known
    const { id, address, zone, status, incarnation } = member
    const state = known?.state ?? this.#stateOf(id)
    const why = this.#core.explain(id).at(-1)
    const peer = Object.freeze({ id, address, zone, status, incarnation, state, why })
    this.#known.set(id, peer)
    return peer
  }

  #stateOf(id: NodeId): StateOf<Shape> {
    const state: Record<string, unknown> = {}
    for (const [key, bytes] of this.#core.state(id)) {
      const value = this.decode(id, key, bytes)
      // A key named `__proto__` is data like any other.
      if (value !== undefined) {
        Object.defineProperty(state, key, { value, enumerable: true, configurable: true, writable: true })
      }
    }
    return Object.freeze(state) as StateOf<Shape>
  }
}

/** Whether a peer is taken to be there. */
export function isPresent({ status }: { readonly status: Member['status'] }): boolean {
  return status === 'alive' || status === 'suspect'
}

function isSame(peer: Omit<Member, 'id'>, member: Member): boolean {
  return (
    peer.status === member.status &&
    peer.incarnation.counter === member.incarnation.counter &&
    peer.incarnation.epoch === member.incarnation.epoch &&
    peer.address === member.address &&
    peer.zone === member.zone
  )
}
