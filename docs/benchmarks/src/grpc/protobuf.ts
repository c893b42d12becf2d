/** A protobuf field of wire type 2 (bytes, strings, messages). */
export function encodeBytesField(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([encodeVarint((field << 3) | 2), encodeVarint(value.length), value])
}

/** A protobuf varint, below 2^31. */
export function encodeVarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

/** gRPC's length prefix: one byte "not compressed", four bytes of length, the message. */
export function encodeGrpcMessage(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
