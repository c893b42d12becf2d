import { Fields } from '../wire/fields.ts'
import { MAX_NAME_BYTES } from '../wire/messages.ts'
import { MsgpackReader } from '../wire/msgpack-reader.ts'
import { readUtf8 } from '../wire/text.ts'
import type { SerfTags } from './tags.ts'

const NODE_FILTER = 0
const TAG_FILTER = 1
const MAX_NAMES = 4096
const MAX_PATTERN_BYTES = 256

/**
 * Whether a query is for this node: it names it, or its tags match. A pattern with anything but letters, digits, `_ - / : space` and `. * + ? ^ $ |` is
 * taken for no match: peers have an engine of patterns that takes linear time, and one without could be stopped for minutes by a single one.
 */
export function passesFilters(filters: readonly Uint8Array[], node: string, tags: SerfTags): boolean {
  return filters.every((filter) => passes(filter, node, tags))
}

function passes(filter: Uint8Array, node: string, tags: SerfTags): boolean {
  if (filter[0] === NODE_FILTER) {
    const names = new MsgpackReader(filter, 1, MAX_NAMES).value()
    if (!Array.isArray(names)) return false
    return (names as readonly unknown[]).some((name) => name instanceof Uint8Array && readUtf8(name) === node)
  }
  if (filter[0] !== TAG_FILTER) return false
  const map = new MsgpackReader(filter, 1).map()
  if (map === undefined) return false
  const fields = new Fields(map)
  const tag = fields.string('Tag', MAX_NAME_BYTES)
  const pattern = fields.string('Expr', MAX_PATTERN_BYTES)
  const value = Object.hasOwn(tags, tag) ? (tags[tag] ?? '') : ''
  return fields.ok && matches(pattern, value)
}

/** One piece of an alternative: a character (or any), and how often. */
interface Piece {
  readonly character: string
  readonly repeat: '' | '*' | '+' | '?'
}

/** Whether a pattern is found in a text. Dynamic programming over pieces and characters: never worse than their product. */
function matches(pattern: string, text: string): boolean {
  if (!/^[\w\-/: .*+?^$|]*$/.test(pattern)) return false
  return pattern.split('|').some((alternative) => matchesAlternative(alternative, text))
}

function matchesAlternative(alternative: string, text: string): boolean {
  const fromStart = alternative.startsWith('^')
  const toEnd = alternative.endsWith('$')
  const pieces = piecesOf(alternative.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined))
  if (pieces === undefined) return false
  let at = new Set<number>(fromStart ? [0] : Array.from({ length: text.length + 1 }, (_, index) => index))
  for (const piece of pieces) at = afterPiece(piece, text, at)
  return toEnd ? at.has(text.length) : at.size > 0
}

/** Where in the text a piece may end that begins at one of `starts`. */
function afterPiece({ character, repeat }: Piece, text: string, starts: ReadonlySet<number>): Set<number> {
  const ends = new Set<number>(repeat === '*' || repeat === '?' ? starts : [])
  const isMore = repeat === '*' || repeat === '+'
  for (let at = 0; at < text.length; at++) {
    const begins = starts.has(at) || (isMore && ends.has(at))
    if (begins && (character === '.' || text[at] === character)) ends.add(at + 1)
  }
  return ends
}

function piecesOf(alternative: string): Piece[] | undefined {
  const pieces: Piece[] = []
  for (let at = 0; at < alternative.length; at++) {
    const character = alternative.charAt(at)
    if ('*+?^$'.includes(character)) return undefined
    const next = alternative.charAt(at + 1)
    const repeat = next === '*' || next === '+' || next === '?' ? next : ''
    if (repeat !== '') at++
    pieces.push({ character, repeat })
  }
  return pieces
}
