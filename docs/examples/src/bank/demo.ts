/** `pnpm demo`: see `--help`, and `../../README.md`. */
import { HELP, OptionError, parseOptions, type DemoOptions } from './options.ts'
import { PlainView } from './plain-view.ts'
import { formatReport, type Report } from './report.ts'
import { Run } from './run.ts'
import type { View } from './snapshot.ts'
import { createStyle } from './style.ts'
import { TerminalView } from './terminal-view.ts'

/** What a shell makes of a process that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type EndingSignal = keyof typeof EXIT_CODES

/** Somebody wants the demo to end. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: EndingSignal

  constructor(signal: EndingSignal) {
    super(`interrupted by ${signal}`)
    this.signal = signal
  }
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions | undefined
  try {
    options = parseOptions(args)
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    console.error(`${error.message}\nSee pnpm demo --help`)
    return 2
  }
  if (options === undefined) {
    console.log(HELP)
    return 0
  }
  const abort = new AbortController()
  for (const signal of Object.keys(EXIT_CODES) as EndingSignal[]) {
    process.on(signal, () => abort.abort(new Interrupted(signal)))
  }
  const view = createView(options)
  try {
    return conclude(await new Run(options, view, abort).run(), view, options)
  } catch (error) {
    view.close()
    if (error instanceof Interrupted) return EXIT_CODES[error.signal]
    console.error(`the demo could not be completed (seed ${options.seed}):`, error)
    return 1
  }
}

function createView({ json }: DemoOptions): View {
  const { stdout, env } = process
  if (json || !stdout.isTTY) return new PlainView((line) => console.log(line))
  return new TerminalView(stdout, createStyle((env['NO_COLOR'] ?? '') === ''))
}

function conclude(report: Report, view: View, { json }: DemoOptions): number {
  view.close()
  for (const line of formatReport(report)) console.log(line)
  if (json) console.log(JSON.stringify(report))
  return report.problems.length === 0 ? 0 : 1
}
