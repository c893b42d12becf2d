/** Controls, line separators and marks that turn the direction of text: they could forge or hide parts of a log or a picture. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

/** Longest text of one value that is shown, in characters. */
export const LONGEST_TEXT = 200

/** Text on one line in which every character can be seen. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** At most `most` characters (at least 1), the last of which tells that some were left out. */
export function shortened(text: string, most: number = LONGEST_TEXT): string {
  if (text.length <= most) return text
  const end = most - 1
  // Never half of a character that takes two units.
  const kept = /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) ? end - 1 : end
  return `${text.slice(0, kept)}…`
}

/** A value of an operation or a fault for people: JSON where it has a form, and never longer than {@link LONGEST_TEXT}. */
export function valueText(value: unknown): string {
  return shortened(printable(written(value)))
}

function written(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  try {
    return JSON.stringify(value, replaced) ?? String(value)
  } catch {
    // A cycle, or a toJSON that throws: what it is called must do.
    return Object.prototype.toString.call(value)
  }
}

function replaced(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Map) return Object.fromEntries(value)
  return value instanceof Set ? [...value] : value
}
