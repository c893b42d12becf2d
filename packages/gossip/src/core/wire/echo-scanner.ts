import type { NodeId } from '@colony/host'
import { OWN_WORD, ZONE_FLAG } from './member-update.ts'

/**
 * Whether a member's word of itself says what is known already: the incarnation and, in `bytes` from `start` up to `end`, its address.
 */
export type EchoTest = (
  id: NodeId,
  epoch: number,
  counter: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => boolean

/** Where an update that is no echo begins is not where the next one does. */
const NO_ECHO = -1

/**
 * Finds updates that say nothing new without making objects of them: while many join at once, nine of ten updates are such echoes. Looks only at what is usual (a member's own word, names in ASCII shorter
 * than 128 bytes); all else is for `readUpdate` to judge.
 */
export class EchoScanner {
  readonly #isEcho: EchoTest
  /** Where the scan has come to. */
  #at = 0

  constructor(isEcho: EchoTest) {
    this.#isEcho = isEcho
  }

  /** Where the update after the one at `start` begins, when that one is an echo; -1 otherwise. */
  skip(bytes: Uint8Array, start: number): number {
    const flags = bytes[start] ?? 0
    if ((flags & ~ZONE_FLAG) !== OWN_WORD) return NO_ECHO
    this.#at = start + 1
    const id = this.#shortName(bytes)
    const epoch = this.#varint(bytes)
    const counter = this.#varint(bytes)
    const addressBytes = this.#varint(bytes)
    const addressAt = this.#at
    this.#at += addressBytes
    const zoneBytes = flags & ZONE_FLAG ? this.#varint(bytes) : 0
    this.#at += zoneBytes
    // A number that did not end is NaN, and so is all that follows from it.
    if (id === '' || !(this.#at <= bytes.length)) return NO_ECHO
    const echo = this.#isEcho(id, epoch, counter, bytes, addressAt, addressAt + addressBytes)
    return echo ? this.#at : NO_ECHO
  }

  #shortName(bytes: Uint8Array): string {
    const length = bytes[this.#at++] ?? 0
    const end = this.#at + length
    if (length >= 0x80 || end > bytes.length) return ''
    let name = ''
    for (let at = this.#at; at < end; at++) {
      const byte = bytes[at] as number
      if (byte >= 0x80) return ''
      name += String.fromCharCode(byte)
    }
    this.#at = end
    return name
  }

  #varint(bytes: Uint8Array): number {
    let value = 0
    let scale = 1
    for (let group = 0; group < 7; group++) {
      const byte = bytes[this.#at++]
      if (byte === undefined) return Number.NaN
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
    return Number.NaN
  }
}
