import { runCommand } from './commands.ts'
import type { Reply } from './command.ts'
import { type Keyspace, RedisError } from './keyspace.ts'
import { libraryScope } from './lua/library.ts'
import { parseScript } from './lua/parser.ts'
import { Scope } from './lua/scope.ts'
import { formatNumber, LuaError, type LuaFunction, LuaTable, type Value } from './lua/value.ts'

/** What a script needs of its server besides the keys. */
export interface ScriptSurroundings {
  readonly keyspace: Keyspace
  /** Microseconds since 1970, by the server's time of day. */
  readonly micros: number
  readonly publish: (channel: string, message: string) => number
}

const LIBRARY = libraryScope()
/** Sources are few, and runs are many. */
const parsed = new Map<string, (globals: Scope) => LuaFunction>()

/** Runs a script as a Redis server does: the real source, on keys that are played. Throws a {@link RedisError} for what the server would answer with an error. */
export function runScript(
  surroundings: ScriptSurroundings,
  source: string,
  keys: readonly string[],
  args: readonly string[],
): Reply {
  let script = parsed.get(source)
  if (script === undefined) parsed.set(source, (script = parseScript(source)))
  const globals = new Scope(LIBRARY)
  globals.declare('KEYS', LuaTable.of(keys))
  globals.declare('ARGV', LuaTable.of(args))
  globals.declare('redis', redisTable(surroundings))
  try {
    return replyOf(script(globals)()[0])
  } catch (error) {
    if (error instanceof LuaError) throw new RedisError(`ERR ${error.message}`)
    throw error
  }
}

function redisTable(surroundings: ScriptSurroundings): LuaTable {
  const table = new LuaTable()
  const call: LuaFunction = (name, ...args) => [valueOf(perform(surroundings, name, args))]
  table.set('call', call)
  table.set('pcall', (...args) => {
    try {
      return call(...args)
    } catch (error) {
      if (!(error instanceof RedisError)) throw error
      return [tableWith('err', error.message)]
    }
  })
  table.set('error_reply', (message) => [tableWith('err', message)])
  table.set('status_reply', (message) => [tableWith('ok', message)])
  return table
}

function perform(
  { keyspace, micros, publish }: ScriptSurroundings,
  name: Value,
  args: readonly Value[],
): Reply {
  const texts = args.map(argumentOf)
  const command = argumentOf(name).toUpperCase()
  if (command === 'TIME') return [String(Math.floor(micros / 1e6)), String(micros % 1e6)]
  if (command === 'PUBLISH') return publish(texts[0] ?? '', texts[1] ?? '')
  return runCommand(keyspace, command, texts)
}

function argumentOf(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatNumber(value, 17)
  throw new RedisError('ERR Lua redis lib command arguments must be strings or integers')
}

function valueOf(reply: Reply): Value {
  if (reply === null) return false
  if (typeof reply === 'string' || typeof reply === 'number') return reply
  return 'ok' in reply ? tableWith('ok', reply.ok) : LuaTable.of(reply.map(valueOf))
}

function replyOf(value: Value): Reply {
  if (value === undefined || value === false) return null
  if (value === true) return 1
  // Whole numbers have no minus zero.
  if (typeof value === 'number') return Math.trunc(value) + 0
  if (typeof value === 'string') return value
  if (typeof value === 'function') return null
  const [ok, error] = [value.get('ok'), value.get('err')]
  if (typeof error === 'string') throw new RedisError(error)
  if (typeof ok === 'string') return { ok }
  return value.list().map(replyOf)
}

function tableWith(name: string, value: Value): LuaTable {
  const table = new LuaTable()
  table.set(name, value)
  return table
}
