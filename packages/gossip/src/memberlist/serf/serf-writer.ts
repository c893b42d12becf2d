import { encodeMessage } from '../wire/message-writer.ts'
import { writeBoolean, writeBytes, writeString, writeUint } from '../wire/msgpack-fields.ts'
import { MsgpackWriter } from '../wire/msgpack-writer.ts'
import {
  ACK_FLAG,
  PRIVATE_FLAG,
  type Query,
  type QueryResponse,
  type Relay,
  SERF_TYPES,
  type SerfMessage,
  type SerfState,
  type UserEvent,
} from './serf-messages.ts'

const NS_PER_MS = 1_000_000

/** The bytes of one of Serf's messages, with its type in front. */
export function encodeSerf(message: SerfMessage): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(SERF_TYPES[message.type])
  switch (message.type) {
    case 'leave':
      writer.map(3)
      writeUint(writer, 'LTime', message.time)
      writeString(writer, 'Node', message.node)
      writeBoolean(writer, 'Prune', message.prune)
      break
    case 'join':
      writer.map(2)
      writeUint(writer, 'LTime', message.time)
      writeString(writer, 'Node', message.node)
      break
    case 'event':
      writer.map(4)
      writeUint(writer, 'LTime', message.time)
      writeString(writer, 'Name', message.name)
      writeBytes(writer, 'Payload', message.payload)
      writeBoolean(writer, 'CC', message.coalesce)
      break
    case 'query':
      writeQuery(writer, message)
      break
    case 'response':
      writeResponse(writer, message)
      break
    case 'relay':
      writeRelay(writer, message)
      break
    default:
      message satisfies never
  }
  return writer.finish()
}

/** One of Serf's messages as memberlist spreads it: a copy, so that a packet it came in may go. */
export function asUser(bytes: Uint8Array): Uint8Array {
  return encodeMessage({ type: 'user', bytes })
}

/** The state for a push/pull. */
export function encodeState(state: SerfState): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(SERF_TYPES.pushPull)
  writer.map(6)
  writeUint(writer, 'LTime', state.time)
  writer.string('StatusLTimes')
  writer.map(state.statusTimes.size)
  for (const [node, time] of state.statusTimes) writeUint(writer, node, time)
  writer.string('LeftMembers')
  writer.array(state.left.length)
  for (const node of state.left) writer.string(node)
  writeUint(writer, 'EventLTime', state.eventTime)
  writeEvents(writer, state.events)
  writeUint(writer, 'QueryLTime', state.queryTime)
  return writer.finish()
}

/** The answer to a query about whose name something is; nothing when the name is not known here. */
export function encodeConflictResponse(
  member: { name: string; ip: Uint8Array; port: number } | undefined,
): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(SERF_TYPES.conflictResponse)
  if (member === undefined) {
    writer.nil()
    return writer.finish()
  }
  writer.map(3)
  writeString(writer, 'Name', member.name)
  writeBytes(writer, 'Addr', member.ip)
  writeUint(writer, 'Port', member.port)
  return writer.finish()
}

/** The answer to a query about keys. */
export function encodeKeyResponse(response: {
  readonly result: boolean
  readonly text: string
  readonly keys: readonly string[]
  readonly primary: string
}): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(SERF_TYPES.keyResponse)
  writer.map(4)
  writeBoolean(writer, 'Result', response.result)
  writeString(writer, 'Message', response.text)
  writer.string('Keys')
  writer.array(response.keys.length)
  for (const key of response.keys) writer.string(key)
  writeString(writer, 'PrimaryKey', response.primary)
  return writer.finish()
}

/** Events of one time are one entry. */
function writeEvents(writer: MsgpackWriter, events: readonly UserEvent[]): void {
  const byTime = new Map<number, UserEvent[]>()
  for (const event of events) {
    const same = byTime.get(event.time)
    if (same === undefined) byTime.set(event.time, [event])
    else same.push(event)
  }
  writer.string('Events')
  writer.array(byTime.size)
  for (const [time, same] of byTime) {
    writer.map(2)
    writeUint(writer, 'LTime', time)
    writer.string('Events')
    writer.array(same.length)
    for (const { name, payload } of same) {
      writer.map(2)
      writeString(writer, 'Name', name)
      writeBytes(writer, 'Payload', payload)
    }
  }
}

function writeQuery(writer: MsgpackWriter, query: Query): void {
  writer.map(11)
  writeUint(writer, 'LTime', query.time)
  writeUint(writer, 'ID', query.id)
  writeBytes(writer, 'Addr', query.ip)
  writeUint(writer, 'Port', query.port)
  writeString(writer, 'SourceNode', query.source)
  writer.string('Filters')
  writer.array(query.filters.length)
  for (const filter of query.filters) writer.raw(filter)
  writeUint(writer, 'Flags', (query.wantsAck ? ACK_FLAG : 0) | (query.isPrivate ? PRIVATE_FLAG : 0))
  writeUint(writer, 'RelayFactor', query.relayFactor)
  writeUint(writer, 'Timeout', Math.round(query.timeoutMs * NS_PER_MS))
  writeString(writer, 'Name', query.name)
  writeBytes(writer, 'Payload', query.payload)
}

function writeResponse(writer: MsgpackWriter, response: QueryResponse): void {
  writer.map(5)
  writeUint(writer, 'LTime', response.time)
  writeUint(writer, 'ID', response.id)
  writeString(writer, 'From', response.from)
  writeUint(writer, 'Flags', response.isAck ? ACK_FLAG : 0)
  writeBytes(writer, 'Payload', response.payload)
}

function writeRelay(writer: MsgpackWriter, { ip, port, node, message }: Relay): void {
  writer.map(2)
  writer.string('DestAddr')
  writer.map(3)
  writeBytes(writer, 'IP', ip)
  writeUint(writer, 'Port', port)
  writeString(writer, 'Zone', '')
  writeString(writer, 'DestName', node)
  writer.bytes(message)
}
