import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { NodeId } from '../core/identity.ts'
import type { ChannelSlot } from './channel-table.ts'
import type { FrameBatch } from './frame-batch.ts'
import { FrameParser } from './frame-parser.ts'
import type { Hello } from '../core/hello.ts'
import { HelloReader } from './handshake.ts'
import type { CloseReason, Refusal, RefusalReason } from '../core/refusal.ts'
import type { Direction, TcpContext } from './tcp-context.ts'
import { certificateNames, describeCertificate } from './tls.ts'

/** Who made a connection and hears how it fares. Exactly one of `refused` and `closed` is called, once, when the end begins. */
export interface ConnectionOwner {
  /** The other side belongs to this cluster and is who it claims to be; is it wanted? A refusal ends the connection. */
  judge(connection: Connection, hello: Hello): Refusal | undefined
  /** Frames may pass from now on. */
  opened(connection: Connection): void
  /** Ended before it was open. */
  refused(refusal: Refusal, connection: Connection): void
  /** Ended after it was open. */
  closed(connection: Connection, reason: CloseReason, detail: string | undefined): void
}

/** Control frames: a channel of no bytes, then what it is about. */
const PING = 1
const PONG = 2
const GOODBYE = 3
const [PING_FRAME, PONG_FRAME, GOODBYE_FRAME] = [PING, PONG, GOODBYE].map((kind) =>
  Buffer.from([2, 0, 0, 0, 0, kind]),
)

/** A peer that pings without reading the answers gets no more of them when this much is unread. */
const MAX_UNREAD_ANSWERS_BYTES = 64 * 1024

/** The refusals that the other side is told about; to anybody else nothing is said. */
const TOLD: ReadonlySet<RefusalReason> = new Set([
  'wrong-version',
  'wrong-cluster',
  'wrong-id',
  'wrong-certificate',
])

/**
 * One socket from its first byte on: introductions under a deadline, then frames in (handed to their channel) and frames out.
 * Nothing that the other side sends makes it throw; whatever breaks the rules ends this connection and nothing else.
 */
export class Connection {
  /** Which side made it. */
  readonly direction: Direction
  /** The other end as the operating system knows it, for messages. */
  readonly remote: string
  /** Resolves when the socket is gone. */
  readonly gone: Promise<void>
  /** The other node; empty until it has introduced itself. */
  peer: NodeId = ''
  /** The other node's incarnation. */
  incarnation = ''
  /** Largest payload that the other node takes. */
  maxFrameBytes = 0

  readonly #context: TcpContext
  readonly #socket: Socket
  #owner: ConnectionOwner
  readonly #parser: FrameParser
  readonly #reader = new HelloReader()
  readonly #deadline: Disposable
  #state: 'greeting' | 'open' | 'ended' = 'greeting'
  #error: Error | undefined
  #slot: ChannelSlot | undefined
  #heardAt = 0

  /** Takes over a connected socket. `startedMs`: when the time for the handshake began to run. */
  constructor(
    context: TcpContext,
    socket: Socket,
    direction: Direction,
    owner: ConnectionOwner,
    startedMs: number,
  ) {
    this.#context = context
    this.#socket = socket
    this.#owner = owner
    this.direction = direction
    this.remote = `${socket.remoteAddress}:${socket.remotePort}`
    this.#parser = new FrameParser(context.options.maxFrameBytes, (bytes, start, end) => {
      this.#onFrame(bytes, start, end)
    })
    const { clock, handshakeTimeoutMs } = context.options
    const leftMs = Math.max(0, startedMs + handshakeTimeoutMs - clock.now())
    this.#deadline = context.deadline(leftMs, () => {
      this.#refuse({ reason: 'timeout', detail: `no handshake within ${handshakeTimeoutMs} ms` })
    })
    this.gone = new Promise((resolve) => {
      socket.once('close', () => resolve())
    })
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('end', () => this.#onLost())
    socket.on('close', () => this.#onLost())
    if (direction === 'out') socket.write(context.hello())
  }

  /** Bytes that the operating system has not taken yet. */
  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  /** From now on `owner` hears how the connection fares. */
  handOver(owner: ConnectionOwner): void {
    this.#owner = owner
  }

  /** Writes what a batch holds. */
  write(batch: FrameBatch): void {
    this.#context.counters.bytesSent += batch.bytes
    batch.writeTo(this.#socket)
  }

  /** Asks for a sign of life. */
  ping(): void {
    if (this.#state === 'open' && PING_FRAME !== undefined) this.#socket.write(PING_FRAME)
  }

  /** Ends the connection if nothing was heard for too long. */
  checkIdle(nowMs: number): void {
    const silence = nowMs - this.#heardAt
    if (silence > this.#context.options.idleTimeoutMs)
      this.end('idle', `nothing heard for ${Math.round(silence)} ms`)
  }

  /** Says goodbye, lets what was written go out, then closes. */
  finish(reason: CloseReason): void {
    if (this.#state === 'greeting') this.#socket.destroy()
    if (this.#state === 'open' && GOODBYE_FRAME !== undefined) this.#socket.end(GOODBYE_FRAME)
    this.#settle(reason, undefined)
  }

  /** Closes at once. */
  end(reason: CloseReason, detail?: string): void {
    this.#socket.destroy()
    this.#settle(reason, detail)
  }

  #settle(reason: CloseReason, detail: string | undefined): void {
    const before = this.#state
    if (before === 'ended') return
    this.#leave()
    if (before === 'greeting') this.#owner.refused({ reason: 'hung-up', detail: reason }, this)
    else this.#owner.closed(this, reason, detail)
  }

  #refuse(refusal: Refusal): void {
    if (this.#state !== 'greeting') return
    this.#leave()
    if (this.direction === 'in' && TOLD.has(refusal.reason)) {
      this.#socket.write(this.#context.hello(refusal.reason))
      this.#socket.destroySoon()
    } else {
      this.#socket.destroy()
    }
    this.#owner.refused(refusal, this)
  }

  #leave(): void {
    this.#state = 'ended'
    this.#parser.stop()
    this.#deadline[Symbol.dispose]()
  }

  /** The stream is over without an agreement. */
  #onLost(): void {
    const error = this.#error as NodeJS.ErrnoException | undefined
    if (this.#state === 'greeting') {
      const reason = error?.code?.startsWith('ERR_SSL') === true ? 'tls-failed' : 'hung-up'
      this.#refuse({ reason, detail: error?.message ?? 'closed in the middle of the handshake' })
    } else if (this.#state === 'open') {
      this.end(error === undefined ? 'ended' : 'failed', error?.message)
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#state === 'open') this.#onFrames(chunk)
    else if (this.#state === 'greeting') this.#onGreeting(chunk)
  }

  #onGreeting(chunk: Buffer): void {
    const progress = this.#reader.push(chunk)
    if (progress.state === 'incomplete') return
    if (progress.state === 'refused') {
      this.#refuse(progress.refusal)
      return
    }
    const { hello, rest } = progress
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
    if (this.direction === 'in') this.#socket.write(this.#context.hello())
    this.#heardAt = this.#context.options.clock.now()
    this.#owner.opened(this)
    if (rest.length > 0) this.#onData(rest)
  }

  #judge(hello: Hello): Refusal | undefined {
    const { clusterId } = this.#context.options
    if (hello.clusterId !== clusterId) {
      return {
        reason: 'wrong-cluster',
        detail: `belongs to cluster '${hello.clusterId}', this node to '${clusterId}'`,
      }
    }
    if (this.#socket instanceof TLSSocket) {
      const certificate = this.#socket.getPeerCertificate()
      if (!certificateNames(certificate, hello.nodeId)) {
        const names = describeCertificate(certificate)
        return {
          reason: 'wrong-certificate',
          detail: `node '${hello.nodeId}' presents a certificate for ${names}`,
        }
      }
    }
    return this.#owner.judge(this, hello)
  }

  #onFrames(chunk: Buffer): void {
    this.#heardAt = this.#context.options.clock.now()
    this.#context.counters.bytesReceived += chunk.length
    const fault = this.#parser.push(chunk)
    if (fault !== undefined) this.#onFault(fault)
  }

  #onFault(fault: 'oversized-frame' | 'malformed-frame'): void {
    const limit = this.#context.options.maxFrameBytes
    this.end(
      fault,
      fault === 'oversized-frame' ? `a frame above maxFrameBytes (${limit}) was announced` : undefined,
    )
  }

  #onFrame(bytes: Buffer, start: number, end: number): void {
    const nameStart = start + 1
    const nameEnd = nameStart + (bytes[start] ?? 0)
    if (nameEnd === nameStart) {
      this.#onControl(bytes[nameStart])
      return
    }
    // Only the side that dialled sends frames: what comes back on its connection are answers to pings.
    if (nameEnd > end || this.direction === 'out') {
      this.#onFault('malformed-frame')
      return
    }
    const { channels, counters, options } = this.#context
    if (end - nameEnd > options.maxFrameBytes) {
      this.#onFault('oversized-frame')
      return
    }
    const slot = channels.find(bytes, nameStart, nameEnd, this.#slot)
    if (slot?.handler === undefined) {
      counters.framesUnclaimed++
      return
    }
    this.#slot = slot
    counters.framesReceived++
    try {
      slot.handler(this.peer, new Uint8Array(bytes.buffer, bytes.byteOffset + nameEnd, end - nameEnd))
    } catch (error) {
      counters.handlerFailures++
      this.#context.report('handler-failed', 'error', {
        channel: slot.channel,
        peer: this.peer,
        error: String(error),
      })
    }
  }

  #onControl(kind: number | undefined): void {
    if (kind === PING) {
      if (this.#socket.writableLength < MAX_UNREAD_ANSWERS_BYTES && PONG_FRAME !== undefined)
        this.#socket.write(PONG_FRAME)
    } else if (kind === GOODBYE) {
      this.#socket.end()
      this.#settle('goodbye', undefined)
    }
    // A pong has done its work by arriving; kinds that a later minor version adds are for it alone.
  }
}
