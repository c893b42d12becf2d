import { ByteReader } from './bytes-reader.ts'
import { ByteWriter } from './bytes-writer.ts'
import { MAX_NAME_BYTES, type NodeId } from './identity.ts'
import { REFUSAL_REASONS, type RefusalReason } from './refusal.ts'
import { utf8Length } from './utf8.ts'

/** How two nodes introduce themselves when they connect, before any frame passes. */
export interface Hello {
  /** The sender's cluster. */
  readonly clusterId: string
  /** Who the sender is. */
  readonly nodeId: NodeId
  /** Drawn at every start of a transport: tells a restarted node from one that merely reconnects. 16 hexadecimal digits. */
  readonly incarnation: string
  /** Largest payload that the sender accepts, in bytes. */
  readonly maxFrameBytes: number
  /** Why the sender will not talk to the receiver; `undefined` when it will. */
  readonly refusal: RefusalReason | undefined
}

const INCARNATION_BYTES = 8

/** The bytes of a hello, without whatever a transport puts in front of them. */
export function encodeHelloBody(hello: Hello): Uint8Array {
  const body = new ByteWriter()
  body.string(hello.clusterId)
  body.string(hello.nodeId)
  for (let index = 0; index < INCARNATION_BYTES; index++) {
    body.u8(Number.parseInt(hello.incarnation.slice(2 * index, 2 * index + 2), 16))
  }
  body.varint(hello.maxFrameBytes)
  body.u8(hello.refusal === undefined ? 0 : REFUSAL_REASONS.indexOf(hello.refusal) + 1)
  return body.finish()
}

/** Reads a hello, or says in words what is wrong with it. Never throws. */
export function decodeHelloBody(bytes: Uint8Array): Hello | string {
  const reader = new ByteReader(bytes)
  const clusterId = reader.string()
  const nodeId = reader.string()
  let incarnation = ''
  for (const byte of reader.raw(INCARNATION_BYTES)) incarnation += byte.toString(16).padStart(2, '0')
  const maxFrameBytes = reader.varint()
  const verdict = reader.u8()
  // Bytes that are left over belong to a later minor version: they are ignored.
  if (reader.reason !== undefined) return reader.reason
  for (const name of [clusterId, nodeId]) {
    const length = utf8Length(name)
    if (length === 0 || length > MAX_NAME_BYTES) return `a name of ${length} bytes`
  }
  const refusal = verdict === 0 ? undefined : (REFUSAL_REASONS[verdict - 1] ?? 'refused-by-peer')
  return { clusterId, nodeId, incarnation, maxFrameBytes, refusal }
}
