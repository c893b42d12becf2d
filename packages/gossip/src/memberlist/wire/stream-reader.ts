import { Fields } from './fields.ts'
import { checkLabel, type Label } from './label.ts'
import { readAck, readPing, readPushedNode } from './message-reader.ts'
import { MESSAGE_TYPES, type PushedNode, type StreamMessage } from './messages.ts'
import { MsgpackReader } from './msgpack-reader.ts'
import { decompress } from './packet.ts'
import type { Sealing } from './sealing.ts'

/** Bounds of what one stream may bring. */
export interface StreamLimits {
  /** Most bytes that are read, and most that they may unpack to. */
  readonly maxBytes: number
  /** Most members in one push/pull. */
  readonly maxNodes: number
}

/** Why a stream is not read on. */
export type StreamProblem =
  'wrong-label' | 'not-encrypted' | 'not-opened' | 'encrypted' | 'bad-compression' | 'malformed' | 'too-large'

/** A message, that more bytes are needed, or why there will be none. */
export type StreamResult = StreamMessage | 'more' | StreamProblem

/** Type byte and length in front of an encrypted message; they are authenticated with it. */
const SEALED_HEAD_BYTES = 5
const MAX_ERROR_BYTES = 4096

/** A push/pull that is being read: what came is not decoded again when more comes. */
interface Partial {
  at: number
  readonly join: boolean
  readonly count: number
  readonly userStateLength: number
  readonly nodes: PushedNode[]
}

/**
 * Reads the one message that a stream carries each way, from chunks as they arrive: label (of a dialler only), encryption, compression, message. The
 * work is proportional to the bytes, however they are cut; nothing is made room for before it is there.
 */
export class StreamReader {
  readonly #limits: StreamLimits
  readonly #label: Label | undefined
  readonly #aad: Uint8Array
  readonly #keys: Pick<Sealing, 'open'> | undefined
  #buffer: Uint8Array = new Uint8Array(0)
  #length = 0
  /** Where the part begins that is not behind us: after the label. */
  #start = 0
  #labelled = false
  #plain = false
  /** No attempt is made before there are this many bytes. */
  #needed = 1
  #partial: Partial | undefined

  /**
   * @param label The cluster's. It is authenticated by encryption either way; only what a dialler says has it in front.
   * @param expectLabel Whether the stream is one that was dialled from the other side.
   */
  constructor(limits: StreamLimits, label: Label, expectLabel: boolean, keys?: Pick<Sealing, 'open'>) {
    this.#limits = limits
    this.#label = expectLabel ? label : undefined
    this.#aad = label.bytes
    this.#keys = keys
  }

  /** Takes the next chunk. */
  push(chunk: Uint8Array): StreamResult {
    if (this.#length + chunk.length > this.#limits.maxBytes + MAX_ERROR_BYTES) return 'too-large'
    this.#append(chunk)
    return this.#length < this.#needed ? 'more' : this.#read()
  }

  #read(): StreamResult {
    if (!this.#labelled && this.#label !== undefined) {
      const at = checkLabel(this.#label, this.#bytes())
      if (at === 'short') return 'more'
      if (at === 'wrong-label') return at
      this.#start = at
    }
    this.#labelled = true
    const bytes = this.#bytes()
    if (bytes.length === 0) return 'more'
    if (this.#plain || this.#partial !== undefined) return this.#readMessage(bytes, false)
    if (bytes[0] === MESSAGE_TYPES.encrypt) return this.#readSealed(bytes)
    return this.#keys === undefined ? this.#readPlain(bytes, false) : 'not-encrypted'
  }

  #readSealed(bytes: Uint8Array): StreamResult {
    if (this.#keys === undefined) return 'encrypted'
    if (bytes.length < SEALED_HEAD_BYTES) return this.#need(SEALED_HEAD_BYTES)
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
    if (length > this.#limits.maxBytes) return 'too-large'
    if (bytes.length < SEALED_HEAD_BYTES + length) return this.#need(SEALED_HEAD_BYTES + length)
    const aad = new Uint8Array(SEALED_HEAD_BYTES + this.#aad.length)
    aad.set(bytes.subarray(0, SEALED_HEAD_BYTES))
    aad.set(this.#aad, SEALED_HEAD_BYTES)
    const plain = this.#keys.open(bytes.subarray(SEALED_HEAD_BYTES, SEALED_HEAD_BYTES + length), aad)
    return plain === undefined ? 'not-opened' : this.#readPlain(plain, true)
  }

  #readPlain(bytes: Uint8Array, whole: boolean): StreamResult {
    if (bytes[0] !== MESSAGE_TYPES.compress) {
      this.#plain = !whole
      return this.#readMessage(bytes, whole)
    }
    const reader = new MsgpackReader(bytes, 1)
    const map = reader.map()
    if (map === undefined) return this.#unfinished(reader, whole)
    const plain = decompress(new Fields(map), this.#limits.maxBytes)
    if (plain === undefined || plain[0] === MESSAGE_TYPES.compress) return 'bad-compression'
    return this.#readMessage(plain, true)
  }

  #readMessage(bytes: Uint8Array, whole: boolean): StreamResult {
    const type = bytes[0]
    if (type === MESSAGE_TYPES.pushPull) return this.#readPushPull(bytes, whole)
    const reader = new MsgpackReader(bytes, 1)
    const map = reader.map()
    if (map === undefined) return this.#unfinished(reader, whole)
    const fields = new Fields(map)
    if (type === MESSAGE_TYPES.user) return this.#readUser(bytes, reader.at, fields, whole)
    const message = readSmall(type, fields)
    return message !== undefined && fields.ok ? message : 'malformed'
  }

  #readUser(bytes: Uint8Array, at: number, fields: Fields, whole: boolean): StreamResult {
    const length = fields.uint('UserMsgLen', this.#limits.maxBytes)
    if (!fields.ok) return 'malformed'
    if (bytes.length - at >= length) return { type: 'user', bytes: bytes.subarray(at, at + length) }
    return whole ? 'malformed' : this.#need(at + length)
  }

  #readPushPull(bytes: Uint8Array, whole: boolean): StreamResult {
    if (this.#partial === undefined) {
      const reader = new MsgpackReader(bytes, 1)
      const map = reader.map()
      if (map === undefined) return this.#unfinished(reader, whole)
      const partial = this.#begin(new Fields(map), reader.at)
      if (partial === undefined) return 'malformed'
      this.#partial = partial
    }
    return this.#continue(this.#partial, bytes, whole)
  }

  #begin(fields: Fields, at: number): Partial | undefined {
    const count = fields.uint('Nodes', this.#limits.maxNodes)
    const userStateLength = fields.uint('UserStateLen', this.#limits.maxBytes)
    const join = fields.boolean('Join')
    return fields.ok ? { at, join, count, userStateLength, nodes: [] } : undefined
  }

  #continue(partial: Partial, bytes: Uint8Array, whole: boolean): StreamResult {
    while (partial.nodes.length < partial.count) {
      const reader = new MsgpackReader(bytes, partial.at)
      const map = reader.map()
      if (map === undefined) return this.#unfinished(reader, whole)
      const node = readPushedNode(map)
      if (node === undefined) return 'malformed'
      partial.nodes.push(node)
      partial.at = reader.at
    }
    const end = partial.at + partial.userStateLength
    if (bytes.length < end) return whole ? 'malformed' : this.#need(end)
    const { join, nodes } = partial
    return { type: 'pushPull', join, nodes, userState: bytes.subarray(partial.at, end) }
  }

  #unfinished(reader: MsgpackReader, whole: boolean): StreamResult {
    return whole || reader.outcome !== 'short' ? 'malformed' : this.#need(reader.needed)
  }

  #need(bytes: number): StreamResult {
    const needed = this.#start + bytes
    if (needed > this.#limits.maxBytes + MAX_ERROR_BYTES) return 'too-large'
    this.#needed = needed
    return 'more'
  }

  #bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#length)
  }

  #append(chunk: Uint8Array): void {
    const end = this.#length + chunk.length
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#buffer.length))
      grown.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = grown
    }
    this.#buffer.set(chunk, this.#length)
    this.#length = end
  }
}

function readSmall(type: number | undefined, fields: Fields): StreamMessage | undefined {
  switch (type) {
    case MESSAGE_TYPES.ping:
      return readPing(fields)
    case MESSAGE_TYPES.ack:
      return readAck(fields)
    case MESSAGE_TYPES.error:
      return { type: 'error', text: fields.string('Error', MAX_ERROR_BYTES) }
    default:
      return undefined
  }
}
