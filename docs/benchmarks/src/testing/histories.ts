import { createRandom, type Random } from '@colony/host'
import type { Operation } from '@colony/testing'

/** What a history is made like. */
export interface HistoryShape {
  /** How many operations. */
  readonly operations: number
  /** How many clients work at a time. */
  readonly clients: number
  /** How many objects they work on; each has its own share of the clients. Default 1. */
  readonly keys?: number
  /** Which part of the operations are reads, 0 to 1; of the others half compare and set, unless `cas` is `false`. Default 0.5. */
  readonly reads?: number
  /** Whether there are compare-and-sets. Default `true`. */
  readonly cas?: boolean
}

/** The history of clients of a register that works: each operation takes effect at one moment between its call and its return. Every value is written once. */
export function registerHistory(shape: HistoryShape): Operation[] {
  const { operations, clients, keys = 1 } = shape
  const random = createRandom(1, JSON.stringify(shape))
  const perKey = Math.ceil(operations / keys)
  const histories = Array.from({ length: keys }, (_, key) =>
    oneRegister(
      random.fork(String(key)),
      { ...shape, operations: perKey },
      keys === 1 ? undefined : `k${key}`,
    ),
  )
  return histories
    .flat()
    .slice(0, operations)
    .map((operation) => spread(operation, clients, keys))
}

/** The same, with one read, nine tenths on, that returns a value which was overwritten long before. */
export function staleReadHistory(shape: HistoryShape): Operation[] {
  const history = registerHistory(shape)
  const writes = history.filter(({ f }) => f === 'write').sort((a, b) => a.completedAt - b.completedAt)
  const old = writes[Math.floor(writes.length / 4)]
  const at = history.findIndex(({ f }, index) => f === 'read' && index > history.length * 0.9)
  const read = history[at]
  if (old === undefined || read === undefined) throw new Error('the history is too short for a stale read')
  history[at] = { ...read, result: old.value }
  return history
}

interface Planned {
  readonly process: number
  readonly f: 'read' | 'write' | 'cas'
  readonly invokedAt: number
  readonly effectAt: number
  readonly completedAt: number
}

function oneRegister(random: Random, shape: HistoryShape, key: string | undefined): Operation[] {
  const planned = plan(random, shape).sort((a, b) => a.effectAt - b.effectAt)
  let current: number | null = null
  let written = 0
  const done = planned.map(({ process, f, invokedAt, completedAt }): Operation => {
    const timed = {
      process,
      f,
      ...(key !== undefined && { key }),
      invokedAt,
      completedAt,
      outcome: 'ok' as const,
    }
    if (f === 'read') return { ...timed, result: current }
    const next = ++written
    if (f === 'write') {
      current = next
      return { ...timed, value: next }
    }
    const expected = random.float() < 0.5 ? current : written - 1
    const holds = expected === current
    if (holds) current = next
    return { ...timed, value: [expected, next], result: holds }
  })
  return done.sort((a, b) => a.invokedAt - b.invokedAt)
}

function plan(random: Random, { operations, clients, reads = 0.5, cas = true }: HistoryShape): Planned[] {
  const free = new Float64Array(clients)
  return Array.from({ length: operations }, (_, at) => {
    const process = at % clients
    const invokedAt = (free[process] as number) + random.float() * 10
    const completedAt = invokedAt + 1 + random.float() * 20
    free[process] = completedAt + 0.001
    const effectAt = invokedAt + random.float() * (completedAt - invokedAt)
    const f = random.float() < reads ? 'read' : cas && random.float() < 0.5 ? 'cas' : 'write'
    return { process, f, invokedAt, effectAt, completedAt }
  })
}

/** Tells the clients of different keys apart. */
function spread(operation: Operation, clients: number, keys: number): Operation {
  if (keys === 1) return operation
  const key = Number(operation.key?.slice(1) ?? 0)
  return { ...operation, process: key * clients + Number(operation.process) }
}
