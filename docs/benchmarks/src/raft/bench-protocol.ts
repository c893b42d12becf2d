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
  return { id: viewOf(frame).readUInt32LE(), command: frame.subarray(ID_BYTES) }
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
  return { id: viewOf(frame).readUInt32LE(), ok: frame[ID_BYTES] === 1 }
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
  return { key: viewOf(command).toString('latin1', 0, KEY_BYTES), value: command.subarray(KEY_BYTES) }
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
