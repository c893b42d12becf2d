import { KEY_BYTES, VALUE_BYTES } from './workload.ts'

/** The conversation between the benchmark's client and its servers, beside raft's own on the same connections. */
export const BENCH_CHANNEL = 'bench'

/** The client's name on the network: there is one. */
export const CLIENT = 'client'

/** A command "set this key to this value": both have fixed lengths, so it is one after the other. */
export const PUT_BYTES: number = KEY_BYTES + VALUE_BYTES

const ID_BYTES = 4
const REQUEST_BYTES = ID_BYTES + PUT_BYTES
const REPLY_BYTES = ID_BYTES + 1

/** Gathers what one turn of the event loop brings into one frame, as any client that keeps many requests outstanding would. */
class TickFrame {
  readonly #send: (frame: Uint8Array) => void
  readonly #itemBytes: number
  readonly #flush = (): void => this.#sendAll()
  #bytes: Buffer
  #length = 0

  constructor(itemBytes: number, send: (frame: Uint8Array) => void) {
    this.#itemBytes = itemBytes
    this.#bytes = Buffer.allocUnsafe(16 * itemBytes)
    this.#send = send
  }

  /** Where the next item goes; the first of a turn has everything sent when the turn ends. */
  next(): { readonly bytes: Buffer; readonly at: number } {
    if (this.#length === 0) queueMicrotask(this.#flush)
    const at = this.#length
    this.#length += this.#itemBytes
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.#bytes.length)
      this.#bytes.copy(larger)
      this.#bytes = larger
    }
    return { bytes: this.#bytes, at }
  }

  #sendAll(): void {
    const frame = this.#bytes.subarray(0, this.#length)
    // The transport keeps what it is given.
    this.#bytes = Buffer.allocUnsafe(this.#length)
    this.#length = 0
    this.#send(frame)
  }
}

/** Requests on their way: each its number, then the command. */
export class Requests {
  readonly #frame: TickFrame

  constructor(send: (frame: Uint8Array) => void) {
    this.#frame = new TickFrame(REQUEST_BYTES, send)
  }

  /** Adds one. */
  add(id: number, command: Uint8Array): void {
    const { bytes, at } = this.#frame.next()
    bytes.writeUInt32LE(id, at)
    bytes.set(command, at + ID_BYTES)
  }
}

/** Takes a frame of requests apart; the commands are views. */
export function readRequests(frame: Uint8Array, take: (id: number, command: Uint8Array) => void): void {
  for (let at = 0; at + REQUEST_BYTES <= frame.length; at += REQUEST_BYTES) {
    take(readId(frame, at), frame.subarray(at + ID_BYTES, at + REQUEST_BYTES))
  }
}

/** Answers on their way: each the request's number, and whether it was applied. */
export class Replies {
  readonly #frame: TickFrame

  constructor(send: (frame: Uint8Array) => void) {
    this.#frame = new TickFrame(REPLY_BYTES, send)
  }

  /** Adds one. */
  add(id: number, ok: boolean): void {
    const { bytes, at } = this.#frame.next()
    bytes.writeUInt32LE(id, at)
    bytes[at + ID_BYTES] = ok ? 1 : 0
  }
}

/** Takes a frame of answers apart. */
export function readReplies(frame: Uint8Array, take: (id: number, ok: boolean) => void): void {
  for (let at = 0; at + REPLY_BYTES <= frame.length; at += REPLY_BYTES) {
    take(readId(frame, at), frame[at + ID_BYTES] === 1)
  }
}

/** A put. */
export function encodePut(key: string, value: Uint8Array): Uint8Array {
  const command = Buffer.alloc(PUT_BYTES)
  command.write(key, 'latin1')
  command.set(value, KEY_BYTES)
  return command
}

/** Takes a put apart; the value is a view. */
export function decodePut(command: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  const at = (i: number): number => command[i] ?? 0
  // Eight characters in one call: several times as fast as a decoder.
  const key = String.fromCharCode(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
  return { key, value: command.subarray(KEY_BYTES) }
}

function readId(frame: Uint8Array, start: number): number {
  const at = (i: number): number => frame[start + i] ?? 0
  return (at(0) | (at(1) << 8) | (at(2) << 16) | (at(3) << 24)) >>> 0
}
