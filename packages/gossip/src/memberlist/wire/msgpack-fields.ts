import type { MsgpackWriter } from './msgpack-writer.ts'

/*
 * Fields of Go structs: maps with the field's name as key.
 */

export function writeUint(writer: MsgpackWriter, name: string, value: number): void {
  writer.string(name)
  writer.uint(value)
}

export function writeString(writer: MsgpackWriter, name: string, value: string): void {
  writer.string(name)
  writer.string(value)
}

export function writeBoolean(writer: MsgpackWriter, name: string, value: boolean): void {
  writer.string(name)
  writer.boolean(value)
}

/** No bytes are Go's nil slice. */
export function writeBytes(writer: MsgpackWriter, name: string, value: Uint8Array): void {
  writer.string(name)
  if (value.length === 0) writer.nil()
  else writer.raw(value)
}
