import { MAX_NAME_BYTES, type Channel } from '../core/identity.ts'
import { utf8Length } from '../core/utf8.ts'

/*
 * Every message but the first: `u8 length | channel | payload`. A channel of no bytes is about the connection itself: one byte says what.
 */

/** Asks for a sign of life. */
export const PING = 1
/** Gives it. */
export const PONG = 2
/** The sender closes. */
export const GOODBYE = 3

/** The message of one control word. */
export function controlMessage(kind: number): Uint8Array {
  return Uint8Array.of(0, kind)
}

const MAX_REMEMBERED = 4096

/** Puts channels in front of frames and reads them off; both remember the names that they have seen. */
export class ChannelNames {
  readonly #prefixes = new Map<Channel, Uint8Array>()
  readonly #decoder = new TextDecoder()
  #last: Uint8Array = new Uint8Array(0)
  #lastName = ''

  /** `undefined` for a name that is empty or too long. */
  message(channel: Channel, frame: Uint8Array): Uint8Array | undefined {
    const prefix = this.#prefixes.get(channel) ?? this.#makePrefix(channel)
    if (prefix === undefined) return undefined
    const message = new Uint8Array(prefix.byteLength + frame.byteLength)
    message.set(prefix)
    message.set(frame, prefix.byteLength)
    return message
  }

  /** The channel of a message whose first byte is not zero; `undefined` when the message is shorter than that says. */
  channelOf(message: Uint8Array): Channel | undefined {
    const end = 1 + (message[0] ?? 0)
    if (end > message.byteLength) return undefined
    // Messages come in runs of one channel: no string is made for each.
    if (this.#last.byteLength === end && this.#last.every((byte, index) => byte === message[index]))
      return this.#lastName
    this.#last = message.slice(0, end)
    this.#lastName = this.#decoder.decode(message.subarray(1, end))
    return this.#lastName
  }

  #makePrefix(channel: Channel): Uint8Array | undefined {
    const length = utf8Length(channel)
    if (length === 0 || length > MAX_NAME_BYTES) return undefined
    const prefix = new Uint8Array(1 + length)
    prefix[0] = length
    prefix.set(new TextEncoder().encode(channel), 1)
    if (this.#prefixes.size >= MAX_REMEMBERED) this.#prefixes.clear()
    this.#prefixes.set(channel, prefix)
    return prefix
  }
}
