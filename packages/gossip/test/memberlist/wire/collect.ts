import { createLabel } from '../../../src/memberlist/wire/label.ts'
import type { PacketMessage, StreamMessage } from '../../../src/memberlist/wire/messages.ts'
import { readPacket } from '../../../src/memberlist/wire/packet.ts'
import type { Sealing } from '../../../src/memberlist/wire/sealing.ts'
import { StreamReader } from '../../../src/memberlist/wire/stream-reader.ts'

/** What a packet holds, and what was wrong with it. */
export function messagesOf(bytes: Uint8Array): { messages: PacketMessage[]; problems: string[] } {
  const messages: PacketMessage[] = []
  const problems: string[] = []
  readPacket(bytes, {
    message: (message) => messages.push(message),
    problem: (problem) => problems.push(problem),
  })
  return { messages, problems }
}

/** Small bounds, so that tests reach them. */
export const LIMITS = { maxBytes: 1024 * 1024, maxNodes: 1000 }

/** How reading a stream ends that comes in chunks of a size. */
export function streamOf(
  bytes: Uint8Array,
  options: { label?: string; dialled?: boolean; keys?: Sealing; chunk?: number } = {},
): StreamMessage | string {
  const { label = '', dialled = false, keys, chunk = bytes.length } = options
  const reader = new StreamReader(LIMITS, createLabel(label), dialled, keys)
  for (let at = 0; at < bytes.length; at += chunk) {
    const result = reader.push(bytes.subarray(at, at + chunk))
    if (result !== 'more') return result
  }
  return 'more'
}

/** Bytes as hexadecimal, for readable comparisons. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
