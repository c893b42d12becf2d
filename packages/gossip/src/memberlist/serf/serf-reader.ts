import { Fields } from '../wire/fields.ts'
import { MAX_NAME_BYTES } from '../wire/messages.ts'
import { type MsgpackMap, MsgpackReader } from '../wire/msgpack-reader.ts'
import { readUtf8 } from '../wire/text.ts'
import { MAX_LAMPORT } from './lamport.ts'
import {
  ACK_FLAG,
  PRIVATE_FLAG,
  SERF_TYPES,
  type SerfMessage,
  type SerfState,
  type UserEvent,
} from './serf-messages.ts'

const MAX_U32 = 0xffff_ffff
/** A user message is at most one datagram, or one stream of a query's answer. */
const MAX_PAYLOAD_BYTES = 64 * 1024
const MAX_FILTERS = 32
const NS_PER_MS = 1_000_000
/** No query is waited for longer. */
const MAX_QUERY_MS = 3_600_000
/** Values of a push/pull state: two for each member, at most 512 entries of events. */
const MAX_STATE_VALUES = 1_000_000
const MAX_EVENT_ENTRIES = 4096

/** One of Serf's messages; `undefined` when it is malformed or of an unknown type. */
export function decodeSerf(bytes: Uint8Array): SerfMessage | undefined {
  const type = bytes[0]
  const reader = new MsgpackReader(bytes, 1, 4 * MAX_FILTERS)
  const map = reader.map()
  if (map === undefined) return undefined
  const fields = new Fields(map)
  const message =
    type === SERF_TYPES.relay ? readRelay(fields, bytes.subarray(reader.at)) : readMessage(type, fields)
  return fields.ok ? message : undefined
}

function readMessage(type: number | undefined, fields: Fields): SerfMessage | undefined {
  const time = fields.uint('LTime', MAX_LAMPORT)
  switch (type) {
    case SERF_TYPES.leave:
      return { type: 'leave', time, node: nodeOf(fields), prune: fields.boolean('Prune') }
    case SERF_TYPES.join:
      return { type: 'join', time, node: nodeOf(fields) }
    case SERF_TYPES.event:
      return {
        type: 'event',
        time,
        name: fields.string('Name', MAX_PAYLOAD_BYTES),
        payload: fields.bytes('Payload', MAX_PAYLOAD_BYTES),
        coalesce: fields.boolean('CC'),
      }
    case SERF_TYPES.query:
      return readQuery(fields, time)
    case SERF_TYPES.response:
      return {
        type: 'response',
        time,
        id: fields.uint('ID', MAX_U32),
        from: fields.string('From', MAX_NAME_BYTES),
        isAck: (fields.uint('Flags', MAX_U32) & ACK_FLAG) !== 0,
        payload: fields.bytes('Payload', MAX_PAYLOAD_BYTES),
      }
    default:
      return undefined
  }
}

function readQuery(fields: Fields, time: number): SerfMessage | undefined {
  const flags = fields.uint('Flags', MAX_U32)
  const filters = fields.list('Filters', MAX_FILTERS)
  if (!filters.every((filter) => filter instanceof Uint8Array)) return undefined
  return {
    type: 'query',
    time,
    id: fields.uint('ID', MAX_U32),
    ip: fields.bytes('Addr', 16),
    port: fields.uint('Port', 0xffff),
    source: fields.string('SourceNode', MAX_NAME_BYTES),
    filters,
    wantsAck: (flags & ACK_FLAG) !== 0,
    isPrivate: (flags & PRIVATE_FLAG) !== 0,
    relayFactor: fields.uint('RelayFactor', 0xff),
    timeoutMs: Math.min(MAX_QUERY_MS, fields.uint('Timeout', Number.MAX_SAFE_INTEGER) / NS_PER_MS),
    name: fields.string('Name', MAX_PAYLOAD_BYTES),
    payload: fields.bytes('Payload', MAX_PAYLOAD_BYTES),
  }
}

function readRelay(fields: Fields, message: Uint8Array): SerfMessage | undefined {
  const to = new Fields(fields.entries('DestAddr'))
  const ip = to.bytes('IP', 16)
  const port = to.uint('Port', 0xffff)
  const node = fields.string('DestName', MAX_NAME_BYTES)
  return to.ok ? { type: 'relay', ip, port, node, message } : undefined
}

/** The state of a push/pull; `undefined` when it is malformed. */
export function decodeState(bytes: Uint8Array): SerfState | undefined {
  if (bytes[0] !== SERF_TYPES.pushPull) return undefined
  const map = new MsgpackReader(bytes, 1, MAX_STATE_VALUES).map()
  if (map === undefined) return undefined
  const fields = new Fields(map)
  const statusTimes = readTimes(fields.entries('StatusLTimes'))
  const left = readNames(fields.list('LeftMembers', MAX_STATE_VALUES))
  const events = readEvents(fields.list('Events', MAX_EVENT_ENTRIES))
  const time = fields.uint('LTime', MAX_LAMPORT)
  const eventTime = fields.uint('EventLTime', MAX_LAMPORT)
  const queryTime = fields.uint('QueryLTime', MAX_LAMPORT)
  if (!fields.ok || statusTimes === undefined || left === undefined || events === undefined) return undefined
  return { time, statusTimes, left, eventTime, events, queryTime }
}

function readTimes(map: MsgpackMap): ReadonlyMap<string, number> | undefined {
  const times = new Map<string, number>()
  for (const [node, time] of map) {
    if (typeof time !== 'number' || !(time >= 0 && time <= MAX_LAMPORT)) return undefined
    times.set(node, time)
  }
  return times
}

function readNames(values: readonly unknown[]): string[] | undefined {
  const names: string[] = []
  for (const value of values) {
    const name = value instanceof Uint8Array ? readUtf8(value) : undefined
    if (name === undefined) return undefined
    names.push(name)
  }
  return names
}

/** Serf writes all 512 places of its buffer; the empty ones are nil. */
function readEvents(entries: readonly unknown[]): UserEvent[] | undefined {
  const events: UserEvent[] = []
  for (const entry of entries) {
    if (entry === null) continue
    if (!(entry instanceof Map)) return undefined
    const fields = new Fields(entry as MsgpackMap)
    const time = fields.uint('LTime', MAX_LAMPORT)
    for (const value of fields.list('Events', MAX_EVENT_ENTRIES)) {
      if (!(value instanceof Map)) return undefined
      const event = new Fields(value as MsgpackMap)
      const name = event.string('Name', MAX_PAYLOAD_BYTES)
      const payload = event.bytes('Payload', MAX_PAYLOAD_BYTES)
      if (!event.ok) return undefined
      events.push({ type: 'event', time, name, payload, coalesce: false })
    }
    if (!fields.ok) return undefined
  }
  return events
}

function nodeOf(fields: Fields): string {
  return fields.string('Node', MAX_NAME_BYTES)
}
