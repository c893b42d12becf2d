import type { RedisScript } from './redis-server.ts'
import { sha1 } from './sha1.ts'

/** A script with its hash. */
export function luaScript(name: string, source: string): RedisScript {
  return { name, source, sha1: sha1(source) }
}
