import { Fields } from './fields.ts'
import {
  MAX_INCARNATION,
  MAX_META_BYTES,
  MAX_NAME_BYTES,
  MESSAGE_TYPES,
  NODE_STATES,
  type PacketMessage,
  type PushedNode,
  type Source,
} from './messages.ts'
import { type MsgpackMap, MsgpackReader } from './msgpack-reader.ts'

const MAX_U32 = 0xffff_ffff
const MAX_PORT = 0xffff
const MAX_IP_BYTES = 16
const MAX_VERSIONS = 16
/** More than any coordinate takes. */
const MAX_ACK_PAYLOAD_BYTES = 1024

/** The message in one part of a packet; `undefined` when it is malformed or of a type that packets do not hold. */
export function decodeMessage(bytes: Uint8Array): PacketMessage | undefined {
  const type = bytes[0]
  if (type === undefined) return undefined
  if (type === MESSAGE_TYPES.user) return { type: 'user', bytes: bytes.subarray(1) }
  const map = new MsgpackReader(bytes, 1).map()
  if (map === undefined) return undefined
  const fields = new Fields(map)
  const message = readMessage(type, fields)
  return fields.ok ? message : undefined
}

function readMessage(type: number, fields: Fields): PacketMessage | undefined {
  switch (type) {
    case MESSAGE_TYPES.ping:
      return readPing(fields)
    case MESSAGE_TYPES.indirectPing:
      return {
        type: 'indirectPing',
        seq: fields.uint('SeqNo', MAX_U32),
        ip: fields.bytes('Target', MAX_IP_BYTES),
        port: fields.uint('Port', MAX_PORT),
        node: fields.string('Node', MAX_NAME_BYTES),
        nack: fields.boolean('Nack'),
        ...readSource(fields),
      }
    case MESSAGE_TYPES.ack:
      return readAck(fields)
    case MESSAGE_TYPES.nack:
      return { type: 'nack', seq: fields.uint('SeqNo', MAX_U32) }
    case MESSAGE_TYPES.suspect:
    case MESSAGE_TYPES.dead:
      return {
        type: type === MESSAGE_TYPES.dead ? 'dead' : 'suspect',
        incarnation: fields.uint('Incarnation', MAX_INCARNATION),
        node: fields.string('Node', MAX_NAME_BYTES),
        from: fields.string('From', MAX_NAME_BYTES),
      }
    case MESSAGE_TYPES.alive:
      return {
        type: 'alive',
        incarnation: fields.uint('Incarnation', MAX_INCARNATION),
        node: fields.string('Node', MAX_NAME_BYTES),
        ip: fields.bytes('Addr', MAX_IP_BYTES),
        port: fields.uint('Port', MAX_PORT),
        meta: fields.bytes('Meta', MAX_META_BYTES),
        versions: fields.bytes('Vsn', MAX_VERSIONS),
      }
    default:
      return undefined
  }
}

/** The fields of a ping. */
export function readPing(fields: Fields): Extract<PacketMessage, { type: 'ping' }> {
  return {
    type: 'ping',
    seq: fields.uint('SeqNo', MAX_U32),
    node: fields.string('Node', MAX_NAME_BYTES),
    ...readSource(fields),
  }
}

/** The fields of an ack. */
export function readAck(fields: Fields): Extract<PacketMessage, { type: 'ack' }> {
  return {
    type: 'ack',
    seq: fields.uint('SeqNo', MAX_U32),
    payload: fields.bytes('Payload', MAX_ACK_PAYLOAD_BYTES),
  }
}

/** One member of a push/pull; `undefined` when it is malformed. */
export function readPushedNode(map: MsgpackMap): PushedNode | undefined {
  const fields = new Fields(map)
  const state = NODE_STATES[fields.uint('State', NODE_STATES.length - 1)]
  const node: PushedNode = {
    node: fields.string('Name', MAX_NAME_BYTES),
    ip: fields.bytes('Addr', MAX_IP_BYTES),
    port: fields.uint('Port', MAX_PORT),
    meta: fields.bytes('Meta', MAX_META_BYTES),
    incarnation: fields.uint('Incarnation', MAX_INCARNATION),
    state: state ?? 'alive',
    versions: fields.bytes('Vsn', MAX_VERSIONS),
  }
  return fields.ok ? node : undefined
}

/** Both address and port, or nothing: older peers send neither. */
function readSource(fields: Fields): { source?: Source } {
  const ip = fields.bytes('SourceAddr', MAX_IP_BYTES)
  const port = fields.uint('SourcePort', MAX_PORT)
  const name = fields.string('SourceNode', MAX_NAME_BYTES)
  return ip.length > 0 && port > 0 ? { source: { ip, port, name } } : {}
}
