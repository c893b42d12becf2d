import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import { MAX_EPOCH } from '../members/incarnation.ts'
import { readName } from '../wire/member-update.ts'
import { readPayload, readTopic } from './broadcast-item.ts'
import { MAX_ANSWER_BYTES, MAX_QUERY_BYTES } from './message-limits.ts'

/** Longest time for answers: one hour. */
export const MAX_QUERY_MS = 3_600_000

/** A question. Asker, epoch and sequence are its name. */
export interface QueryItem {
  readonly asker: NodeId
  /** The asker's life. */
  readonly epoch: number
  /** 1 for the first question of that life. */
  readonly sequence: number
  readonly lamport: number
  /** How much longer answers are waited for, when this was written. */
  readonly remainingMs: number
  /** Whether it is for all, and to be passed on. */
  readonly forAll: boolean
  readonly topic: string
  readonly payload: Uint8Array
}

export function writeQuery(writer: ByteWriter, item: QueryItem): void {
  writer.u8(item.forAll ? 1 : 0)
  writer.string(item.asker)
  writer.varint(item.epoch)
  writer.varint(item.sequence)
  writer.varint(item.lamport)
  writer.varint(Math.round(item.remainingMs))
  writer.string(item.topic)
  writer.bytes(item.payload)
}

/** Reads what {@link writeQuery} wrote; `undefined`, with the reader failed, when it is malformed. */
export function readQuery(reader: ByteReader): QueryItem | undefined {
  const forAll = reader.count(1) === 1
  const asker = readName(reader)
  const epoch = reader.count(MAX_EPOCH)
  const sequence = reader.varint()
  const lamport = reader.varint()
  const remainingMs = reader.count(MAX_QUERY_MS)
  const topic = readTopic(reader)
  const payload = readPayload(reader, MAX_QUERY_BYTES)
  if (sequence === 0) reader.fail('a question without a number')
  if (reader.failed) return undefined
  return { asker, epoch, sequence, lamport, remainingMs, forAll, topic, payload }
}

/**
 * What members say to each other about answers.
 *
 * - `answer`: of `answerer`, to question `sequence` of `asker`; whoever gets it and is not the asker passes it on, once;
 * - `thanks`: the asker has it.
 */
export interface AnswerItem {
  readonly kind: 'answer' | 'thanks'
  readonly asker: NodeId
  readonly epoch: number
  readonly sequence: number
  readonly answerer: NodeId
  readonly payload: Uint8Array
}

export function writeAnswer(writer: ByteWriter, item: AnswerItem): void {
  writer.u8(item.kind === 'answer' ? 0 : 1)
  writer.string(item.asker)
  writer.varint(item.epoch)
  writer.varint(item.sequence)
  writer.string(item.answerer)
  writer.bytes(item.payload)
}

/** Reads what {@link writeAnswer} wrote; `undefined`, with the reader failed, when it is malformed. */
export function readAnswer(reader: ByteReader): AnswerItem | undefined {
  const kind = reader.count(1) === 0 ? 'answer' : 'thanks'
  const asker = readName(reader)
  const epoch = reader.count(MAX_EPOCH)
  const sequence = reader.varint()
  const answerer = readName(reader)
  const payload = readPayload(reader, MAX_ANSWER_BYTES)
  return reader.failed ? undefined : { kind, asker, epoch, sequence, answerer, payload }
}
