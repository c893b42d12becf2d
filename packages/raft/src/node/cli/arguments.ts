import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface CommandRequest {
  readonly command: 'log check' | 'log repair'
  /** Directories of logs. */
  readonly directories: readonly string[]
  readonly json: boolean
  readonly retire: boolean
}

export const USAGE: string = `usage: raft log check <directory> [--json]
       raft log repair <directory> [--retire]

The node must be stopped: a directory that a process uses is refused.

log check     says what is in a log, file by file, and what a start would make of it; changes nothing
log repair    cuts off a torn tail, and keeps it in a file beside the log; damage that other nodes can make good
              is left for the next start to fetch; anything else is refused without --retire

  --retire    give up a log that its node can't safely start with: its files are kept under other names, what only
              this node held is lost, and its id is refused from then on
  --json      the findings as one JSON object

Exit code: 0 sound or empty, or repaired; 1 a torn tail, which a start cuts off; 2 damaged, what is lost comes from other
nodes after a start; 3 damaged, a start is refused, or the log was given up; 4 it could not be looked at (arguments, no such
directory, in use, written by a newer version, the disk refused).
`

/** Reads the arguments behind the program's name; `undefined` when help is wanted. Throws an error that says what is wrong. */
export function readArguments(args: readonly string[]): CommandRequest | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      retire: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const { json, retire } = values
  const [first = '', second = '', ...directories] = positionals
  const command = `${first} ${second}`
  if (command !== 'log check' && command !== 'log repair')
    throw new Error(`the command must be 'log check' or 'log repair', not '${command.trim()}'`)
  if (directories.length === 0) throw new Error('which directory?')
  if (directories.length > 1) throw new Error('one directory at a time')
  if (retire && command === 'log check')
    throw new Error('a check changes nothing: --retire is for log repair')
  return { command, directories, json, retire }
}
