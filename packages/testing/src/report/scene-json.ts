import { type Columns, fromColumns, toColumns } from './columns.ts'
import { LONGEST_TEXT, shortened } from './printable.ts'
import type { Scene } from './scene.ts'

/** What the data of a page may weigh, in bytes, before its texts are cut shorter. */
const WEIGHT_LIMIT = 900_000
const SHORTEST_TEXT = 12

/** The lists of a scene, which are sent as tables. */
const TABLES = ['arrows', 'states', 'roles', 'bands', 'marks', 'intervals'] as const
type Table = (typeof TABLES)[number]
type SceneJson = Omit<Scene, Table> & Readonly<Record<Table, Columns>>

/**
 * A scene as compact JSON that can stand inside a script element: nothing in it can end the element or begin a comment. Texts are cut when there are too
 * many long ones for one page.
 */
export function sceneToJson(scene: Scene): string {
  for (let longest = LONGEST_TEXT; ; longest = Math.floor(longest / 2)) {
    const json = JSON.stringify({ ...scene, ...tables(scene, longest) }).replaceAll('<', '\\u003c')
    const weight = new TextEncoder().encode(json).length
    if (weight <= WEIGHT_LIMIT || longest <= SHORTEST_TEXT) return json
  }
}

function tables(scene: Scene, longest: number): Record<Table, Columns> {
  const cut = (rows: readonly object[]): Columns =>
    toColumns(longest === LONGEST_TEXT ? rows : rows.map((row) => withShortTexts(row, longest)))
  const [arrows, states, roles, bands, marks, intervals] = TABLES.map((table) => cut(scene[table])) as [
    Columns,
    Columns,
    Columns,
    Columns,
    Columns,
    Columns,
  ]
  return { arrows, states, roles, bands, marks, intervals }
}

function withShortTexts(row: object, longest: number): object {
  return Object.fromEntries(
    Object.entries(row).map(([field, cell]: [string, unknown]) => [
      field,
      typeof cell === 'string' ? shortened(cell, longest) : cell,
    ]),
  )
}

/** The scene of {@link sceneToJson}. */
export function sceneFromJson(json: string): Scene {
  const sent = JSON.parse(json) as SceneJson
  return {
    ...sent,
    arrows: fromColumns(sent.arrows),
    states: fromColumns(sent.states),
    roles: fromColumns(sent.roles),
    bands: fromColumns(sent.bands),
    marks: fromColumns(sent.marks),
    intervals: fromColumns(sent.intervals),
  }
}
