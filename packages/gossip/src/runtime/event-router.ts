import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../core/core-event.ts'
import type { Member } from '../core/members/member.ts'
import type { GossipEvent } from './event.ts'
import type { StateChange } from './gossip.ts'
import type { MemberStreams } from './member-stream.ts'
import type { MessageCalls } from './message-calls.ts'
import type { PeerTable } from './peer-table.ts'
import type { Readiness } from './readiness.ts'
import type { Reports } from './reports.ts'
import type { SchemaShape } from './schema.ts'
import type { SharedValues } from './shared-values.ts'
import type { Watches } from './watches.ts'

/** Where a core's events go. */
export interface RouterParts<Shape extends SchemaShape> {
  readonly self: NodeId
  readonly peers: PeerTable<Shape>
  readonly members: MemberStreams<Shape>
  readonly watches: Watches<StateChange<Shape>>
  readonly shared: SharedValues
  readonly messages: MessageCalls
  readonly readiness: Readiness
  readonly reports: Reports
  /** Whether anybody wants to hear of events of this type. */
  readonly listens: (type: GossipEvent<Shape>['type']) => boolean
  /** Tells the user. */
  readonly emit: (event: GossipEvent<Shape>) => void
  /** This node was removed by somebody. */
  readonly removed: () => void
  /** This node has left. */
  readonly left: (acknowledged: number) => void
}

/** Turns what a core says into what users hear: members become peers, bytes become values, and what nobody listens to costs nothing. */
export class EventRouter<Shape extends SchemaShape> {
  readonly #parts: RouterParts<Shape>

  constructor(parts: RouterParts<Shape>) {
    this.#parts = parts
  }

  /** Whom an event is about. */
  static subject(event: CoreEvent): NodeId | undefined {
    if ('member' in event) return event.member.id
    return event.type === 'state' ? event.id : undefined
  }

  /** Takes in one event. */
  route(event: CoreEvent): void {
    const { reports, members } = this.#parts
    reports.event(event)
    const subject = EventRouter.subject(event)
    if (subject !== undefined) members.changed(subject)
    switch (event.type) {
      case 'join':
      case 'suspect':
      case 'recover':
      case 'fail':
      case 'leave':
        return this.#status(event)
      case 'forget':
      case 'move':
        return this.#row(event)
      case 'state':
        return this.#state(event)
      default:
        return this.#other(event)
    }
  }

  #status(
    event: Extract<CoreEvent, { readonly type: 'join' | 'suspect' | 'recover' | 'fail' | 'leave' }>,
  ): void {
    const { type, member, why } = event
    const { listens, emit, removed, self } = this.#parts
    if (member.id !== self) {
      if (!listens(type)) return
      // One event of the union for each type: the compiler does not put them together again.
      emit({ type, peer: this.#peerOf(member), why } as GossipEvent<Shape>)
    } else if (type === 'leave' && why.accuser !== self) {
      emit({ type: 'removed', why })
      removed()
    }
  }

  #row(event: Extract<CoreEvent, { readonly type: 'forget' | 'move' }>): void {
    const { listens, emit, self } = this.#parts
    if (event.member.id === self || !listens(event.type)) return
    const peer = this.#peerOf(event.member)
    if (event.type === 'forget') return emit({ type: 'forget', peer })
    const { address, zone } = event.previous
    emit({ type: 'move', peer, previous: { address, zone } })
  }

  /** As the event says that it stood, whatever has come since. */
  #peerOf(member: Member): ReturnType<PeerTable<Shape>['of']> {
    return this.#parts.peers.of(member)
  }

  #state({ id, key, value: bytes }: Extract<CoreEvent, { readonly type: 'state' }>): void {
    const { peers, watches, listens, emit, self } = this.#parts
    const told = id !== self && listens('update')
    if (!told && !watches.active) return
    const peer = peers.get(id)
    if (peer === undefined || !peers.knows(key)) return
    const value = bytes === undefined ? undefined : peers.decode(id, key, bytes)
    if (bytes !== undefined && value === undefined) return
    // The schema has the key, and its codec made the value.
    const change = { peer, key, value } as StateChange<Shape>
    if (told) emit({ type: 'update', ...change })
    watches.tell(change)
  }

  #other(event: Exclude<CoreEvent, { readonly member: Member } | { readonly type: 'state' }>): void {
    const { shared, messages, readiness, emit, left } = this.#parts
    switch (event.type) {
      case 'shared':
        return shared.changed({ key: event.key, bytes: event.value, by: event.by })
      case 'broadcast':
        return messages.broadcastCame(event)
      case 'delivered':
        return messages.broadcasts.delivered(event.id, event.count, event.done)
      case 'query':
        return messages.questionCame(event)
      case 'answer':
        return messages.queries.answered(event.question, event.from, event.payload)
      case 'left':
        return left(event.acknowledged)
      case 'wrong-cluster':
        readiness.met(event.from)
        return emit(event)
      default:
        return emit(event)
    }
  }
}
