import { describe, expect, it } from 'vitest'
import { encodeBytesField, encodeGrpcMessage, encodeVarint } from '../src/grpc/protobuf.ts'

describe('protobuf', () => {
  it('writes varints seven bits at a time, low ones first', () => {
    expect([...encodeVarint(1)]).toEqual([1])
    expect([...encodeVarint(127)]).toEqual([127])
    expect([...encodeVarint(300)]).toEqual([0xac, 0x02])
    expect([...encodeVarint(2 ** 31 - 1)]).toEqual([0xff, 0xff, 0xff, 0xff, 0x07])
  })

  it('writes a bytes field as tag, length, bytes', () => {
    expect([...encodeBytesField(2, Buffer.from('testing'))]).toEqual([0x12, 7, ...Buffer.from('testing')])
  })

  it('prefixes a gRPC message with a flag and its length', () => {
    expect([...encodeGrpcMessage(Buffer.alloc(258, 1)).subarray(0, 6)]).toEqual([0, 0, 0, 1, 2, 1])
  })
})
