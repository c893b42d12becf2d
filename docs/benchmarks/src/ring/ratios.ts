import { COLONY } from './peers.ts'
import type { RingRow } from './rows.ts'

/** One figure of colony's ring beside what it is held to. */
export interface Ratio {
  readonly what: string
  readonly nodes: number
  readonly value: number
  readonly goal: number
  /** Whether the value must be at least the goal, at most the goal, or below it. */
  readonly side: 'least' | 'most' | 'below'
  readonly met: boolean
}

const OWNER_GOALS: Readonly<Record<number, number>> = { 10: 2.5, 100: 3, 1000: 5 }
const HASHRING_GOAL = 30
const REPLICAS_GOAL = 2
const ADD_GOAL = { nodes: 1000, ms: 4 }
const MEMORY_GOAL = 1 / 3

/** Every figure that has a goal, for every number of nodes that was measured. */
export function ratiosOf(rows: readonly RingRow[]): Ratio[] {
  const sizes = [...new Set(rows.map(({ nodes }) => nodes))]
  return sizes.flatMap((nodes) =>
    ratiosAt(
      nodes,
      rows.filter((row) => row.nodes === nodes),
    ),
  )
}

function ratiosAt(nodes: number, rows: readonly RingRow[]): Ratio[] {
  const own = rows.find(({ peer }) => peer === COLONY)?.speed
  if (own === undefined) return []
  const peers = rows.filter(({ peer, placement }) => isNpmPeer(peer) && placement !== undefined)
  const ratios: Ratio[] = []
  const add = (what: string, value: number, goal: number, side: Ratio['side']): void => {
    const met = side === 'least' ? value >= goal : side === 'most' ? value <= goal : value < goal
    if (Number.isFinite(value)) ratios.push({ what, nodes, value, goal, side, met })
  }
  const fastest = leastOf(peers.filter(isDeterministic), ({ ownerNs }) => ownerNs)
  add(
    `owner: times as fast as the fastest deterministic peer${nameOf(fastest)}`,
    fastest.value / own.ownerNs,
    OWNER_GOALS[nodes] ?? 1,
    'least',
  )
  const hashring = rows.find(({ peer }) => peer === 'hashring')?.speed
  add(
    'owner: times as fast as hashring',
    (hashring?.ownerNs ?? Infinity) / own.ownerNs,
    HASHRING_GOAL,
    'least',
  )
  add(
    'replicas(3): times the time of owner',
    (own.replicasNs ?? Infinity) / own.ownerNs,
    REPLICAS_GOAL,
    'below',
  )
  add('owner: bytes allocated', own.allocatedBytes, 0, 'most')
  if (nodes === ADD_GOAL.nodes) add('adding a node: ms', own.addMs, ADD_GOAL.ms, 'most')
  const leanest = leastOf(peers, ({ memoryBytes }) => memoryBytes)
  add(
    `memory: share of the leanest peer's${nameOf(leanest)}`,
    own.memoryBytes / leanest.value,
    MEMORY_GOAL,
    'most',
  )
  return ratios
}

interface Least {
  readonly peer: string
  readonly value: number
}

function leastOf(rows: readonly RingRow[], pick: (speed: NonNullable<RingRow['speed']>) => number): Least {
  let least: Least = { peer: '', value: Infinity }
  for (const { peer, speed } of rows) {
    if (speed !== undefined && pick(speed) < least.value) least = { peer, value: pick(speed) }
  }
  return least
}

function nameOf({ peer }: Least): string {
  return peer === '' ? '' : ` (${peer})`
}

function isNpmPeer(peer: string): boolean {
  return !peer.startsWith(COLONY)
}

/** A peer that draws lots is no alternative for processes that have to agree, nor is one that leaves keys without an owner. */
function isDeterministic({ placement }: RingRow): boolean {
  return placement?.deterministic === true && placement.unowned === 0
}
