/// <reference lib="esnext.disposable" preserve="true" />
import type { Hello } from '../core/hello.ts'
import type { NodeId } from '../core/identity.ts'
import type { CloseReason, Refusal, RefusalReason } from '../core/refusal.ts'
import type { WebSocketContext } from './context.ts'
import { controlMessage, GOODBYE, PING, PONG } from './frame-message.ts'
import { decodeHelloMessage, encodeHelloMessage } from './hello-message.ts'
import { bytesOf, NORMAL_CLOSURE, OPEN, REFUSED_CLOSURE, type WebSocketLike } from './web-socket.ts'

/** How a connection came to its end: before it was open, or after. */
export type Ending =
  | { readonly before: 'open'; readonly refusal: Refusal }
  | { readonly after: 'open'; readonly reason: CloseReason; readonly detail: string | undefined }

/** Who made a connection and hears how it fares. */
export interface ConnectionOwner {
  /** The other side belongs to this cluster; is it wanted? */
  judge(connection: Connection, hello: Hello): Refusal | undefined
  /** Frames may pass from now on. */
  opened(connection: Connection): void
  /** A message came: a channel and a frame. */
  message(connection: Connection, message: Uint8Array): void
  /** Told once. */
  ended(connection: Connection, ending: Ending): void
}

/** The refusals that the other side is told about; to anybody else nothing is said. */
const TOLD: ReadonlySet<RefusalReason> = new Set(['wrong-version', 'wrong-cluster', 'wrong-id'])
/** A peer that pings without reading the answers gets no more of them when this much is unread. */
const MAX_UNREAD_ANSWERS_BYTES = 64 * 1024

/** One socket: introductions under a deadline, then messages in both directions. Nothing that the other side sends makes it throw. */
export class Connection {
  /** Which side made it. */
  readonly direction: 'in' | 'out'
  /** Resolves when the socket is closed. */
  readonly gone: Promise<void>
  /** The other node; empty until it has introduced itself. */
  peer: NodeId = ''
  /** The other node's incarnation. */
  incarnation = ''
  /** Largest payload that the other node takes. */
  maxFrameBytes = 0
  /** Greater than that of every connection that opened before; set by its owner. */
  ordinal = 0

  readonly #context: WebSocketContext
  readonly #socket: WebSocketLike
  readonly #owner: ConnectionOwner
  readonly #deadline: Disposable
  #state: 'greeting' | 'open' | 'ended' = 'greeting'
  #failed = false
  #heardAt = 0

  constructor(
    context: WebSocketContext,
    socket: WebSocketLike,
    direction: 'in' | 'out',
    owner: ConnectionOwner,
  ) {
    this.#context = context
    this.#socket = socket
    this.#owner = owner
    this.direction = direction
    socket.binaryType = 'arraybuffer'
    const { handshakeTimeoutMs } = context.options
    this.#deadline = context.deadline(handshakeTimeoutMs, () => {
      this.#refuse({ reason: 'timeout', detail: `no handshake within ${handshakeTimeoutMs} ms` })
    })
    this.gone = new Promise((resolve) => {
      socket.addEventListener('close', () => resolve())
    })
    socket.addEventListener('message', (event) => this.#onMessage(bytesOf(event)))
    socket.addEventListener('error', () => (this.#failed = true))
    socket.addEventListener('close', () => this.#onClosed())
    if (direction === 'in') return
    const greet = (): void => void this.#send(encodeHelloMessage(context.hello()))
    if (socket.readyState === OPEN) greet()
    else socket.addEventListener('open', greet)
  }

  /** Whether frames may pass. */
  get isOpen(): boolean {
    return this.#state === 'open' && this.#socket.readyState === OPEN
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** Sends a message; false when the socket cannot. */
  send(message: Uint8Array): boolean {
    return this.isOpen && this.#send(message)
  }

  /** Ends a connection on which nothing was heard for too long; asks for a sign of life where this side made it. */
  sweep(nowMs: number): void {
    if (this.#state !== 'open') return
    const silence = nowMs - this.#heardAt
    if (silence > this.#context.options.idleTimeoutMs)
      this.end('idle', `nothing heard for ${Math.round(silence)} ms`)
    else if (this.direction === 'out') this.#send(controlMessage(PING))
  }

  /** Says goodbye, lets what was sent go out, then closes. */
  finish(reason: CloseReason): void {
    if (this.#state === 'open') this.#send(controlMessage(GOODBYE))
    this.end(reason)
  }

  /** Closes. */
  end(reason: CloseReason, detail?: string): void {
    const before = this.#state
    if (before === 'ended') return
    this.#leave(NORMAL_CLOSURE, reason)
    if (before === 'open') this.#owner.ended(this, { after: 'open', reason, detail })
    else this.#owner.ended(this, { before: 'open', refusal: { reason: 'hung-up', detail: reason } })
  }

  #refuse(refusal: Refusal): void {
    if (this.#state !== 'greeting') return
    const told = this.direction === 'in' && TOLD.has(refusal.reason)
    if (told) this.#send(encodeHelloMessage(this.#context.hello(refusal.reason)))
    this.#leave(REFUSED_CLOSURE, refusal.reason)
    this.#owner.ended(this, { before: 'open', refusal })
  }

  #leave(code: number, reason: string): void {
    this.#state = 'ended'
    this.#deadline[Symbol.dispose]()
    try {
      this.#socket.close(code, reason)
    } catch {
      // A socket that cannot be closed is closed.
    }
  }

  #send(message: Uint8Array): boolean {
    try {
      this.#socket.send(message)
      return true
    } catch {
      // It closed in this moment: its `close` event follows.
      return false
    }
  }

  #onClosed(): void {
    const detail = this.#failed ? 'the socket failed' : undefined
    if (this.#state === 'open') this.end(this.#failed ? 'failed' : 'ended', detail)
    else this.#refuse({ reason: 'hung-up', detail: detail ?? 'closed in the middle of the handshake' })
  }

  #onMessage(bytes: Uint8Array | undefined): void {
    if (this.#state === 'greeting') {
      this.#onGreeting(bytes)
      return
    }
    if (this.#state !== 'open') return
    if (bytes === undefined) {
      this.end('malformed-frame', 'a message of text')
      return
    }
    this.#heardAt = this.#context.options.clock.now()
    const nameBytes = bytes[0] ?? 0
    if (nameBytes === 0) this.#onControl(bytes)
    else if (bytes.byteLength - 1 - nameBytes > this.#context.options.maxFrameBytes)
      this.end('oversized-frame')
    else this.#owner.message(this, bytes)
  }

  #onGreeting(bytes: Uint8Array | undefined): void {
    const hello = decodeHelloMessage(bytes)
    if ('reason' in hello) {
      this.#refuse(hello)
      return
    }
    this.peer = hello.nodeId
    this.incarnation = hello.incarnation
    this.maxFrameBytes = hello.maxFrameBytes
    const refusal = this.#judge(hello)
    if (refusal !== undefined) {
      this.#refuse(refusal)
      return
    }
    this.#deadline[Symbol.dispose]()
    this.#state = 'open'
    if (this.direction === 'in') this.#send(encodeHelloMessage(this.#context.hello()))
    this.#heardAt = this.#context.options.clock.now()
    this.#owner.opened(this)
  }

  #judge(hello: Hello): Refusal | undefined {
    if (hello.refusal !== undefined) return { reason: 'refused-by-peer', detail: hello.refusal }
    const { clusterId } = this.#context.options
    if (hello.clusterId !== clusterId) {
      return {
        reason: 'wrong-cluster',
        detail: `belongs to cluster '${hello.clusterId}', this node to '${clusterId}'`,
      }
    }
    if (hello.nodeId === this.#context.self)
      return { reason: 'wrong-id', detail: `bears this node's own id, '${hello.nodeId}'` }
    return this.#owner.judge(this, hello)
  }

  #onControl(message: Uint8Array): void {
    const kind = message[1]
    if (kind === PING) {
      if (this.#socket.bufferedAmount < MAX_UNREAD_ANSWERS_BYTES) this.#send(controlMessage(PONG))
    } else if (kind === GOODBYE) {
      this.end('goodbye')
    }
    // A pong has done its work by arriving; kinds that a later minor version adds are for it alone.
  }
}
