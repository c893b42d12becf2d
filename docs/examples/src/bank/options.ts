import { parseArgs } from 'node:util'

/** How the demo is run. */
export interface DemoOptions {
  readonly seconds: number
  readonly nodes: number
  readonly seed: number
  readonly json: boolean
}

/** An option that there is not, or a value that it cannot have. The message is for the person who typed it. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

/** What `--help` says. */
export const HELP = `A bank on five processes: kill -9, SIGSTOP, a network cut, and proof that nothing acknowledged was lost.

Usage: pnpm demo [options]

  --seconds <8..120>  how long the load lasts, default 25
  --nodes <3..9>      processes of the cluster, default 5
  --seed <integer>    repeats the choices of faults, accounts and amounts; default: another one each time
  --json              the result as one JSON object on the last line, plain lines before it
  --help              this text

Exits with 1 if anything was lost, duplicated, not conserved or not linearizable, or could not be verified;
with 2 for options that cannot be.`

const MAX_SEED = 2 ** 32 - 1

/**
 * Reads the command line; `undefined` when it asks for help.
 * @throws An {@link OptionError} that names the option and its range.
 */
export function parseOptions(args: readonly string[]): DemoOptions | undefined {
  const values = parse(args)
  if (values.help === true) return undefined
  return {
    // Below that, four faults and the recoveries between them have no room.
    seconds: integer('--seconds', values.seconds, 8, 120) ?? 25,
    // Three is the smallest cluster that survives a fault.
    nodes: integer('--nodes', values.nodes, 3, 9) ?? 5,
    seed: integer('--seed', values.seed, 0, MAX_SEED) ?? Math.floor(Math.random() * (MAX_SEED + 1)),
    json: values.json === true,
  }
}

interface RawValues {
  readonly seconds?: string | undefined
  readonly nodes?: string | undefined
  readonly seed?: string | undefined
  readonly json?: boolean | undefined
  readonly help?: boolean | undefined
}

function parse(args: readonly string[]): RawValues {
  try {
    const { values } = parseArgs({
      // What comes behind `pnpm demo --` arrives with the dashes.
      args: args.filter((argument, position) => argument !== '--' || position > 0),
      options: {
        seconds: { type: 'string' },
        nodes: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function integer(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw new OptionError(`${name} must be a whole number from ${min} to ${max}, not '${text}'`)
}
