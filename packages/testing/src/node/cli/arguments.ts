import { parseArgs } from 'node:util'
import type { Consistency } from '../../check/check-history.ts'
import { modelByName, modelNames } from '../../check/model-by-name.ts'
import type { Model } from '../../check/model.ts'

/** What the command line asks for. */
export interface CheckRequest {
  /** A path, or `-` for the standard input. */
  readonly file: string
  readonly model: Model<unknown>
  readonly consistency: Consistency
  readonly budget?: number
}

export const USAGE: string = `usage: testing check <history.jsonl> --model <model> [options]

Checks a recorded history: one JSON object a line, in order of time,
  {"process":0,"type":"invoke"|"ok"|"fail"|"info","f":"read"|…,"key":…,"value":…,"result":…,"time":…}
<history.jsonl> may be - for the standard input.

  --model <model>         ${modelNames.join(', ')}
  --consistency <kind>    linearizable (default), sequential or session
  --initial '<json>'      the state before the first operation
  --budget <n>            most calls of the model before the verdict is 'unknown' (default 10000000)

The last line of output is {"verdict":"ok"|"illegal"|"unknown","operations":…,"ms":…}.
Exit code: 0 ok, 1 illegal, 2 unknown, 3 when the file cannot be read or the arguments make no sense.
`

const VALUED: readonly string[] = ['--model', '--consistency', '--initial', '--budget']
const KINDS: Readonly<Record<string, Consistency>> = {
  linearizable: 'linearizable',
  sequential: 'sequential',
  session: 'session',
}

/** Reads the arguments behind the program's name; `undefined` when help is wanted. Throws an error that says what is wrong. */
export function readArguments(args: readonly string[]): CheckRequest | undefined {
  const { values, positionals } = parseArgs({
    args: joinValues(args),
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      consistency: { type: 'string', default: 'linearizable' },
      initial: { type: 'string' },
      budget: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const [command, file, ...more] = positionals
  if (command !== 'check') throw new Error(`the command must be 'check', not '${command ?? ''}'`)
  if (file === undefined) throw new Error('which file?')
  if (more.length > 0) throw new Error(`one file at a time: '${more.join("', '")}' is too much`)
  if (values.model === undefined) throw new Error(`which --model? One of ${modelNames.join(', ')}`)
  return {
    file,
    model: modelByName(values.model, readInitial(values.initial)),
    consistency: readConsistency(values.consistency),
    ...(values.budget !== undefined && { budget: readBudget(values.budget) }),
  }
}

/** So that a value may begin with a dash: `--initial -5`. */
function joinValues(args: readonly string[]): string[] {
  const joined: string[] = []
  for (let place = 0; place < args.length; place += 1) {
    const [name, value] = [args[place] ?? '', args[place + 1]]
    if (!VALUED.includes(name) || value === undefined) joined.push(name)
    else {
      joined.push(`${name}=${value}`)
      place += 1
    }
  }
  return joined
}

function readInitial(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`--initial must be JSON, not ${text}`, { cause: error })
  }
}

function readConsistency(name: string): Consistency {
  const consistency = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined
  if (consistency === undefined) {
    throw new Error(`--consistency must be one of ${Object.keys(KINDS).join(', ')}, not '${name}'`)
  }
  return consistency
}

function readBudget(text: string): number {
  const budget = Number(text)
  if (!(budget >= 1 && budget <= 1e12)) {
    throw new Error(`--budget must be a number from 1 to 10^12, not '${text}'`)
  }
  return budget
}
