/** Ids longer than this are cut in tables. */
const LONGEST = 40

/** One column of a text table. */
export interface Column {
  readonly title: string
  /** Default: left. */
  readonly align?: 'right'
}

/** Lines of text in columns, the titles first. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => lengthOf(line[at] ?? ''))))
  return lines.map((line) =>
    columns
      .map(({ align }, at) => {
        const cell = line[at] ?? ''
        const padding = ' '.repeat((widths[at] ?? 0) - lengthOf(cell))
        return align === 'right' ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd(),
  )
}

/** A share of 0 to 1 in percent, with more digits when two would show nothing. */
export function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 0.01 ? value.toPrecision(1) : value.toFixed(2)} %`
}

/** An id as one short piece of one line, whatever is in it. */
export function printable(id: string): string {
  const characters = Array.from(id, (character) =>
    /[\p{C}\p{Zl}\p{Zp}]/u.test(character)
      ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
      : character,
  )
  return characters.length <= LONGEST ? characters.join('') : `${characters.slice(0, LONGEST - 1).join('')}…`
}

function lengthOf(text: string): number {
  return Array.from(text).length
}
