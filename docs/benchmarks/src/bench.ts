/** How to run a benchmark; each uses what it can. */
export interface BenchOptions {
  /** Measured time of one run of one level, in seconds. */
  readonly seconds: number
  /** How often everything is measured; the systems take turns and medians are reported. */
  readonly rounds: number
  /** Names of the parts to run; empty for all. */
  readonly only: readonly string[]
  /** Directory to write under. */
  readonly scratch: string
  /** How this run was asked for, to be quoted beside its figures. */
  readonly command: string
}

/** What a benchmark hands back. */
export interface BenchReport {
  /** Plain data, for `--json`. */
  readonly figures: object
  /** The page that `--write` puts under `results/`; also what a person is shown. */
  readonly markdown: string
}

/** One benchmark. */
export interface Bench {
  /** What it measures, in a line. */
  readonly summary: string
  /** Names that `--only` takes. */
  readonly parts: readonly string[]
  /** Runs it. Progress goes to stderr. */
  run(options: BenchOptions): Promise<BenchReport>
}

/** Tells a waiting person what goes on. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}
