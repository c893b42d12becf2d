import { ownedArcs } from './arc.ts'
import type { ArcPlacement } from './placement.ts'
import type { RingNode } from './members.ts'
import { xxh32Bytes, xxh32String } from './xxh32.ts'

const LANES = 4

/** A hash of 128 bits over a sequence of texts and arrays: not against forgers, but two that differ never meet by accident. */
export class Digest {
  readonly #lanes = new Uint32Array(LANES)

  /** Takes in a text. */
  text(text: string): this {
    for (let lane = 0; lane < LANES; lane++) this.#mix(lane, xxh32String(text, this.#seed(lane)), text.length)
    return this
  }

  /** Takes in numbers. */
  words(words: Uint32Array): this {
    // Byte by byte in one order on every machine.
    const bytes = new Uint8Array(words.length * 4)
    const view = new DataView(bytes.buffer)
    for (const [at, word] of words.entries()) view.setUint32(at * 4, word, true)
    for (let lane = 0; lane < LANES; lane++)
      this.#mix(lane, xxh32Bytes(bytes, this.#seed(lane)), words.length)
    return this
  }

  /** 32 hexadecimal digits. */
  toString(): string {
    return Array.from(this.#lanes, (lane) => lane.toString(16).padStart(8, '0')).join('')
  }

  #seed(lane: number): number {
    return (Math.imul(lane + 1, 0x9e3779b1) ^ (this.#lanes[lane] as number)) >>> 0
  }

  #mix(lane: number, hash: number, length: number): void {
    this.#lanes[lane] = (Math.imul((this.#lanes[lane] as number) ^ hash, 0x85ebca77) + length + lane) >>> 0
  }
}

/**
 * The fingerprint of a placement by arcs: of what it does and not of how it was made. Points between two arcs of one owner change nothing and
 * leave no trace; nor do drained nodes, or 2 × 50 points instead of 1 × 100. What keys are hashed by (`hashing`), who owns which arc, the zones of
 * those who own any, and keys that are placed by name do.
 */
export function fingerprintOf<Node extends RingNode>(hashing: string, placement: ArcPlacement<Node>): string {
  const arcs = ownedArcs(placement)
  // One owner of everything has no boundary at all.
  const sole = arcs.length === 1 ? arcs[0]?.node : undefined
  const ends = sole === undefined ? arcs.map(({ to }) => to) : []
  const ids = sole === undefined ? arcs.map(({ node }) => node.id) : []
  const overrides = [...placement.overrides].sort(byName)
  const placed = new Set([...ids, ...(sole === undefined ? [] : [sole.id]), ...overrides.map(([, id]) => id)])
  const zones = placement.nodes.filter(({ id }) => placed.has(id)).map(({ id, zone }) => [id, zone ?? null])
  return new Digest()
    .text(JSON.stringify([hashing, sole?.id ?? null, zones, overrides]))
    .words(Uint32Array.from(ends))
    .text(JSON.stringify(ids))
    .toString()
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
