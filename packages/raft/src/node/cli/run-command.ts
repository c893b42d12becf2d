import { createReadStream } from 'node:fs'
import type { LogVerdict } from '../../recovery/inspect-log.ts'
import { backupFiles, restoreBackupFiles, writeBackup } from '../backup-files.ts'
import { checkLog, repairLogFiles } from '../log-files.ts'
import { forceQuorumRecovery, planQuorumRecovery } from '../quorum-files.ts'
import { type CommandName, type CommandRequest, readArguments, USAGE } from './arguments.ts'
import { formatInspection } from './format-inspection.ts'
import { formatForced, formatPlan } from './format-plan.ts'

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
const EXIT_NEEDLESS = 1
/** What makes a command refuse, rather than fail. */
const REFUSALS: readonly unknown[] = ['RAFT_STORAGE_DAMAGED', 'RAFT_RECOVERY_REFUSED']

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
    return await RUN[request.command](request, output)
  } catch (error) {
    output.error(`raft: ${messageOf(error)}\n`)
    return REFUSALS.includes(codeOf(error)) ? EXIT_CODES.refused : EXIT_IMPOSSIBLE
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

async function plan({ directories, json }: CommandRequest, { out }: CommandOutput): Promise<number> {
  const planned = await planQuorumRecovery(directories)
  if (json) out(`${JSON.stringify(planned, jsonValue)}\n`)
  else for (const line of formatPlan(planned)) out(`${line}\n`)
  return planned.hasQuorum ? EXIT_NEEDLESS : 0
}

async function force(request: CommandRequest, { out }: CommandOutput): Promise<number> {
  const { directories, json, reason, clusterId } = request
  const acceptLoss = request.acceptLoss as true
  const options = { acceptLoss, reason, ...(clusterId !== undefined && { clusterId }) }
  const forced = await forceQuorumRecovery(directories, options)
  if (json) out(`${JSON.stringify(forced, jsonValue)}\n`)
  else {
    for (const line of forced.plan === undefined ? [] : formatPlan(forced.plan)) out(`${line}\n`)
    for (const line of formatForced(forced.audit)) out(`${line}\n`)
  }
  return 0
}

async function backup({ directories, file }: CommandRequest, { out }: CommandOutput): Promise<number> {
  const bytes = await writeBackup(backupFiles(directories[0] ?? ''), file)
  out(`${file}: ${bytes} bytes\n`)
  return 0
}

async function restore(
  { directories, file, clusterId = '', nodeId }: CommandRequest,
  { out }: CommandOutput,
): Promise<number> {
  const directory = directories[0] ?? ''
  const { from, group, index } = await restoreBackupFiles(directory, createReadStream(file), {
    clusterId,
    nodeId,
  })
  out(`${directory}: group ${group} of cluster ${from} up to index ${index}, now of cluster ${clusterId}\n`)
  out(`  Start ${nodeId} with the cluster id ${clusterId}, and add the other members (members.add).\n`)
  return 0
}

const RUN: Readonly<
  Record<CommandName, (request: CommandRequest, output: CommandOutput) => Promise<number>>
> = {
  'log check': check,
  'log repair': repair,
  'quorum plan': plan,
  'quorum force': force,
  backup,
  restore,
}

/** Addresses are a map. */
function jsonValue(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
