import { parseArgs } from 'node:util'
import type { BenchOptions } from './bench.ts'
import { scratchDirectory } from './measure/machine.ts'

/** What `pnpm bench` was asked for. */
export interface CommandLine extends BenchOptions {
  /** Which benchmark; `undefined` when none was named. */
  readonly name: string | undefined
  /** Whether to print the figures as one JSON object on the last line. */
  readonly json: boolean
  /** Whether to rewrite the page under `results/`. */
  readonly write: boolean
  /** Whether only help is wanted. */
  readonly help: boolean
}

/** What `pnpm bench --help` says. */
export const USAGE = `pnpm bench <name> [options]

  --json            print the figures as one JSON object on the last line
  --write           rewrite docs/benchmarks/results/<name>.md
  --seconds <n>     measured time of one run, 0.1 to 600 (default 4)
  --rounds <n>      how often everything runs; medians are reported, 1 to 100 (default 3)
  --only <a,b>      run these parts alone
  --scratch <dir>   directory to write under (default: the temporary directory, unless that is in memory)`

/**
 * Reads the arguments.
 * @throws A TypeError or RangeError whose message is fit for the person who typed them.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      scratch: { type: 'string' },
    },
  })
  if (positionals.length > 1)
    throw new RangeError(`one benchmark at a time, not ${positionals.join(' and ')}`)
  return {
    name: positionals[0],
    json: values.json,
    write: values.write,
    help: values.help,
    seconds: numberBetween('--seconds', values.seconds, 0.1, 600),
    rounds: Math.floor(numberBetween('--rounds', values.rounds, 1, 100)),
    only: values.only.split(',').filter((part) => part !== ''),
    scratch: values.scratch ?? scratchDirectory(),
    // The scratch directory is this machine's business and stays out of what is published.
    command: ['pnpm bench', ...withoutScratch(args)].join(' '),
  }
}

function withoutScratch(args: readonly string[]): string[] {
  return args.filter((arg, at) => !arg.startsWith('--scratch') && args[at - 1] !== '--scratch')
}

function numberBetween(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= min && value <= max) return value
  throw new RangeError(`${option} ${text}: expected a number from ${min} to ${max}`)
}
