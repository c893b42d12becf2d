/** Where a column's text stands. */
export type Align = 'left' | 'right'

/** A column's heading and alignment. */
export interface Column {
  readonly title: string
  readonly align: Align
}

/** A markdown table padded so that it reads as well in a terminal as on a page. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) =>
    Math.max(3, column.title.length, ...rows.map((row) => (row[at] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${columns.map((column, at) => pad(cells[at] ?? '', widths[at] ?? 0, column.align)).join(' | ')} |`
  const rule = columns.map((column, at) =>
    column.align === 'right' ? `${'-'.repeat((widths[at] ?? 3) - 1)}:` : '-'.repeat(widths[at] ?? 3),
  )
  return [line(columns.map((column) => column.title)), line(rule), ...rows.map(line)].join('\n')
}

/** A rate with thousands separated, whatever the locale. */
export function formatRate(perSecond: number): string {
  return Number.isFinite(perSecond) ? Math.round(perSecond).toLocaleString('en-US') : '–'
}

/** A duration in milliseconds with three significant digits at most. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  return ms.toFixed(ms < 1 ? 2 : ms < 100 ? 1 : 0)
}

/** How many times one figure is another. */
export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio.toFixed(ratio < 10 ? 2 : 1)}×` : '–'
}

function pad(text: string, width: number, align: Align): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width)
}
