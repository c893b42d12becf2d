import type { Random } from '@colony/host'
import { lieInDigits, lieInFixed, lieInVarint, replaced } from './length-lies.ts'

/** What mutations draw from. */
export interface MutationSources {
  /** Inputs to begin with and to splice with; at least one. */
  readonly corpus: readonly Uint8Array[]
  /** Inputs that were refused, each for a reason of its own: one mutation more may get further. */
  readonly refused: readonly Uint8Array[]
  /** Pieces that mean something in the format. */
  readonly dictionary: readonly Uint8Array[]
  /** No input is longer. */
  readonly maxBytes: number
}

/** Makes another input of one. Never changes what it is given. */
type Mutation = (random: Random, bytes: Uint8Array, sources: MutationSources) => Uint8Array

const INTERESTING: readonly number[] = [0x00, 0x01, 0x0a, 0x20, 0x22, 0x7f, 0x80, 0xc0, 0xf4, 0xfe, 0xff]
/** Half of all inputs have one mutation, a quarter two, and so on: most of what has several is refused at the first of them. */
const MOST_MUTATIONS = 6
const LONGEST_TAIL = 64

/** Lies about lengths stand here more than once: they are what breaks decoders. */
const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  truncate,
  extend,
  splice,
  overwrite,
  duplicateRange,
  removeRange,
  lieInFixed,
  lieInFixed,
  lieInVarint,
  lieInVarint,
  lieInDigits,
  insertPiece,
]

/** The next input: one of the corpus with one to six mutations. */
export function mutate(random: Random, sources: MutationSources): Uint8Array {
  const { corpus, refused } = sources
  let bytes = anyOf(random, refused.length > 0 && random.integer(0, 3) === 0 ? refused : corpus)
  let count = 0
  do {
    bytes = anyOf(random, MUTATIONS)(random, bytes, sources)
    count++
  } while (count < MOST_MUTATIONS && random.integer(0, 1) === 0)
  return bytes.slice(0, sources.maxBytes)
}

function flipBit(random: Random, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  const at = placeIn(random, bytes)
  if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(0, 7))
  return changed
}

function setByte(random: Random, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  const at = placeIn(random, bytes)
  if (at < changed.length) {
    changed[at] = random.integer(0, 1) === 0 ? anyOf(random, INTERESTING) : random.integer(0, 255)
  }
  return changed
}

function truncate(random: Random, bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, random.integer(0, bytes.length))
}

/** A tail of one byte over and over, or of random ones. */
function extend(random: Random, bytes: Uint8Array): Uint8Array {
  const isUniform = random.integer(0, 1) === 0
  const fill = anyOf(random, INTERESTING)
  const tail = Uint8Array.from({ length: random.integer(1, LONGEST_TAIL) }, () =>
    isUniform ? fill : random.integer(0, 255),
  )
  return replaced(bytes, bytes.length, bytes.length, tail)
}

/** The beginning of one input and the end of another. */
function splice(random: Random, bytes: Uint8Array, { corpus }: MutationSources): Uint8Array {
  const other = anyOf(random, corpus)
  const end = random.integer(0, bytes.length)
  return replaced(bytes, end, bytes.length, other.subarray(random.integer(0, other.length)))
}

/** A range of another input over or between the bytes of this one. */
function overwrite(random: Random, bytes: Uint8Array, { corpus }: MutationSources): Uint8Array {
  const other = anyOf(random, corpus)
  const [start, end] = rangeIn(random, other)
  const piece = other.subarray(start, end)
  const at = random.integer(0, bytes.length)
  return replaced(bytes, at, at + random.integer(0, 1) * piece.length, piece)
}

function duplicateRange(random: Random, bytes: Uint8Array): Uint8Array {
  const [start, end] = rangeIn(random, bytes)
  return replaced(bytes, end, end, bytes.subarray(start, end))
}

function removeRange(random: Random, bytes: Uint8Array): Uint8Array {
  const [start, end] = rangeIn(random, bytes)
  return replaced(bytes, start, end, new Uint8Array(0))
}

function insertPiece(random: Random, bytes: Uint8Array, { dictionary }: MutationSources): Uint8Array {
  if (dictionary.length === 0) return setByte(random, bytes)
  const piece = anyOf(random, dictionary)
  const at = random.integer(0, bytes.length)
  return replaced(bytes, at, at + random.integer(0, 1) * piece.length, piece)
}

function placeIn(random: Random, bytes: Uint8Array): number {
  return random.integer(0, Math.max(0, bytes.length - 1))
}

function rangeIn(random: Random, bytes: Uint8Array): readonly [start: number, end: number] {
  const start = random.integer(0, bytes.length)
  return [start, random.integer(start, bytes.length)]
}

function anyOf<Item>(random: Random, items: readonly Item[]): Item {
  // Callers pass lists that are not empty.
  return items[random.integer(0, items.length - 1)] as Item
}
