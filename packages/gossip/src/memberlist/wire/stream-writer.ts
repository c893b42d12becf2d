import type { Label } from './label.ts'
import { MESSAGE_TYPES } from './messages.ts'
import { SEALED_BYTES, type Sealing } from './sealing.ts'

/** A message of a stream as it is written: sealed where there are keys, behind the label when it is this side that dialled. */
export function encodeStream(
  message: Uint8Array,
  label: Label,
  dialled: boolean,
  keys: Sealing | undefined,
): Uint8Array {
  const header = dialled ? label.header : new Uint8Array(0)
  const body = keys === undefined ? message : sealStream(message, label, keys)
  const bytes = new Uint8Array(header.length + body.length)
  bytes.set(header)
  bytes.set(body, header.length)
  return bytes
}

/** `0A`, the length of what follows, and that; type and length are authenticated, and so is the label. */
function sealStream(message: Uint8Array, label: Label, keys: Sealing): Uint8Array {
  const head = new Uint8Array(5)
  head[0] = MESSAGE_TYPES.encrypt
  new DataView(head.buffer).setUint32(1, message.length + SEALED_BYTES)
  const aad = new Uint8Array(head.length + label.bytes.length)
  aad.set(head)
  aad.set(label.bytes, head.length)
  const sealed = keys.seal(message, aad)
  const bytes = new Uint8Array(head.length + sealed.length)
  bytes.set(head)
  bytes.set(sealed, head.length)
  return bytes
}
