import type { NodeId } from '@colony/host'
import type { RedisReply, RedisRun, RedisScript, RedisServer } from '../../../src/redis/redis-server.ts'
import type { ClientPlace, Place } from '../backend-model.ts'
import type { ClientLink, ClientLinkOptions } from '../links/client-links.ts'
import { type Session, serveLinks } from '../links/server-links.ts'
import type { Reply } from './command.ts'
import { Keyspace } from './keyspace.ts'
import { runScript } from './redis-scripts.ts'

/** What a client asks a server. */
interface Question {
  readonly run?: { readonly source: string; readonly sha1: string; readonly isToBeKnown: boolean }
  readonly keys?: readonly string[]
  readonly args?: readonly string[]
  readonly subscribe?: string
  readonly unsubscribe?: string
}

/** What a server says that does not know a script. */
const UNKNOWN_SCRIPT = { unknownScript: true }

interface Connected extends Session {
  readonly channels: Set<string>
}

/** How a server behaves. */
export interface SimulatedRedisOptions {
  /** Whether keys outlive its process, as with an append-only file that is synced at each write. */
  readonly persists: boolean
  /** The source that is run in place of a script's, by its name: bugs are planted here. */
  readonly plant?: (source: string) => string
}

/** Starts a Redis server on a node. Its keys expire by the node's time of day; its scripts are those that are sent to it. */
export function startRedis({ node, run }: Place, { persists, plant = asItIs }: SimulatedRedisOptions): void {
  const { disks } = run.state
  const before = persists ? (disks.get(node.id) as Keyspace | undefined) : undefined
  const keyspace = before ?? new Keyspace(() => Math.floor(node.wallNow()))
  disks.set(node.id, keyspace)
  const known = new Set<string>()
  const sessions = new Set<Connected>()
  const startedAt = node.wallNow()
  const publish = (channel: string, message: string): number => {
    const hearing = [...sessions].filter(({ channels }) => channels.has(channel))
    for (const session of hearing) session.push({ channel, message })
    return hearing.length
  }
  serveLinks<Connected>(node, run.world as never, {
    connected: (session) => {
      const connected = Object.assign(session, { channels: new Set<string>() })
      sessions.add(connected)
      return connected
    },
    asked: (session, question): unknown => {
      const { run: script, keys = [], args = [], subscribe, unsubscribe } = question as Question
      if (subscribe !== undefined) session.channels.add(subscribe)
      if (unsubscribe !== undefined) session.channels.delete(unsubscribe)
      if (script === undefined) {
        // As `INFO server` tells it: by the time of day.
        return { runId: `${node.id}-${node.incarnation}`, uptimeMs: Math.floor(node.wallNow() - startedAt) }
      }
      if (script.isToBeKnown && !known.has(script.sha1)) return UNKNOWN_SCRIPT
      known.add(script.sha1)
      const micros = Math.floor(node.wallNow() * 1000)
      return runScript({ keyspace, micros, publish }, plant(script.source), keys, args)
    },
    ended: (session) => void sessions.delete(session),
  })
}

function asItIs(source: string): string {
  return source
}

/** The keys of a server, as they are now. */
export function keysOf({ run }: Pick<Place, 'run'>, server: NodeId): readonly string[] {
  const keyspace = run.state.disks.get(server) as Keyspace | undefined
  return keyspace?.names() ?? []
}

/** A client of a simulated server, as the backends want it. */
export function simulatedRedisClient(
  { links }: ClientPlace,
  server: NodeId,
  options: Pick<ClientLinkOptions, 'replays' | 'stallMs'> = {},
): RedisServer {
  return new SimulatedRedisClient((more) => links.open(server, { ...options, ...more }))
}

class SimulatedRedisClient implements RedisServer {
  readonly isCluster = false
  readonly #open: (options: ClientLinkOptions) => ClientLink
  readonly #commands: ClientLink
  readonly #listeners = new Map<string, Set<(message: string) => void>>()
  #subscriber: ClientLink | undefined
  #isClosed = false

  constructor(open: (options: ClientLinkOptions) => ClientLink) {
    this.#open = open
    this.#commands = open({})
  }

  async run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    return (await this.#run(script, keys, args, false)) ?? null
  }

  async runIfKnown(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply | undefined> {
    return await this.#run(script, keys, args, true)
  }

  async listen(channel: string, listener: (message: string) => void): Promise<Disposable> {
    this.#subscriber ??= this.#open({
      onPush: (message) => this.#hear(message as { readonly channel: string; readonly message: string }),
      onLost: () => this.#subscribeAgain(),
    })
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners)
    listeners.add(listener)
    if (listeners.size === 1) await this.#subscriber.request({ subscribe: channel })
    return { [Symbol.dispose]: () => this.#stop(channel, listener) }
  }

  async currentRun(): Promise<RedisRun> {
    return (await this.#commands.request({})) as RedisRun
  }

  async close(): Promise<void> {
    // The commands' connection is its maker's.
    this.#isClosed = true
    this.#subscriber?.close()
  }

  async #run(
    { source, sha1 }: RedisScript,
    keys: readonly string[],
    args: readonly string[],
    isToBeKnown: boolean,
  ): Promise<RedisReply | undefined> {
    const question: Question = { run: { source, sha1, isToBeKnown }, keys, args }
    const reply = (await this.#commands.request(question)) as Reply | typeof UNKNOWN_SCRIPT
    return typeof reply === 'object' && reply !== null && 'unknownScript' in reply ? undefined : told(reply)
  }

  #hear({ channel, message }: { readonly channel: string; readonly message: string }): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(message)
  }

  #stop(channel: string, listener: (message: string) => void): void {
    const listeners = this.#listeners.get(channel)
    if (listeners?.delete(listener) !== true || listeners.size > 0) return
    this.#listeners.delete(channel)
    this.#subscriber?.request({ unsubscribe: channel }).catch(() => undefined)
  }

  /** As clients do after they have connected again; messages in between are lost. */
  #subscribeAgain(): void {
    if (this.#isClosed) return
    for (const channel of this.#listeners.keys())
      this.#subscriber?.request({ subscribe: channel }).catch(() => undefined)
  }
}

/** A status is a text for clients. */
function told(reply: Reply): RedisReply {
  if (reply === null || typeof reply === 'string' || typeof reply === 'number') return reply
  return 'ok' in reply ? reply.ok : reply.map(told)
}
