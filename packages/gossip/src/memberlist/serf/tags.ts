import { MAX_META_BYTES } from '../wire/messages.ts'
import { MsgpackReader } from '../wire/msgpack-reader.ts'
import { MsgpackWriter } from '../wire/msgpack-writer.ts'
import { readUtf8 } from '../wire/text.ts'

/**
 * What a member says of itself: names and values, such as `{ role: 'web' }`.
 * @category Members
 */
export type SerfTags = Readonly<Record<string, string>>

/** Tells a map of tags from the bare role that the first versions had. */
const MAGIC = 0xff

/** Tags as meta data; `undefined` when they take more than the 512 bytes that peers accept. */
export function encodeTags(tags: SerfTags): Uint8Array | undefined {
  const writer = new MsgpackWriter()
  const entries = Object.entries(tags)
  writer.byte(MAGIC)
  writer.map(entries.length)
  for (const [name, value] of entries) {
    writer.string(name)
    writer.string(value)
  }
  const bytes = writer.finish()
  return bytes.length <= MAX_META_BYTES ? bytes : undefined
}

/** The tags in somebody's meta data; what is malformed is left out. */
export function decodeTags(meta: Uint8Array): SerfTags {
  if (meta.length === 0) return {}
  if (meta[0] !== MAGIC) return { role: readUtf8(meta) ?? '' }
  // 512 bytes have room for 255 names with values.
  const map = new MsgpackReader(meta, 1, MAX_META_BYTES).map()
  const entries: [string, string][] = []
  for (const [name, value] of map ?? []) {
    const text = value instanceof Uint8Array ? readUtf8(value) : undefined
    if (text !== undefined) entries.push([name, text])
  }
  // fromEntries makes own properties even of a name like `__proto__`.
  return Object.fromEntries(entries)
}
