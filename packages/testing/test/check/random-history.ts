import type { Random } from '@colony/host'
import type { Operation } from '../../src/check/index.ts'

/** A small history of random operations with random results: about half of them are linearizable. */
export function randomTinyHistory(random: Random, verbs: readonly string[]): Operation[] {
  const count = random.integer(1, 7)
  const values = random.integer(1, 3)
  const spread = random.integer(2, 12)
  return Array.from({ length: count }, (_, process) => {
    const f = verbs[random.integer(0, verbs.length - 1)] ?? ''
    const invokedAt = random.integer(0, spread)
    const drawn = random.float()
    const outcome = drawn < 0.75 ? 'ok' : drawn < 0.9 ? 'unknown' : 'fail'
    const pick = (): number => random.integer(1, values)
    const result = f === 'read' || f === 'get' ? (random.float() < 0.2 ? null : pick()) : random.float() < 0.5
    const value =
      f === 'cas' ? [pick(), pick()] : f === 'read' || f === 'get' || f === 'delete' ? undefined : pick()
    return {
      process,
      f,
      ...(value !== undefined && { value }),
      ...(outcome === 'ok' && f !== 'write' && f !== 'put' && { result }),
      outcome,
      invokedAt,
      completedAt: outcome === 'ok' ? invokedAt + random.integer(0, 4) : Number.POSITIVE_INFINITY,
    }
  })
}

/** How a made-up history of one register, or of many, looks. */
export interface RegisterHistoryOptions {
  readonly clients: number
  readonly operations: number
  readonly keys?: number
  readonly cas?: boolean
  /** Share of time that a client waits between two operations; 0 keeps all of them in flight all the time. */
  readonly idle?: number
  /** Share of operations whose outcome is unknown. */
  readonly unknown?: number
}

/** A history that a correct register with unique writes would give: every operation takes effect at a random instant of its interval. */
export function registerHistory(random: Random, options: RegisterHistoryOptions): Operation[] {
  const { clients, operations, keys = 1, cas = false, idle = 0.5, unknown = 0 } = options
  const freeAt = new Float64Array(clients)
  const planned = Array.from({ length: operations }, (_, index) => {
    const process = random.integer(0, clients - 1)
    const invokedAt = (freeAt[process] ?? 0) + (random.float() < idle ? random.integer(1, 100) : 1)
    const completedAt = invokedAt + random.integer(1, 100)
    freeAt[process] = completedAt
    const at = invokedAt + random.float() * (completedAt - invokedAt)
    return {
      index,
      process,
      invokedAt,
      completedAt,
      at,
      key: `k${random.integer(0, keys - 1)}`,
      draw: random.float(),
    }
  })
  planned.sort((left, right) => left.at - right.at)
  const state = new Map<string, number>()
  const history: Operation[] = planned.map(({ index, process, invokedAt, completedAt, key, draw }) => {
    const now = state.get(key) ?? null
    const base = { process, key, invokedAt, completedAt, outcome: 'ok' as const }
    const next = index + 1
    if (draw < 0.5) return { ...base, f: 'read', result: now }
    if (cas && draw < 0.75) {
      const holds = random.float() < 0.5
      if (holds) state.set(key, next)
      return { ...base, f: 'cas', value: [holds ? now : -1, next], result: holds }
    }
    const happened = draw >= 0.5 && !(draw > 1 - unknown / 2)
    if (happened) state.set(key, next)
    const lost = draw > 1 - unknown
    const end = lost ? { outcome: 'unknown' as const, completedAt: Number.POSITIVE_INFINITY } : {}
    return { ...base, f: 'write', value: next, ...end }
  })
  return history.toSorted((left, right) => left.invokedAt - right.invokedAt)
}

/** Makes one read near `share` of the history return a value that was overwritten long before. */
export function withStaleRead(history: readonly Operation[], share: number): Operation[] {
  const changed = [...history]
  const start = Math.floor(history.length * share)
  const place = changed.findIndex((operation, index) => index >= start && operation.f === 'read')
  const victim = changed[place]
  const old = changed
    .slice(0, place - 100)
    .findLast((operation) => operation.f === 'write' && operation.key === victim?.key)
  if (victim === undefined || old === undefined)
    throw new Error('the history is too short to plant a stale read')
  changed[place] = { ...victim, result: old.value }
  return changed
}
