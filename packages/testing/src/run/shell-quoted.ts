const SAFE = /^[\w@%+=:,./-]+$/

/** A word of a shell's command line: as it is when nothing in it means anything to a shell. */
export function shellQuoted(text: string): string {
  return SAFE.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
