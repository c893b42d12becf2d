import type { Socket } from 'node:net'
import type { Address, NodeId } from '../core/identity.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import type { MadeContact } from './contact.ts'
import { dial, type DialListener } from './dial.ts'
import { FrameBatch } from './frame-batch.ts'
import type { Hello } from '../core/hello.ts'
import type { CloseReason, Refusal } from '../core/refusal.ts'
import { parseTcpAddress } from './tcp-address.ts'
import type { TcpContext } from './tcp-context.ts'

/** Bytes that may wait for a connection which is only being made. */
const MAX_EARLY_BYTES = 1024 * 1024

/** A batch of this size is written before the tick ends, so that the kernel works while the rest is made. */
const FULL_BATCH_BYTES = 256 * 1024

/** What a link needs of its transport. */
export interface LinkOwner {
  /** Calls `flush` of this link when the current tick ends. */
  schedule(link: PeerLink): void
  /** The link has nothing to do any more: nobody sends, or nobody knows where to. */
  retired(link: PeerLink): void
}

/**
 * The way to one peer: dials it, dials it again, and carries frames to it. Nothing ever comes back on it but answers to pings; what
 * the peer has to say comes over the connection that the peer makes.
 */
export class PeerLink implements ConnectionOwner, DialListener {
  /** The node at the other end. */
  readonly peer: NodeId
  readonly #context: TcpContext
  readonly #owner: LinkOwner
  readonly #batch = new FrameBatch()
  // `idle`: not begun, or between two connects. A connection exists in `greeting` and `open`.
  #state: 'idle' | 'connecting' | 'greeting' | 'open' | 'retired' = 'idle'
  #dial: Disposable | undefined
  #socket: Socket | undefined
  #connection: Connection | undefined
  #timer: Disposable | undefined
  #dialled: Address | undefined
  /** Connects in a row that failed. */
  #failures = 0
  #openedAt = 0
  /** Whether frames may wait for the connect under way: it has reason to succeed. */
  #hopeful = true
  #early = 0
  #frameLimit = 0
  #scheduled = false
  #congested = false
  #wanted = true
  #unusedMs = 0

  /** Nothing happens before {@link PeerLink.dial}. */
  constructor(context: TcpContext, peer: NodeId, owner: LinkOwner) {
    this.#context = context
    this.peer = peer
    this.#owner = owner
  }

  /** Whether frames pass. */
  get open(): boolean {
    return this.#state === 'open'
  }

  /** Accepted, and not yet taken by the operating system. */
  get queuedBytes(): number {
    return this.#batch.bytes + (this.#connection?.queuedBytes ?? 0)
  }

  /** Accepts a frame for writing when this tick ends, or drops it. */
  send(prefix: Uint8Array, frame: Uint8Array): boolean {
    this.#wanted = true
    if (this.#state !== 'open') return this.#sendEarly(prefix, frame)
    if (frame.length > this.#frameLimit || !this.#hasRoom(frame.length)) return false
    this.#batch.append(prefix, frame)
    if (!this.#scheduled) {
      this.#scheduled = true
      this.#owner.schedule(this)
    }
    if (this.#batch.bytes >= FULL_BATCH_BYTES) this.#connection?.write(this.#batch)
    return true
  }

  /** Writes what the tick has gathered. */
  flush(): void {
    this.#scheduled = false
    if (this.#state === 'open') this.#connection?.write(this.#batch)
  }

  /** Connects to where the address book says the peer is now. */
  dial(): void {
    this.#timer?.[Symbol.dispose]()
    const address = this.#context.options.addresses.get(this.peer)
    if (address === undefined) {
      this.retire('unused')
      return
    }
    this.#dialled = address
    const endpoint = parseTcpAddress(address)
    if (endpoint === undefined) {
      this.unreachable(`the address '${address}' is not of the form tcp://host:port`)
      return
    }
    this.#state = 'connecting'
    this.#dial = dial(this.#context, endpoint, this)
  }

  /** Whether it leads to `address` just now. */
  leadsTo(address: Address): boolean {
    return this.#state === 'open' && this.#dialled === address
  }

  /** Takes a connection over that was made before it was known who would answer, in place of its own. */
  adopt({ connection, socket, address }: MadeContact): void {
    this.#timer?.[Symbol.dispose]()
    this.#dial?.[Symbol.dispose]()
    const older = this.#connection
    this.#connection = connection
    this.#socket = socket
    this.#dialled = address
    this.#wanted = true
    connection.handOver(this)
    // The other side has closed it already: it keeps one connection a node.
    older?.end('superseded')
    this.opened(connection)
  }

  /** The peer was heard from, as `incarnation`: whatever kept it from answering is likely over. */
  encourage(incarnation: string): void {
    if (this.#state === 'open' && this.#connection?.incarnation !== incarnation) {
      // What this connection leads to is gone, even if its machine went down too fast to say so.
      this.#connection?.end('superseded', `'${this.peer}' has restarted`)
    }
    this.#hopeful = true
    if (this.#state === 'idle') this.dial()
  }

  /** Called every `elapsedMs`: gives an unused link up, closes a dead one, asks a live one for a sign of life. */
  sweep(nowMs: number, elapsedMs: number): void {
    this.#unusedMs = this.#wanted ? 0 : this.#unusedMs + elapsedMs
    this.#wanted = false
    if (this.#unusedMs >= this.#context.options.lingerMs) {
      this.retire('unused')
    } else if (this.#state === 'open') {
      this.#connection?.checkIdle(nowMs)
      this.#connection?.ping()
    }
  }

  /** Resolves when the connection that there is now is gone. */
  get gone(): Promise<void> {
    return this.#connection?.gone ?? Promise.resolve()
  }

  /** Writes what is there, closes, and never dials again. */
  retire(reason: CloseReason): void {
    const connection = this.#connection
    if (this.#state === 'open') connection?.write(this.#batch)
    this.#dropEarly()
    this.#state = 'retired'
    this.#timer?.[Symbol.dispose]()
    this.#owner.retired(this)
    this.#dial?.[Symbol.dispose]()
    connection?.finish(reason)
  }

  /** Drops the socket. */
  destroy(): void {
    this.#socket?.destroy()
  }

  judge(_connection: Connection, hello: Hello): Refusal | undefined {
    if (hello.nodeId !== this.peer) {
      return { reason: 'wrong-id', detail: `'${hello.nodeId}' answers at ${this.#dialled}` }
    }
    if (hello.refusal === undefined) return undefined
    return { reason: 'refused-by-peer', detail: hello.refusal }
  }

  opened(connection: Connection): void {
    const { options } = this.#context
    this.#state = 'open'
    this.#openedAt = options.clock.now()
    this.#frameLimit = Math.min(options.maxFrameBytes, connection.maxFrameBytes)
    const about = {
      direction: 'out',
      peer: this.peer,
      remote: connection.remote,
      frameLimit: this.#frameLimit,
    }
    this.#context.report('connection-opened', 'info', about)
    this.#early = 0
    connection.write(this.#batch)
  }

  refused(refusal: Refusal, connection?: Connection): void {
    if (connection !== this.#connection) return
    this.#connection = undefined
    if (this.#state === 'retired') return
    this.#context.refused(refusal, 'out', { peer: this.peer, address: this.#dialled })
    this.#retry()
  }

  unreachable(detail: string): void {
    this.#context.counters.connectFailures++
    // A peer that is down is tried again and again: said once, then only to those who trace.
    const level = this.#failures === 0 ? 'warn' : 'debug'
    this.#context.report('connect-failed', level, { peer: this.peer, address: this.#dialled, detail })
    this.#retry()
  }

  connected(socket: Socket, startedMs: number): void {
    this.#state = 'greeting'
    this.#socket = socket
    this.#connection = new Connection(this.#context, socket, 'out', this, startedMs)
  }

  closed(connection: Connection, reason: CloseReason, detail: string | undefined): void {
    const level = reason === 'goodbye' || reason === 'unused' || reason === 'closed' ? 'info' : 'warn'
    const about = { direction: 'out', peer: this.peer, remote: connection.remote, reason, detail }
    this.#context.report('connection-closed', level, about)
    this.#context.closed(this.peer, reason)
    if (this.#connection !== connection) return
    this.#connection = undefined
    if (this.#state === 'retired') return
    // Only a connection that has lasted proves the peer healthy: one that accepts and closes must not be dialled in a tight loop.
    const { clock, reconnect } = this.#context.options
    if (clock.now() - this.#openedAt >= reconnect.maxMs) this.#failures = 0
    this.#retry()
  }

  #sendEarly(prefix: Uint8Array, frame: Uint8Array): boolean {
    if (this.#state === 'idle') {
      // The peer has moved: no reason to wait for the next try at its old address.
      if (this.#context.options.addresses.get(this.peer) === this.#dialled) return false
      this.#hopeful = true
      this.dial()
    }
    if (this.#state !== 'connecting' && this.#state !== 'greeting') return false
    const tooLarge = frame.length > this.#context.options.maxFrameBytes
    if (!this.#hopeful || tooLarge || this.#batch.bytes + frame.length > MAX_EARLY_BYTES) return false
    this.#batch.append(prefix, frame)
    this.#early++
    return true
  }

  #hasRoom(bytes: number): boolean {
    const { maxQueueBytes } = this.#context.options
    const queued = this.queuedBytes
    if (queued + bytes <= maxQueueBytes) {
      // Said anew only after a real recovery, not each time that one frame more fits.
      if (queued <= maxQueueBytes / 2) this.#congested = false
      return true
    }
    if (!this.#congested) {
      this.#context.report('congested', 'warn', { peer: this.peer, queuedBytes: queued, maxQueueBytes })
    }
    this.#congested = true
    return false
  }

  /** Dials again after a while: "full jitter" (M. Brooker, Exponential Backoff and Jitter, 2015). */
  #retry(): void {
    this.#state = 'idle'
    this.#hopeful = false
    this.#dropEarly()
    const { clock, random, reconnect } = this.#context.options
    const ceiling = Math.min(reconnect.maxMs, reconnect.minMs * 2 ** Math.min(this.#failures, 30))
    this.#failures++
    this.#timer = clock.after(random.float() * ceiling, () => this.dial())
  }

  #dropEarly(): void {
    this.#context.counters.framesDropped += this.#early
    this.#early = 0
    this.#batch.clear()
  }
}
