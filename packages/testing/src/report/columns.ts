/** A table of plain records, column by column, so that names stand once and texts that come back are numbers. `null`: the record has no such field. */
export interface Columns {
  readonly [field: string]: {
    /** Numbers, or places in `texts`. */
    readonly values: readonly (number | null)[]
    /** The texts of this column, each once. */
    readonly texts?: readonly string[]
  }
}

type Cell = number | string | undefined

/** Makes columns of records whose fields are numbers or texts. Numbers are kept to a thousandth. */
export function toColumns<Row extends object>(rows: readonly Row[]): Columns {
  const fields = new Set(rows.flatMap((row) => Object.keys(row)))
  return Object.fromEntries(
    [...fields].map((field) => [field, column(rows.map((row) => (row as Record<string, Cell>)[field]))]),
  )
}

function column(cells: readonly Cell[]): Columns[string] {
  const places = new Map<string, number>()
  const values = cells.map((cell) => {
    if (cell === undefined) return null
    if (typeof cell === 'number') return Math.round(cell * 1000) / 1000
    const place = places.get(cell) ?? places.size
    places.set(cell, place)
    return place
  })
  return places.size === 0 ? { values } : { values, texts: [...places.keys()] }
}

/** The records that {@link toColumns} was given. */
export function fromColumns<Row extends object>(columns: Columns): Row[] {
  const fields = Object.entries(columns)
  const length = fields[0]?.[1].values.length ?? 0
  return Array.from({ length }, (_, place) => {
    const row: Record<string, Cell> = {}
    for (const [field, { values, texts }] of fields) {
      const value = values[place]
      if (typeof value === 'number') row[field] = texts === undefined ? value : (texts[value] ?? '')
    }
    return row as Row
  })
}
