import { performance } from 'node:perf_hooks'
import { serve } from '../measure/child.ts'
import { type Locker, sleep } from './locker.ts'
import { REDIS_SYSTEMS } from './redis-systems.ts'

/** A process with clients that all want one lock. */
export type Contender = typeof methods

/** What its clients got. */
export interface Contended {
  /** Of each client. */
  readonly grants: readonly number[]
  /** How long each wait took, in milliseconds. */
  readonly waits: readonly number[]
}

let clients: Locker[] = []

const methods = {
  /** Opens clients, each on a connection of its own. */
  async open({ system, port, count }: { system: string; port: number; count: number }): Promise<void> {
    const found = REDIS_SYSTEMS.find(({ name }) => name === system)
    if (found === undefined) throw new Error(`no system ${system}`)
    clients = await Promise.all(Array.from({ length: count }, () => found.open(port)))
    for (const [at, client] of clients.entries()) await (await client.take(`own ${process.pid} ${at}`))()
  },

  /** Each takes the lock, holds it, gives it back and wants it again, for so long. */
  async contend({ ms, holdMs }: { ms: number; holdMs: number }): Promise<Contended> {
    const waits: number[] = []
    const until = performance.now() + ms
    const grants = await Promise.all(clients.map((client) => contend(client, until, holdMs, waits)))
    return { grants, waits }
  },

  /** Ends the clients. */
  async close(): Promise<void> {
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()))
    clients = []
  },
}

async function contend(client: Locker, until: number, holdMs: number, waits: number[]): Promise<number> {
  let grants = 0
  while (performance.now() < until) {
    const askedAt = performance.now()
    const release = await client.take('wanted')
    const grantedAt = performance.now()
    // What comes after the end is the crowd going home.
    if (grantedAt < until) {
      waits.push(grantedAt - askedAt)
      grants++
      await sleep(holdMs)
    }
    await release()
  }
  return grants
}

serve(methods)
