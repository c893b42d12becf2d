/// <reference lib="esnext.disposable" preserve="true" />
import type { Channel, NodeId, ObservedEvent, Transport } from '@colony/host'
import { Inbox } from './inbox.ts'

/** One node of a case. */
export class TransportNode {
  readonly id: NodeId
  readonly transport: Transport
  /** What its observer was told. */
  readonly events: readonly ObservedEvent[]
  /** Frames that only serve to see whether, or that, a link works. */
  readonly probes: Inbox = new Inbox()

  constructor(id: NodeId, transport: Transport, events: readonly ObservedEvent[]) {
    this.id = id
    this.transport = transport
    this.events = events
  }

  /** Receives a channel from now on. */
  inbox(channel: Channel): Inbox {
    return this.listen(channel).inbox
  }

  /** Receives a channel until `registration` is disposed of. */
  listen(channel: Channel): { readonly inbox: Inbox; readonly registration: Disposable } {
    const inbox = new Inbox()
    return { inbox, registration: this.transport.receive(channel, inbox.handler) }
  }
}
