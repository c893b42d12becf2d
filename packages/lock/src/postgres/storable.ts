/** What PostgreSQL cannot have in a text, and the character that stands before its replacement. */
const ZERO = '\0'
const ESCAPE = '\u0001'

/** A text as PostgreSQL can keep it: nearly always itself. Different texts stay different. */
export function storable(text: string): string {
  if (!text.includes(ZERO) && !text.includes(ESCAPE)) return text
  return text.replaceAll(ESCAPE, `${ESCAPE}1`).replaceAll(ZERO, `${ESCAPE}0`)
}

/** The text that {@link storable} was given. */
export function restored(text: string): string {
  if (!text.includes(ESCAPE)) return text
  return text.replaceAll(`${ESCAPE}0`, ZERO).replaceAll(`${ESCAPE}1`, ESCAPE)
}
