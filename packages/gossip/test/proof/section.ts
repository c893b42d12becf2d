/** One part of `docs/gossip-proof.md`: an experiment at full size. */
export interface ProofSection {
  /** For the command line. */
  readonly name: string
  readonly title: string
  /** Runs it; the lines of the page. */
  run(): readonly string[]
}

/** A table of markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line), '']
}

/** Seconds, with one decimal. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** With commas. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}
