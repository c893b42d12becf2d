import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { Clock } from '../clock.ts'
import type { Address, NodeId } from '../core/identity.ts'
import type { DatagramEndpoint, DatagramSocket } from './datagram-socket.ts'
import { parseTcpAddress } from './tcp-address.ts'
import type { UdpCounters } from './udp-counters.ts'

/** Addresses that are kept in the form that the socket takes. */
const MAX_ADDRESSES = 4096
/** Host names that are kept, with what they stood for. */
const MAX_NAMES = 256
/** Datagrams that wait for one name. */
const MAX_WAITING = 64
/** How long the address of a name is taken for right. */
const FRESH_MS = 30_000
/** How long nothing is sent to a name that has no address. */
const MISSING_MS = 5000
/** Senders that can be answered although nobody knows their address. */
const MAX_SENDERS = 1024

interface NamedHost {
  endpoint: DatagramEndpoint | undefined
  /** Looked up again after this. */
  freshUntilMs: number
  /** While it is looked up: what goes there as soon as that is known. */
  waiting: (readonly [head: Buffer, frame: Uint8Array])[] | undefined
}

/** Ways to addresses: of IP at once, by host name as soon as that is looked up; and back to senders whose address nobody knows. */
export class DatagramRoutes {
  readonly #socket: DatagramSocket
  readonly #clock: Clock
  readonly #counters: UdpCounters
  readonly #endpoints = new Map<Address, DatagramEndpoint>()
  readonly #names = new Map<Address, NamedHost>()
  readonly #senders = new Map<NodeId, DatagramEndpoint>()

  constructor(socket: DatagramSocket, clock: Clock, counters: UdpCounters) {
    this.#socket = socket
    this.#clock = clock
    this.#counters = counters
  }

  /** Remembers where a node that is not in the address book has written from, so that it can be answered. */
  remember(sender: NodeId, endpoint: DatagramEndpoint): void {
    if (this.#senders.size >= MAX_SENDERS && !this.#senders.has(sender)) {
      const [oldest] = this.#senders.keys()
      if (oldest !== undefined) this.#senders.delete(oldest)
    }
    this.#senders.set(sender, endpoint)
  }

  /** Sends to where a node wrote from last. */
  answer(to: NodeId, head: Buffer, frame: Uint8Array): boolean {
    const endpoint = this.#senders.get(to)
    return endpoint !== undefined && this.#socket.send(head, frame, endpoint)
  }

  /** Sends to an address. */
  send(address: Address, head: Buffer, frame: Uint8Array): boolean {
    const known = this.#endpoints.get(address)
    if (known !== undefined) return this.#socket.send(head, frame, known)
    const named = this.#names.get(address)
    if (named !== undefined) return this.#sendByName(address, named, head, frame)
    return this.#sendFirst(address, head, frame)
  }

  #sendFirst(address: Address, head: Buffer, frame: Uint8Array): boolean {
    const parsed = parseTcpAddress(address)
    if (parsed === undefined) return false
    if (isIP(parsed.host) === 0) {
      if (this.#names.size >= MAX_NAMES) this.#names.clear()
      const named: NamedHost = { endpoint: undefined, freshUntilMs: -Infinity, waiting: undefined }
      this.#names.set(address, named)
      return this.#sendByName(address, named, head, frame)
    }
    const endpoint = this.#socket.endpoint(parsed.host, parsed.port)
    if (endpoint === undefined) return false
    if (this.#endpoints.size >= MAX_ADDRESSES) this.#endpoints.clear()
    this.#endpoints.set(address, endpoint)
    return this.#socket.send(head, frame, endpoint)
  }

  #sendByName(address: Address, named: NamedHost, head: Buffer, frame: Uint8Array): boolean {
    if (named.waiting === undefined && this.#clock.now() >= named.freshUntilMs) this.#lookUp(address, named)
    if (named.endpoint !== undefined) return this.#socket.send(head, frame, named.endpoint)
    if (named.waiting === undefined || named.waiting.length >= MAX_WAITING) return false
    named.waiting.push([head, frame])
    return true
  }

  #lookUp(address: Address, named: NamedHost): void {
    const parsed = parseTcpAddress(address)
    if (parsed === undefined) return
    named.waiting = []
    lookup(parsed.host, { all: true }, (error, found) => {
      const addresses = error === null ? found : []
      const endpoints = addresses.map((one) => this.#socket.endpoint(one.address, parsed.port))
      const endpoint = endpoints.find((one) => one !== undefined)
      if (endpoint === undefined) this.#counters.lookupFailures++
      // A name that cannot be looked up just now still stands for what it stood for.
      named.endpoint = endpoint ?? named.endpoint
      named.freshUntilMs = this.#clock.now() + (endpoint === undefined ? MISSING_MS : FRESH_MS)
      const waiting = named.waiting ?? []
      named.waiting = undefined
      for (const [head, frame] of waiting) {
        if (named.endpoint === undefined || !this.#socket.send(head, frame, named.endpoint))
          this.#counters.datagramsDropped++
      }
    })
  }
}
