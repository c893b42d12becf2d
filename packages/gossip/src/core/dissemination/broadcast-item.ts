import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import { MAX_EPOCH } from '../members/incarnation.ts'
import { readName } from '../wire/member-update.ts'
import { MAX_BROADCAST_BYTES, MAX_TOPIC_BYTES } from './message-limits.ts'

/** A message for everybody. Sender, epoch and sequence are its name. */
export interface BroadcastItem {
  readonly sender: NodeId
  /** The sender's life. */
  readonly epoch: number
  /** 1 for the first broadcast of that life. */
  readonly sequence: number
  readonly lamport: number
  readonly topic: string
  readonly payload: Uint8Array
}

export function writeBroadcast(writer: ByteWriter, item: BroadcastItem): void {
  writer.string(item.sender)
  writer.varint(item.epoch)
  writer.varint(item.sequence)
  writer.varint(item.lamport)
  writer.string(item.topic)
  writer.bytes(item.payload)
}

/** Reads what {@link writeBroadcast} wrote; `undefined`, with the reader failed, when it is malformed. The payload is a copy. */
export function readBroadcast(reader: ByteReader): BroadcastItem | undefined {
  const sender = readName(reader)
  const epoch = reader.count(MAX_EPOCH)
  const sequence = reader.varint()
  const lamport = reader.varint()
  const topic = readTopic(reader)
  const payload = readPayload(reader, MAX_BROADCAST_BYTES)
  if (sequence === 0) reader.fail('a broadcast without a number')
  return reader.failed ? undefined : { sender, epoch, sequence, lamport, topic, payload }
}

/** A topic: may be empty. */
export function readTopic(reader: ByteReader): string {
  const before = reader.remaining
  const topic = reader.string()
  if (before - reader.remaining > MAX_TOPIC_BYTES + 2) reader.fail('a topic that is too long')
  return topic
}

/** A payload of at most `most` bytes, copied: whoever keeps it must not keep the packet. */
export function readPayload(reader: ByteReader, most: number): Uint8Array {
  return reader.raw(reader.count(most)).slice()
}
