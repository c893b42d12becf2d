import { COLLECTION_COMMANDS } from './collection-commands.ts'
import type { Command, Reply } from './command.ts'
import { KEY_COMMANDS } from './key-commands.ts'
import { type Keyspace, RedisError } from './keyspace.ts'
import { SORTED_SET_COMMANDS } from './sorted-set-commands.ts'

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({ ...KEY_COMMANDS, ...COLLECTION_COMMANDS, ...SORTED_SET_COMMANDS }),
)

/** Carries out a command. Those that this server does not play are errors, as on a real one. */
export function runCommand(keyspace: Keyspace, name: string, args: readonly string[]): Reply {
  const command = COMMANDS.get(name.toUpperCase())
  if (command === undefined) throw new RedisError(`ERR unknown command '${name}'`)
  return command(keyspace, ...args)
}
