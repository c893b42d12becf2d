import { ByteReader } from '../core/bytes-reader.ts'
import { ByteWriter } from '../core/bytes-writer.ts'
import { decodeHelloBody, encodeHelloBody, type Hello } from '../core/hello.ts'
import type { Refusal } from '../core/refusal.ts'

/** Version of everything that passes between two WebSocket transports. Nodes of different versions refuse each other. */
const VERSION = 1
/** What the first message of each side begins with: "clny". */
const MAGIC = 0x796e_6c63
const MAX_HELLO_BYTES = 2048

/** The first message of a side: `u32 magic | u32 version | hello`. */
export function encodeHelloMessage(hello: Hello): Uint8Array {
  const writer = new ByteWriter()
  writer.u32(MAGIC)
  writer.u32(VERSION)
  writer.raw(encodeHelloBody(hello))
  return writer.finish()
}

/** Reads it, or says why the other side is not one of us. Never throws. */
export function decodeHelloMessage(bytes: Uint8Array | undefined): Hello | Refusal {
  if (bytes === undefined) return { reason: 'bad-magic', detail: 'its first message is text' }
  const reader = new ByteReader(bytes)
  if (reader.u32() !== MAGIC || bytes.byteLength > MAX_HELLO_BYTES)
    return {
      reason: 'bad-magic',
      detail: `not a colony node: its first message has ${bytes.byteLength} bytes`,
    }
  const version = reader.u32()
  if (version !== VERSION)
    return { reason: 'wrong-version', detail: `speaks version ${version}, this node ${VERSION}` }
  const hello = decodeHelloBody(bytes.subarray(8))
  return typeof hello === 'string' ? { reason: 'malformed-hello', detail: hello } : hello
}
