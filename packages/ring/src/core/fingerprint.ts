import { ownedArcs } from './arc.ts'
import { byName } from './overrides.ts'
import type { ArcPlacement } from './placement.ts'
import type { RingNode } from './members.ts'
import { pureSignedXxh32 } from './xxh32.ts'

/** A hash of 128 bits over a sequence of texts and arrays: not against forgers, but two that differ never meet by accident. */
export class Digest {
  readonly #lanes = new Uint32Array(4)

  /** Takes in a text. */
  text(text: string): this {
    return this.#mix(text, text.length)
  }

  /** Takes in numbers. */
  words(words: Uint32Array): this {
    // Byte by byte in one order on every machine.
    const bytes = new Uint8Array(words.length * 4)
    const view = new DataView(bytes.buffer)
    for (const [at, word] of words.entries()) view.setUint32(at * 4, word, true)
    return this.#mix(bytes, words.length)
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    return Array.from(this.#lanes, (lane) => lane.toString(16).padStart(8, '0')).join('')
  }

  #mix(data: string | Uint8Array, length: number): this {
    for (const [lane, before] of this.#lanes.entries()) {
      const hash = pureSignedXxh32(data, before ^ Math.imul(lane + 1, 0x9e3779b1))
      this.#lanes[lane] = Math.imul(before ^ hash, 0x85ebca77) + length + lane
    }
    return this
  }
}

/**
 * The fingerprint of a placement by arcs: of what it does and not of how it was made. Points between two arcs of one owner change nothing and
 * leave no trace; nor do drained nodes, or 2 × 50 points instead of 1 × 100. What keys are hashed by (`hashing`), who owns which arc, the zones of
 * those who own any, and keys that are placed by name do.
 */
export function fingerprintOf<Node extends RingNode>(hashing: string, placement: ArcPlacement<Node>): string {
  const arcs = ownedArcs(placement)
  const ids = arcs.map(({ node }) => node.id)
  const overrides = byName(placement.overrides)
  const placed = new Set([...ids, ...overrides.map(([, id]) => id)])
  const zones = placement.nodes.filter(({ id }) => placed.has(id)).map(({ id, zone }) => [id, zone ?? null])
  // One owner of everything has no boundary at all.
  const sole = arcs.length === 1
  return new Digest()
    .text(JSON.stringify([hashing, sole ? ids[0] : null, zones, overrides]))
    .words(Uint32Array.from(sole ? [] : arcs.map(({ to }) => to)))
    .text(JSON.stringify(sole ? [] : ids))
    .toString()
}
