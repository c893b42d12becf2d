import type { Channel, NodeId } from '../core/identity.ts'

/** What the network sees of a node that is open. */
export interface MemoryEndpoint {
  readonly id: NodeId
  readonly clusterId: string
  /** Takes a place in the inbox for a frame of so many bytes; `false` when there is none. */
  admit(bytes: number): boolean
  /** Gives the place back and, unless the frame was `lost` on its way, calls the handler. Never throws. */
  deliver(from: NodeId, channel: Channel, frame: Uint8Array, lost: boolean): void
}

interface Flight {
  readonly from: NodeId
  readonly to: MemoryEndpoint
  readonly channel: Channel
  readonly frame: Uint8Array
}

/** The nodes of one network in memory, the links between them and the frames on their way. */
export class MemoryLinks {
  readonly #afterInput: (task: () => void) => void
  readonly #endpoints = new Map<string, MemoryEndpoint>()
  readonly #cuts = new Set<string>()
  /** One queue for all: the order of arrival is the order of sending, whoever sends to whom. */
  #flights: Flight[] = []

  constructor(afterInput: (task: () => void) => void) {
    this.#afterInput = afterInput
  }

  /** Puts a node on the network; `false` when its id is taken. */
  join(endpoint: MemoryEndpoint): boolean {
    const key = endpointKey(endpoint.clusterId, endpoint.id)
    if (this.#endpoints.has(key)) return false
    this.#endpoints.set(key, endpoint)
    return true
  }

  /** Takes a node off the network. What it has sent still arrives, what was sent to it does not. */
  leave(endpoint: MemoryEndpoint): void {
    this.#endpoints.delete(endpointKey(endpoint.clusterId, endpoint.id))
  }

  cut(a: NodeId, b: NodeId): void {
    this.#cuts.add(linkKey(a, b))
  }

  heal(a: NodeId | undefined, b: NodeId | undefined): void {
    if (a === undefined || b === undefined) this.#cuts.clear()
    else this.#cuts.delete(linkKey(a, b))
  }

  /** Sends a frame on its way; `false` when there is no such node, no link, or no room. */
  send(from: MemoryEndpoint, to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    const endpoint = this.#endpoints.get(endpointKey(from.clusterId, to))
    if (endpoint === undefined || this.#isCut(from.id, to)) return false
    if (!endpoint.admit(frame.byteLength)) return false
    if (this.#flights.length === 0) this.#afterInput(() => this.#deliverRound())
    this.#flights.push({ from: from.id, to: endpoint, channel, frame })
    return true
  }

  /** What is sent during a round goes with the next: nodes that answer each other at once cannot starve the timers. */
  #deliverRound(): void {
    const round = this.#flights
    this.#flights = []
    for (const { from, to, channel, frame } of round) {
      to.deliver(from, channel, frame, this.#isCut(from, to.id))
    }
  }

  #isCut(a: NodeId, b: NodeId): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(linkKey(a, b))
  }
}

/** Unambiguous because the length of the first part comes before it. */
function endpointKey(clusterId: string, id: NodeId): string {
  return `${clusterId.length}:${clusterId}${id}`
}

function linkKey(a: NodeId, b: NodeId): string {
  return a < b ? endpointKey(a, b) : endpointKey(b, a)
}
