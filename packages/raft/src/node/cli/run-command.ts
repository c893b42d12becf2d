import type { LogVerdict } from '../../recovery/inspect-log.ts'
import { checkLog, repairLogFiles } from '../log-files.ts'
import { type CommandRequest, readArguments, USAGE } from './arguments.ts'
import { formatInspection } from './format-inspection.ts'

/** Where a command writes. */
export interface CommandOutput {
  /** Findings. */
  readonly out: (text: string) => void
  /** What went wrong. */
  readonly error: (text: string) => void
}

const EXIT_CODES: Readonly<Record<LogVerdict, number>> = {
  ...{ empty: 0, sound: 0, torn: 1, damaged: 2, refused: 3, retired: 3 },
}
const EXIT_IMPOSSIBLE = 4

/** Runs the command line `raft …` and returns its exit code. */
export async function runCommand(args: readonly string[], output: CommandOutput): Promise<number> {
  let request: CommandRequest | undefined
  try {
    request = readArguments(args)
  } catch (error) {
    output.error(`raft: ${messageOf(error)}\nSee: raft --help\n`)
    return EXIT_IMPOSSIBLE
  }
  if (request === undefined) {
    output.out(USAGE)
    return 0
  }
  try {
    return request.command === 'log check' ? await check(request, output) : await repair(request, output)
  } catch (error) {
    output.error(`raft: ${messageOf(error)}\n`)
    return isDamage(error) ? EXIT_CODES.refused : EXIT_IMPOSSIBLE
  }
}

async function check({ directories, json }: CommandRequest, { out }: CommandOutput): Promise<number> {
  const inspection = await checkLog(directories[0] ?? '')
  if (json) out(`${JSON.stringify(inspection, jsonValue)}\n`)
  else for (const line of formatInspection(inspection)) out(`${line}\n`)
  return EXIT_CODES[inspection.verdict]
}

async function repair(
  { directories, json, retire }: CommandRequest,
  { out }: CommandOutput,
): Promise<number> {
  const repaired = await repairLogFiles(directories[0] ?? '', { retire })
  const { inspection, done, kept } = repaired
  if (json) out(`${JSON.stringify(repaired, jsonValue)}\n`)
  else {
    for (const line of formatInspection(inspection)) out(`${line}\n`)
    out(done === 'nothing' ? '  nothing was repaired\n' : `  repaired: ${done}; kept as ${kept.join(', ')}\n`)
  }
  return done === 'nothing' ? EXIT_CODES[inspection.verdict] : 0
}

/** Addresses are a map. */
function jsonValue(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'RAFT_STORAGE_DAMAGED'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
