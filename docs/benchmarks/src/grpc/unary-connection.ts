import { connect, type Socket } from 'node:net'
import {
  encodeFrame,
  encodeHeaderBlocks,
  FLAG,
  FRAME,
  FRAME_HEADER_BYTES,
  FrameReader,
  PREFACE,
  writeFrameHeader,
} from './http2-frames.ts'
import { encodeGrpcMessage } from './protobuf.ts'

/** Called once: whether the call succeeded. */
export type Done = (ok: boolean) => void

interface Queued {
  readonly message: Uint8Array
  readonly done: Done
}

/** A connection's flow-control window until the other side widens it (RFC 9113 section 6.9.2). */
const INITIAL_WINDOW = 65_535
/** What we let the server send before we widen its window: more than a benchmark ever receives. */
const RECEIVE_WINDOW_INCREMENT = 0x7fffffff - INITIAL_WINDOW

/**
 * Unary gRPC calls of one method over one plain-text HTTP/2 connection, as lean as they can be made in JavaScript: frames written
 * by hand into one buffer a tick, six bytes of headers a call. `node:http2` costs several times the processor time a call, which
 * on a shared machine is taken from the server that is to be measured.
 *
 * Responses are not decoded. A unary handler sends a message only when it succeeded (otherwise trailers alone), so a call is
 * taken to have succeeded when data came before the end of its stream.
 */
export class UnaryConnection implements Disposable {
  readonly #socket: Socket
  readonly #headers: { readonly first: Buffer; readonly later: Buffer }
  readonly #queue: Queued[] = []
  readonly #open = new Map<number, { readonly done: Done; answered: boolean }>()
  #nextStream = 1
  #sendWindow = INITIAL_WINDOW
  #flushPlanned = false
  #closed = false

  private constructor(socket: Socket, path: string, authority: string) {
    this.#socket = socket
    this.#headers = encodeHeaderBlocks(path, authority)
    socket.setNoDelay(true)
    const reader = new FrameReader((type, flags, stream, payload) =>
      this.#receive(type, flags, stream, payload),
    )
    socket.on('data', (piece: Buffer) => {
      reader.push(piece)
      this.#flush()
    })
    socket.on('error', () => this.#fail())
    socket.on('close', () => this.#fail())
    const increment = Buffer.alloc(4)
    increment.writeUInt32BE(RECEIVE_WINDOW_INCREMENT)
    socket.write(PREFACE)
    socket.write(encodeFrame(FRAME.settings, 0, 0, Buffer.alloc(0)))
    socket.write(encodeFrame(FRAME.windowUpdate, 0, 0, increment))
  }

  /** Connects to a loopback port. `path` is `/package.Service/Method`. */
  static connect(port: number, path: string): Promise<UnaryConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new UnaryConnection(socket, path, `127.0.0.1:${port}`))
      })
    })
  }

  /** Starts a call; `message` is the encoded protobuf message. Calls of one tick leave in one write. */
  call(message: Uint8Array, done: Done): void {
    if (this.#closed) {
      setImmediate(done, false)
      return
    }
    this.#queue.push({ message: encodeGrpcMessage(message), done })
    if (this.#flushPlanned) return
    this.#flushPlanned = true
    queueMicrotask(() => this.#flush())
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #flush(): void {
    this.#flushPlanned = false
    let count = 0
    let bytes = 0
    for (const { message } of this.#queue) {
      if (message.length > this.#sendWindow) break
      this.#sendWindow -= message.length
      bytes += 2 * FRAME_HEADER_BYTES + this.#block(this.#nextStream + 2 * count).length + message.length
      count++
    }
    if (count === 0) return
    const out = Buffer.allocUnsafe(bytes)
    let at = 0
    for (const queued of this.#queue.splice(0, count)) at = this.#write(out, at, queued)
    this.#socket.write(out)
  }

  #write(out: Buffer, at: number, { message, done }: Queued): number {
    const stream = this.#nextStream
    this.#nextStream += 2
    this.#open.set(stream, { done, answered: false })
    const block = this.#block(stream)
    const block0 = writeFrameHeader(out, at, block.length, FRAME.headers, FLAG.endHeaders, stream)
    out.set(block, block0)
    const data = block0 + block.length
    const message0 = writeFrameHeader(out, data, message.length, FRAME.data, FLAG.endStream, stream)
    out.set(message, message0)
    return message0 + message.length
  }

  #block(stream: number): Buffer {
    return stream === 1 ? this.#headers.first : this.#headers.later
  }

  #receive(type: number, flags: number, stream: number, payload: Buffer): void {
    const call = this.#open.get(stream)
    const ends = (flags & FLAG.endStream) !== 0
    if (type === FRAME.data && call !== undefined) call.answered ||= payload.length > 0
    if ((type === FRAME.data || type === FRAME.headers) && ends) this.#finish(stream, call?.answered === true)
    else if (type === FRAME.resetStream) this.#finish(stream, false)
    else if (type === FRAME.windowUpdate && stream === 0) this.#sendWindow += payload.readUInt32BE(0)
    else if (type === FRAME.settings && (flags & FLAG.ack) === 0)
      this.#acknowledge(FRAME.settings, Buffer.alloc(0))
    else if (type === FRAME.ping && (flags & FLAG.ack) === 0) this.#acknowledge(FRAME.ping, payload)
    else if (type === FRAME.goAway) this.#socket.destroy()
  }

  #acknowledge(type: number, payload: Uint8Array): void {
    this.#socket.write(encodeFrame(type, FLAG.ack, 0, payload))
  }

  #finish(stream: number, ok: boolean): void {
    const call = this.#open.get(stream)
    this.#open.delete(stream)
    call?.done(ok)
  }

  #fail(): void {
    this.#closed = true
    for (const stream of this.#open.keys()) this.#finish(stream, false)
    for (const { done } of this.#queue.splice(0)) done(false)
  }
}
