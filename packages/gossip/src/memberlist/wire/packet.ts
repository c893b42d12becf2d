import { crc32 } from '@colony/host'
import { decodeCompound } from './compound.ts'
import { Fields } from './fields.ts'
import { decompressLzw } from './lzw.ts'
import { decodeMessage } from './message-reader.ts'
import { MESSAGE_TYPES, type PacketMessage } from './messages.ts'
import { MsgpackReader } from './msgpack-reader.ts'

/** Type byte and sum in front of a message. */
export const CRC_BYTES = 5
/** Compressed, compound, message: nothing that peers send is deeper, and each layer might multiply the work. */
const MAX_LAYERS = 3
/** The most that one packet may grow to. Peers compress at most one datagram's worth. */
const MAX_UNPACKED_BYTES = 256 * 1024
/** The only algorithm of compression that the protocol has. */
const LZW = 0

/** What goes wrong with a packet, or a part of one. */
export type PacketProblem = 'bad-checksum' | 'bad-compression' | 'bad-compound' | 'truncated' | 'malformed'

/** Takes what a packet holds. */
export interface PacketVisitor {
  message(message: PacketMessage): void
  /** Something in it was not taken. The rest still may be. */
  problem(problem: PacketProblem): void
}

/** Takes apart a packet that was already decrypted: check sum, compression, compound, messages. Never throws; what is malformed is told and passed over. */
export function readPacket(bytes: Uint8Array, visitor: PacketVisitor): void {
  if (bytes[0] !== MESSAGE_TYPES.crc) {
    unfold(bytes, visitor, 1)
    return
  }
  if (bytes.length < CRC_BYTES) {
    visitor.problem('malformed')
    return
  }
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
  const rest = bytes.subarray(CRC_BYTES)
  if (crc32(rest) === sum) unfold(rest, visitor, 1)
  else visitor.problem('bad-checksum')
}

/** Puts the check sum in front of a packet: for peers whose highest protocol version is 5 or more. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const summed = new Uint8Array(CRC_BYTES + bytes.length)
  summed[0] = MESSAGE_TYPES.crc
  new DataView(summed.buffer).setUint32(1, crc32(bytes))
  summed.set(bytes, CRC_BYTES)
  return summed
}

function unfold(bytes: Uint8Array, visitor: PacketVisitor, layer: number): void {
  if (layer > MAX_LAYERS) {
    visitor.problem('malformed')
    return
  }
  switch (bytes[0]) {
    case MESSAGE_TYPES.compress:
      unfoldCompressed(bytes, visitor, layer)
      return
    case MESSAGE_TYPES.compound:
      unfoldCompound(bytes, visitor, layer)
      return
    default: {
      const message = decodeMessage(bytes)
      if (message === undefined) visitor.problem('malformed')
      else visitor.message(message)
    }
  }
}

function unfoldCompressed(bytes: Uint8Array, visitor: PacketVisitor, layer: number): void {
  const map = new MsgpackReader(bytes, 1).map()
  const plain = map === undefined ? undefined : decompress(new Fields(map), MAX_UNPACKED_BYTES)
  // Compressed once more would multiply the bound.
  if (plain === undefined || plain[0] === MESSAGE_TYPES.compress) visitor.problem('bad-compression')
  else unfold(plain, visitor, layer + 1)
}

function unfoldCompound(bytes: Uint8Array, visitor: PacketVisitor, layer: number): void {
  const compound = decodeCompound(bytes)
  if (compound === undefined) {
    visitor.problem('bad-compound')
    return
  }
  for (const part of compound.parts) {
    // Parts that are compressed or compound again could cost a thousand times their size, 255 times over. No peer sends them.
    if (part[0] === MESSAGE_TYPES.compress || part[0] === MESSAGE_TYPES.compound) visitor.problem('malformed')
    else unfold(part, visitor, layer + 1)
  }
  if (compound.truncated > 0) visitor.problem('truncated')
}

/** The content of a compressed message, at most `maxBytes` long; `undefined` when it is malformed or larger. */
export function decompress(fields: Fields, maxBytes: number): Uint8Array | undefined {
  const algorithm = fields.uint('Algo', 0xff)
  const packed = fields.bytes('Buf', maxBytes)
  if (!fields.ok || algorithm !== LZW) return undefined
  return decompressLzw(packed, maxBytes)
}
