import type { NodeId, Random } from '@colony/host'
import { FAULT_ATLAS, type FaultStep, generateFaults, type GeneratedFault } from '@colony/testing'
import type { BackendModel } from './backend-model.ts'
import { isClient, STORE } from './lock-run.ts'

/** Kinds of faults that are about links. */
const OF_LINKS: readonly GeneratedFault[] = [
  ...(['partition', 'ring', 'loss', 'latency', 'jitter', 'bandwidth'] as const),
  ...(['duplicate', 'replay', 'reorder'] as const),
]
/** Kinds that are about one machine, but for its disk, which nothing here has. */
const OF_MACHINES: readonly GeneratedFault[] = [
  'crash',
  'blackout',
  'pause',
  'clock',
  'skew',
  'timers',
  'loop',
]

/** Two clocks differ by less than the hundredth that a lease allows for. */
const SLOWEST = 0.996
const FASTEST = 1.004
/** How wrong a time of day is at most. */
const MOST_SKEW_MS = 4000

/** What goes wrong in a run: links anywhere, the clients' processes and clocks, and whatever the model says of its servers. */
export function drawFaults(
  model: BackendModel,
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): readonly FaultStep[] {
  const clients = nodes.filter(isClient)
  const servers = nodes.filter((id) => !isClient(id) && id !== STORE)
  const links = { nodes, durationMs, weights: only(OF_LINKS) }
  const ofClients = model.clientsCrash === false ? OF_MACHINES.filter(isNoCrash) : OF_MACHINES
  const machines = { nodes: clients, durationMs, weights: only(ofClients), maxDown: clients.length }
  return [
    ...generateFaults({ ...links, random: random.fork('links'), maxDown: nodes.length }),
    ...tame(generateFaults({ ...machines, random: random.fork('clients') })),
    ...(model.faults?.(random.fork('servers'), servers, durationMs) ?? []),
  ]
}

/** What may happen to servers. */
export interface ServerFaults {
  readonly random: Random
  readonly servers: readonly NodeId[]
  readonly durationMs: number
  /** Which kinds. */
  readonly kinds: readonly ('crash' | 'blackout' | 'pause' | 'clock' | 'timers' | 'loop' | 'skew')[]
  /** Most of them that are down or paused at once. Default: all. */
  readonly maxDown?: number
}

/** The usual faults of servers. Clocks drift as far as leases allow for; only `skew` makes the time of day wrong, by seconds: longer than any lease, and shorter than a run. */
export function serverFaults({
  random,
  servers,
  durationMs,
  kinds,
  maxDown,
}: ServerFaults): readonly FaultStep[] {
  if (servers.length === 0) return []
  const most = maxDown ?? servers.length
  return tame(generateFaults({ random, nodes: servers, durationMs, weights: only(kinds), maxDown: most }))
}

/** All other kinds never; these as often as ever. */
function only(kinds: readonly GeneratedFault[]): Partial<Record<GeneratedFault, number>> {
  const all = Object.keys(FAULT_ATLAS) as GeneratedFault[]
  return Object.fromEntries(all.map((kind) => [kind, kinds.includes(kind) ? FAULT_ATLAS[kind].weight : 0]))
}

function isNoCrash(kind: GeneratedFault): boolean {
  return kind !== 'crash' && kind !== 'blackout'
}

/** Clocks within what a lease allows for. A monotonic clock that jumps ends leases early, which is safe on a client; a server's does not jump. */
function tame(steps: readonly FaultStep[]): readonly FaultStep[] {
  return steps.map((step): FaultStep => {
    if (step.do !== 'clock') return step
    const { jumpMs: _jump, skewMs, ...rest } = step
    const tamed = {
      ...rest,
      ...(skewMs !== undefined && { skewMs: Math.max(-MOST_SKEW_MS, Math.min(MOST_SKEW_MS, skewMs)) }),
    }
    return step.rate === undefined
      ? tamed
      : { ...tamed, rate: Math.min(FASTEST, Math.max(SLOWEST, step.rate)) }
  })
}
