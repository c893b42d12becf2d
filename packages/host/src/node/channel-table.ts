import { MAX_NAME_BYTES, type Channel } from '../core/identity.ts'
import { invalidHostOption, requireName } from '../core/validate.ts'
import type { FrameHandler } from '../transport.ts'

/** A channel that somebody receives, or (when `handler` is gone) received once. */
export interface ChannelSlot {
  readonly channel: Channel
  readonly bytes: Buffer
  handler: FrameHandler | undefined
}

const PREFIX_CACHE_LIMIT = 4096

/**
 * Looks channels up by their bytes on the wire, without decoding a string for each frame: a connection remembers the slot of its
 * last frame, and most frames come in runs of one channel. Also keeps the encoded prefix of every channel that is sent on.
 */
export class ChannelTable {
  // Keyed by the name's bytes read as Latin-1, which is one to one and cheaper than decoding UTF-8.
  readonly #slots = new Map<string, ChannelSlot>()
  readonly #prefixes = new Map<Channel, Uint8Array>()
  #lastChannel: Channel | undefined
  #lastPrefix: Uint8Array | undefined

  /**
   * Gives a channel its handler.
   * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` for a bad name, or a channel that has a handler.
   */
  add(channel: Channel, handler: FrameHandler): Disposable {
    requireName(invalidHostOption, 'channel', channel)
    const bytes = Buffer.from(channel, 'utf8')
    const key = bytes.toString('latin1')
    if (this.#slots.has(key)) {
      throw invalidHostOption(`channel '${channel}' has a handler already: dispose of that one first`)
    }
    const slot: ChannelSlot = { channel, bytes, handler }
    this.#slots.set(key, slot)
    return {
      [Symbol.dispose]: () => {
        slot.handler = undefined
        if (this.#slots.get(key) === slot) this.#slots.delete(key)
      },
    }
  }

  /** The slot of the channel whose name is `[start, end)` of `bytes`; `hint` is tried first. */
  find(bytes: Buffer, start: number, end: number, hint: ChannelSlot | undefined): ChannelSlot | undefined {
    if (hint?.handler !== undefined && matches(hint.bytes, bytes, start, end)) return hint
    return this.#slots.get(bytes.toString('latin1', start, end))
  }

  /** The channel as it goes in front of a frame, `u8 length | name`; `undefined` when the name is too long or empty. */
  prefix(channel: Channel): Uint8Array | undefined {
    if (channel === this.#lastChannel) return this.#lastPrefix
    let prefix = this.#prefixes.get(channel)
    if (prefix === undefined) {
      const length = Buffer.byteLength(channel, 'utf8')
      if (length === 0 || length > MAX_NAME_BYTES) return undefined
      prefix = Buffer.alloc(1 + length)
      prefix[0] = length
      Buffer.from(prefix.buffer, prefix.byteOffset + 1, length).write(channel, 'utf8')
      if (this.#prefixes.size >= PREFIX_CACHE_LIMIT) this.#prefixes.clear()
      this.#prefixes.set(channel, prefix)
    }
    this.#lastChannel = channel
    this.#lastPrefix = prefix
    return prefix
  }
}

function matches(name: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const length = end - start
  if (name.length !== length) return false
  for (let i = 0; i < length; i++) if (name[i] !== bytes[start + i]) return false
  return true
}
