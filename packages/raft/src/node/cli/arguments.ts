import { parseArgs } from 'node:util'

/** The commands there are, in words. */
export type CommandName = 'log check' | 'log repair' | 'quorum plan' | 'quorum force' | 'backup' | 'restore'

/** What the command line asks for. */
export interface CommandRequest {
  readonly command: CommandName
  /** Directories of logs. */
  readonly directories: readonly string[]
  readonly json: boolean
  readonly retire: boolean
  readonly acceptLoss: boolean
  readonly reason: string
  readonly clusterId: string | undefined
  readonly nodeId: string
  /** Where a backup is written to, or read from. */
  readonly file: string
}

export const USAGE: string = `usage: raft log check <directory> [--json]
       raft log repair <directory> [--retire] [--json]
       raft quorum plan <directory>… [--json]
       raft quorum force <directory>… --accept-loss --reason <text> [--cluster-id <id>] [--json]
       raft backup <directory> --file <file>
       raft restore <directory> --file <file> --cluster-id <id> --node-id <id>

The nodes must be stopped: a directory that a process uses is refused.

log check     says what is in a log, file by file, and what a start would make of it; changes nothing
log repair    cuts off a torn tail, and keeps it in a file beside the log; damage that other nodes can make good
              is left for the next start to fetch; anything else is refused without --retire
quorum plan   for a group that lost its majority for good: compares the logs of all nodes that are left, names the
              best, and says what may be lost; changes nothing
quorum force  makes the best of these logs the beginning of a new cluster, with the nodes that are left as members

backup        writes the newest snapshot of a log and every entry behind it into one file, with checksums
restore       founds a new cluster with the state of a backup, on an empty directory, with one node as its only voter

  --retire           give up a log that its node can't safely start with: its files are kept under other names, what
                     only this node held is lost, and its id is refused from then on
  --accept-loss      accept the loss that the plan speaks of
  --reason <text>    why, and by whom: kept in the file recovery-audit
  --cluster-id <id>  id of the new cluster; default: that of the old one with ~2, ~3, … behind it
  --node-id <id>     the node that begins the new cluster
  --file <file>      the backup
  --json             the findings as one JSON object

Exit code of log: 0 sound or empty, or repaired; 1 a torn tail, which a start cuts off; 2 damaged, what is lost comes from
other nodes after a start; 3 damaged, a start is refused, or the log was given up; 4 it could not be looked at (arguments, no
such directory, in use, written by a newer version, the disk refused).
Exit code of the others: 0 done; 1 (quorum) the nodes that are left are a quorum, nothing has to be forced; 3 refused; 4 as above.
`

const COMMANDS: readonly CommandName[] = [
  'log check',
  'log repair',
  'quorum plan',
  'quorum force',
  'backup',
  'restore',
]

/** Reads the arguments behind the program's name; `undefined` when help is wanted. Throws an error that says what is wrong. */
export function readArguments(args: readonly string[]): CommandRequest | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      retire: { type: 'boolean', default: false },
      'accept-loss': { type: 'boolean', default: false },
      reason: { type: 'string', default: '' },
      'cluster-id': { type: 'string' },
      'node-id': { type: 'string', default: '' },
      file: { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const [first = '', second = ''] = positionals
  const command = COMMANDS.find((name) => name === first || name === `${first} ${second}`)
  if (command === undefined)
    throw new Error(
      `the command must be one of '${COMMANDS.join("', '")}', not '${`${first} ${second}`.trim()}'`,
    )
  const directories = positionals.slice(command.split(' ').length)
  if (directories.length === 0) throw new Error('which directory?')
  if (directories.length > 1 && !command.startsWith('quorum')) throw new Error('one directory at a time')
  const { json, retire, reason, 'accept-loss': acceptLoss, 'cluster-id': clusterId } = values
  if (retire && command !== 'log repair') throw new Error('--retire is for log repair')
  if ((acceptLoss || reason !== '') && command !== 'quorum force')
    throw new Error('--accept-loss and --reason are for quorum force')
  if (clusterId !== undefined && command !== 'quorum force' && command !== 'restore')
    throw new Error('--cluster-id is for quorum force and restore')
  const { file, 'node-id': nodeId } = values
  const hasFile = command === 'backup' || command === 'restore'
  if (hasFile !== (file !== ''))
    throw new Error(hasFile ? 'which --file?' : '--file is for backup and restore')
  if (command === 'restore' && (clusterId === undefined || nodeId === ''))
    throw new Error('restore needs --cluster-id and --node-id')
  return { command, directories, json, retire, acceptLoss, reason, clusterId, nodeId, file }
}
