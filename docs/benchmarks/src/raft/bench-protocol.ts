import { KEY_BYTES, VALUE_BYTES } from './workload.ts'

/** The conversation between the benchmark's client and its servers, beside raft's own on the same connections. */
export const BENCH_CHANNEL = 'bench'

const ID_BYTES = 4

/** A request: its number, then the command. */
export function encodeRequest(id: number, command: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(ID_BYTES + command.length)
  frame.writeUInt32LE(id)
  frame.set(command, ID_BYTES)
  return frame
}

/** Takes a request apart; the command is a view. */
export function decodeRequest(frame: Uint8Array): { readonly id: number; readonly command: Uint8Array } {
  return { id: readId(frame), command: frame.subarray(ID_BYTES) }
}

/** An answer: the request's number, and whether it was applied. */
export function encodeReply(id: number, ok: boolean): Uint8Array {
  const frame = Buffer.allocUnsafe(ID_BYTES + 1)
  frame.writeUInt32LE(id)
  frame[ID_BYTES] = ok ? 1 : 0
  return frame
}

/** Takes an answer apart. */
export function decodeReply(frame: Uint8Array): { readonly id: number; readonly ok: boolean } {
  return { id: readId(frame), ok: frame[ID_BYTES] === 1 }
}

/** A command "set this key to this value": both have fixed lengths, so it is one after the other. */
export function encodePut(key: string, value: Uint8Array): Uint8Array {
  const command = Buffer.alloc(KEY_BYTES + VALUE_BYTES)
  command.write(key, 'latin1')
  command.set(value, KEY_BYTES)
  return command
}

/** Takes a command apart; the value is a view. */
export function decodePut(command: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  const at = (i: number): number => command[i] ?? 0
  // Eight characters in one call: several times as fast as a decoder.
  const key = String.fromCharCode(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
  return { key, value: command.subarray(KEY_BYTES) }
}

function readId(frame: Uint8Array): number {
  const at = (i: number): number => frame[i] ?? 0
  return (at(0) | (at(1) << 8) | (at(2) << 16) | (at(3) << 24)) >>> 0
}
