import {
  type Alive,
  type Dead,
  type IndirectPing,
  MESSAGE_TYPES,
  NODE_STATES,
  type PacketMessage,
  type Ping,
  type PushedNode,
  type PushPull,
  type Source,
  type StreamMessage,
  type Suspect,
} from './messages.ts'
import { writeBytes, writeString, writeUint } from './msgpack-fields.ts'
import { MsgpackWriter } from './msgpack-writer.ts'

/** The bytes of one message, with its type in front: for a packet, for a part of a compound, or for a stream. */
export function encodeMessage(message: PacketMessage | StreamMessage): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(MESSAGE_TYPES[message.type])
  switch (message.type) {
    case 'ping':
      writePing(writer, message)
      break
    case 'indirectPing':
      writeIndirectPing(writer, message)
      break
    case 'ack':
      writer.map(2)
      writeUint(writer, 'SeqNo', message.seq)
      writeBytes(writer, 'Payload', message.payload)
      break
    case 'nack':
      writer.map(1)
      writeUint(writer, 'SeqNo', message.seq)
      break
    case 'suspect':
    case 'dead':
      writeAccusation(writer, message)
      break
    case 'alive':
      writeAlive(writer, message)
      break
    case 'error':
      writer.map(1)
      writeString(writer, 'Error', message.text)
      break
    case 'user':
      // Without a header: that is how packets carry it.
      writer.bytes(message.bytes)
      break
    case 'pushPull':
      writePushPull(writer, message)
      break
    default:
      message satisfies never
  }
  return writer.finish()
}

/** A user message for a stream, where its length has to be told. */
export function encodeUserStream(bytes: Uint8Array): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(MESSAGE_TYPES.user)
  writer.map(1)
  writeUint(writer, 'UserMsgLen', bytes.length)
  writer.bytes(bytes)
  return writer.finish()
}

function writePing(writer: MsgpackWriter, { seq, node, source }: Ping): void {
  writer.map(2 + sourceFields(source))
  writeUint(writer, 'SeqNo', seq)
  writeString(writer, 'Node', node)
  writeSource(writer, source)
}

function writeIndirectPing(writer: MsgpackWriter, message: IndirectPing): void {
  writer.map(5 + sourceFields(message.source))
  writeUint(writer, 'SeqNo', message.seq)
  writeBytes(writer, 'Target', message.ip)
  writeUint(writer, 'Port', message.port)
  writeString(writer, 'Node', message.node)
  writer.string('Nack')
  writer.boolean(message.nack)
  writeSource(writer, message.source)
}

/** Empty fields of a source are left out, which is what an older peer would have sent. */
function sourceFields(source: Source | undefined): number {
  if (source === undefined) return 0
  return source.name === '' ? 2 : 3
}

function writeSource(writer: MsgpackWriter, source: Source | undefined): void {
  if (source === undefined) return
  writeBytes(writer, 'SourceAddr', source.ip)
  writeUint(writer, 'SourcePort', source.port)
  if (source.name !== '') writeString(writer, 'SourceNode', source.name)
}

function writeAccusation(writer: MsgpackWriter, { incarnation, node, from }: Suspect | Dead): void {
  writer.map(3)
  writeUint(writer, 'Incarnation', incarnation)
  writeString(writer, 'Node', node)
  writeString(writer, 'From', from)
}

function writeAlive(writer: MsgpackWriter, message: Alive): void {
  writer.map(6)
  writeUint(writer, 'Incarnation', message.incarnation)
  writeString(writer, 'Node', message.node)
  writeBytes(writer, 'Addr', message.ip)
  writeUint(writer, 'Port', message.port)
  writeBytes(writer, 'Meta', message.meta)
  writeBytes(writer, 'Vsn', message.versions)
}

function writePushPull(writer: MsgpackWriter, { join, nodes, userState }: PushPull): void {
  writer.map(3)
  writeUint(writer, 'Nodes', nodes.length)
  writeUint(writer, 'UserStateLen', userState.length)
  writer.string('Join')
  writer.boolean(join)
  for (const node of nodes) writePushedNode(writer, node)
  writer.bytes(userState)
}

function writePushedNode(writer: MsgpackWriter, node: PushedNode): void {
  writer.map(7)
  writeString(writer, 'Name', node.node)
  writeBytes(writer, 'Addr', node.ip)
  writeUint(writer, 'Port', node.port)
  writeBytes(writer, 'Meta', node.meta)
  writeUint(writer, 'Incarnation', node.incarnation)
  writeUint(writer, 'State', NODE_STATES.indexOf(node.state))
  writeBytes(writer, 'Vsn', node.versions)
}
