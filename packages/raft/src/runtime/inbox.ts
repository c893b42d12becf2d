/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId, Transport } from '@colony/host'
import type { Message } from '../core/message.ts'
import type { NodeEvent, SharedNode } from './groups/shared-node.ts'
import type { PeerChannel } from './peer-channel.ts'
import type { DriverMessage } from './wire.ts'

/** A message, and who sent it. */
export interface Received {
  readonly from: NodeId
  readonly message: Message | DriverMessage
}

/** What has come in from other nodes since the last turn. */
export class Inbox {
  readonly #wake: () => void
  #messages: Received[] = []
  #nodeEvents: NodeEvent[] = []

  /** `wake` is called whenever something comes in. */
  constructor(wake: () => void) {
    this.#wake = wake
  }

  /** Begins to receive; dispose of the result to end that. */
  open(peers: PeerChannel, transport: Transport, shared?: SharedNode): Disposable {
    const receiving = peers.receive((from, message) => {
      this.#messages.push({ from, message })
      this.#wake()
    })
    const note = (event: NodeEvent): void => {
      this.#nodeEvents.push(event)
      this.#wake()
    }
    const watching = shared?.watch(note)
    const hints = transport.onPeerClosed?.((peer) => note({ type: 'closed', peer }))
    return {
      [Symbol.dispose]: () => {
        receiving[Symbol.dispose]()
        hints?.[Symbol.dispose]()
        watching?.[Symbol.dispose]()
      },
    }
  }

  /** Every message that has come, in the order of arrival. */
  takeMessages(): readonly Received[] {
    const messages = this.#messages
    this.#messages = []
    return messages
  }

  /** What happened to other nodes. */
  takeNodeEvents(): readonly NodeEvent[] {
    const events = this.#nodeEvents
    if (events.length > 0) this.#nodeEvents = []
    return events
  }
}
