import { ByteReader } from '@colony/host'
import { type HeadCheck, type PacketHead, HEAD_BYTES } from './packet-head.ts'

/** More sections than any composer writes, and few enough that walking over them costs nothing. */
const MAX_SECTIONS = 64

/** Takes one section; what it does not know it passes over. */
export type SectionVisitor = (tag: number, body: Uint8Array) => void

/** Takes packets apart. Made once a core, so that a packet costs one view a section and nothing else. */
export class PacketParser {
  readonly #head: PacketHead
  readonly #reader = new ByteReader()
  readonly #tags: number[] = []
  readonly #bodies: Uint8Array[] = []

  constructor(head: PacketHead) {
    this.#head = head
  }

  /**
   * Checks a packet's head and frame, then shows every section to `visit`, in order; bodies are views of the packet. Nothing is visited unless all lengths fit, so
   * a truncated or damaged packet has no effect at all. Never throws by itself.
   */
  parse(packet: Uint8Array, visit: SectionVisitor): HeadCheck {
    const check = this.#head.check(packet)
    if (check !== 'ok') return check
    if (!this.#split(packet)) return 'malformed'
    for (let index = 0; index < this.#tags.length; index++) {
      visit(this.#tags[index] as number, this.#bodies[index] as Uint8Array)
    }
    return 'ok'
  }

  /** Finds the sections; whether they fill the packet exactly and there are few enough of them. */
  #split(packet: Uint8Array): boolean {
    const reader = this.#reader
    this.#tags.length = 0
    this.#bodies.length = 0
    reader.reset(packet)
    reader.raw(HEAD_BYTES)
    while (reader.remaining > 0 && this.#tags.length < MAX_SECTIONS) {
      this.#tags.push(reader.u8())
      this.#bodies.push(reader.bytes())
    }
    return !reader.failed && reader.remaining === 0
  }
}
