import type { SuiteReport } from './suite-report.ts'

/**
 * A report as a section of markdown: a heading with the suite's name, and tables.
 * @category Runner
 */
export function formatSuiteReport(report: SuiteReport): string {
  const { operations, faults, sometimes, states } = report
  const outcomes = byName(operations).map(([f, { ok, fail, unknown }]) => [
    f,
    ...[ok, fail, unknown].map(grouped),
  ])
  const parts = [
    `### ${report.suite}`,
    summaryTable(report),
    states !== undefined &&
      table(
        ['looks at the state', 'different within a run'],
        [[grouped(states.looks), grouped(states.distinct)]],
      ),
    outcomes.length > 0 && table(['operation', 'ok', 'fail', 'unknown'], outcomes),
    countsTable('fault', Object.fromEntries(byName(faults))),
    countsTable('reached', sometimes),
  ]
  return `${parts.filter((part) => part !== false).join('\n\n')}\n`
}

function byName<Value>(values: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(values).toSorted(([left], [right]) => (left < right ? -1 : 1))
}

function summaryTable({ seeds, simulatedMs, events, undecided, unexplained }: SuiteReport): string {
  const head = ['seeds', 'simulated time', 'events', 'undecided histories']
  const row = [grouped(seeds), duration(simulatedMs), grouped(events), grouped(undecided)]
  if (unexplained === undefined) return table(head, [row])
  return table([...head, 'not explained by their order'], [[...row, grouped(unexplained)]])
}

function countsTable(what: string, counts: Readonly<Record<string, number>>): string | false {
  const rows = Object.entries(counts).map(([name, count]) => [name, grouped(count)])
  return rows.length > 0 && table([what, 'times'], rows)
}

/** All columns but the first are numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  const [first = [], ...others] = cells
  return [line(first), line(rule), ...others.map(line)].join('\n')
}

/** Digits in groups of three, the same in every locale. */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${grouped(Math.round(minutes / 60))} h`
}
