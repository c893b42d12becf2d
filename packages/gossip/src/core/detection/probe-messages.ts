import type { ByteReader, NodeId } from '@colony/host'
import { type Incarnation, MAX_COUNTER, MAX_EPOCH } from '../members/incarnation.ts'
import { readName } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'

/** Sequence numbers are three bytes at most, then begin again: thousands of times more than can be under way. */
export const MAX_SEQUENCE: number = 2 ** 21 - 1

/** Longest time that a helper is asked to wait. */
export const MAX_PATIENCE_MS = 600_000

const SUSPECTED = 0b1
const BY_STREAM = 0b10
const BY_HELPER = 0b10

/** A probe: which life and word of the target its sender knows, so that the target can correct it. */
export interface Ping {
  readonly sequence: number
  readonly incarnation: Incarnation
  /** The sender suspects that incarnation. */
  readonly suspected: boolean
  /** It came over a stream, and so has the answer to go. */
  readonly byStream: boolean
}

/** The answer to a probe. */
export interface Ack {
  readonly sequence: number
  readonly byStream: boolean
  /** A helper passes it on. */
  readonly byHelper: boolean
}

/** Asks a helper to probe `target`, and to say after `patienceMs` that it got no answer. */
export interface PingRequest {
  readonly sequence: number
  readonly target: NodeId
  readonly patienceMs: number
}

/** The body of a ping. */
export function writePing(
  sequence: number,
  epoch: number,
  counter: number,
  suspected: boolean,
  byStream: boolean,
): Uint8Array {
  SCRATCH.u8((suspected ? SUSPECTED : 0) | (byStream ? BY_STREAM : 0))
  SCRATCH.varint(sequence)
  SCRATCH.varint(epoch)
  SCRATCH.varint(counter)
  return SCRATCH.finish()
}

/** Reads a ping; the reader has failed when it is malformed. What newer nodes append is passed over. */
export function readPing(reader: ByteReader): Ping {
  const flags = reader.u8()
  const sequence = reader.count(MAX_SEQUENCE)
  const incarnation = { epoch: reader.count(MAX_EPOCH), counter: reader.count(MAX_COUNTER) }
  return {
    sequence,
    incarnation,
    suspected: (flags & SUSPECTED) !== 0,
    byStream: (flags & BY_STREAM) !== 0,
  }
}

/** The body of an answer. */
export function writeAck(sequence: number, byStream: boolean, byHelper: boolean): Uint8Array {
  SCRATCH.u8((byStream ? 1 : 0) | (byHelper ? BY_HELPER : 0))
  SCRATCH.varint(sequence)
  return SCRATCH.finish()
}

/** Reads an answer; the reader has failed when it is malformed. */
export function readAck(reader: ByteReader): Ack {
  const flags = reader.u8()
  const sequence = reader.count(MAX_SEQUENCE)
  return { sequence, byStream: (flags & 1) !== 0, byHelper: (flags & BY_HELPER) !== 0 }
}

/** The body of a request to a helper. */
export function writePingRequest({ sequence, target, patienceMs }: PingRequest): Uint8Array {
  SCRATCH.varint(sequence)
  SCRATCH.string(target)
  SCRATCH.varint(patienceMs)
  return SCRATCH.finish()
}

/** Reads a request to a helper; the reader has failed when it is malformed. */
export function readPingRequest(reader: ByteReader): PingRequest {
  return {
    sequence: reader.count(MAX_SEQUENCE),
    target: readName(reader),
    patienceMs: reader.count(MAX_PATIENCE_MS),
  }
}

/** The body of a helper's word that it got no answer. */
export function writeNack(sequence: number): Uint8Array {
  SCRATCH.varint(sequence)
  return SCRATCH.finish()
}

/** Reads a helper's word; the reader has failed when it is malformed. */
export function readNack(reader: ByteReader): number {
  return reader.count(MAX_SEQUENCE)
}
