/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId, Transport } from '@colony/host'
import type { Message } from '../core/message.ts'
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
  #closedPeers: NodeId[] = []

  /** `wake` is called whenever something comes in. */
  constructor(wake: () => void) {
    this.#wake = wake
  }

  /** Begins to receive; dispose of the result to end that. */
  open(peers: PeerChannel, transport: Transport): Disposable {
    const receiving = peers.receive((from, message) => {
      this.#messages.push({ from, message })
      this.#wake()
    })
    const hints = transport.onPeerClosed?.((peer) => {
      this.#closedPeers.push(peer)
      this.#wake()
    })
    return {
      [Symbol.dispose]: () => {
        receiving[Symbol.dispose]()
        hints?.[Symbol.dispose]()
      },
    }
  }

  /** Every message that has come, in the order of arrival. */
  takeMessages(): readonly Received[] {
    const messages = this.#messages
    this.#messages = []
    return messages
  }

  /** Every peer that closed a connection. */
  takeClosedPeers(): readonly NodeId[] {
    const peers = this.#closedPeers
    if (peers.length > 0) this.#closedPeers = []
    return peers
  }
}
