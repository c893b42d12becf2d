import { ByteWriter } from '../core/bytes-writer.ts'
import { decodeHelloBody, encodeHelloBody, type Hello } from '../core/hello.ts'
import type { Refusal, RefusalReason } from '../core/refusal.ts'

/** Version of everything that passes between two TCP transports. Nodes of different versions refuse each other. */
export const PROTOCOL_VERSION = 1

/**
 * What both sides say first: `magic | u32 version | u32 body length | body`. The dialler speaks first, the other one answers when it
 * has made up its mind, and tells it in `refusal`; frames follow only then.
 *
 * No letter, no TLS record type (0x16), and line ends that a text protocol would mangle: nothing else starts like this.
 */
const MAGIC = Buffer.from([0x89, 0x43, 0x4c, 0x4e, 0x59, 0x0d, 0x0a, 0x1a])
const HEADER_BYTES = MAGIC.length + 8
const MAX_BODY_BYTES = 2048

/** The bytes of a hello, header included. */
export function encodeHello(hello: Hello): Uint8Array {
  const body = encodeHelloBody(hello)
  const message = new ByteWriter()
  message.raw(MAGIC)
  message.u32(PROTOCOL_VERSION)
  message.u32(body.length)
  message.raw(body)
  return message.finish()
}

/** Where reading a hello stands: more bytes are needed, it is whole (with what came after it), or it is none. */
export type HelloProgress =
  | { readonly state: 'incomplete' }
  | { readonly state: 'complete'; readonly hello: Hello; readonly rest: Buffer }
  | { readonly state: 'refused'; readonly refusal: Refusal }

const INCOMPLETE: HelloProgress = { state: 'incomplete' }

/** Reads the other side's hello from chunks of any size. Garbage is refused at its first wrong byte; at most 2 KiB are ever kept. */
export class HelloReader {
  #bytes: Buffer = Buffer.alloc(0)

  /** Takes the next chunk. Must not be called again once a hello was complete or refused. */
  push(chunk: Buffer): HelloProgress {
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    this.#bytes = bytes
    const known = Math.min(bytes.length, MAGIC.length)
    if (MAGIC.compare(bytes, 0, known, 0, known) !== 0) return refuse('bad-magic', describeGarbage(bytes))
    if (bytes.length < HEADER_BYTES) return INCOMPLETE
    const version = bytes.readUInt32LE(MAGIC.length)
    if (version !== PROTOCOL_VERSION) {
      return refuse('wrong-version', `speaks protocol version ${version}, this node ${PROTOCOL_VERSION}`)
    }
    const length = bytes.readUInt32LE(MAGIC.length + 4)
    if (length > MAX_BODY_BYTES) return refuse('malformed-hello', `announces ${length} bytes`)
    if (bytes.length < HEADER_BYTES + length) return INCOMPLETE
    this.#bytes = Buffer.alloc(0)
    return readBody(
      bytes.subarray(HEADER_BYTES, HEADER_BYTES + length),
      bytes.subarray(HEADER_BYTES + length),
    )
  }
}

function readBody(body: Buffer, rest: Buffer): HelloProgress {
  const hello = decodeHelloBody(body)
  return typeof hello === 'string' ? refuse('malformed-hello', hello) : { state: 'complete', hello, rest }
}

function refuse(reason: RefusalReason, detail: string): HelloProgress {
  return { state: 'refused', refusal: { reason, detail } }
}

function describeGarbage(bytes: Buffer): string {
  // 0x16: a TLS handshake record. 0x15: a TLS alert.
  if (bytes[0] === 0x16) return 'the other side speaks TLS, this node does not'
  if (bytes[0] === 0x15) return 'the other side requires TLS'
  return `not a colony node: its first bytes are ${bytes.subarray(0, 16).toString('hex')}`
}
