import type { StreamPacket } from './reliable-stream.ts'

/** What travels between the two ends of a connection. */
export interface Packet extends StreamPacket {
  /** Which connection of the client's process. */
  readonly connection: string
  /** Which process of the server it was opened to. */
  readonly server: number
  /** The server knows no such connection: it was restarted. */
  readonly reset?: true
}

/** From clients to servers, and back. */
export const UP = 'link-up'
export const DOWN = 'link-down'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function encodePacket(packet: Packet): Uint8Array {
  return encoder.encode(JSON.stringify(packet))
}

export function decodePacket(frame: Uint8Array): Packet {
  return JSON.parse(decoder.decode(frame)) as Packet
}
