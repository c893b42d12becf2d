import type { Peer, Placer } from './peer.ts'
import { shuffled } from './workload.ts'

/** How keys are spread and what moves them. Shares are of all keys, 0 to 1. */
export interface PlacementFigures {
  /** Keys of the fullest node over the average. */
  readonly peakToAverage: number
  /** Standard deviation of the nodes' keys over the average. */
  readonly cv: number
  /** Keys that nobody owned. */
  readonly unowned: number
  /** Keys that moved between nodes that were there before and after, when one was added. */
  readonly excessOnAdd: number
  /** Keys that moved although their node stayed, when one was removed. */
  readonly excessOnRemove: number
  /** Keys with another owner when the same nodes are given in another order. */
  readonly orderDependence: number
  /** Whether two built from the same list agree on every key. */
  readonly deterministic: boolean
}

/** Owners by index of a node, -1 for none. */
type Owners = Int32Array

/** Looks where every key goes, before and after a change. */
export function measurePlacement(
  peer: Peer,
  ids: readonly string[],
  added: string,
  keys: readonly string[],
): PlacementFigures {
  const owners = (placer: Placer): Owners => ownersOf(placer, [...ids, added], keys)
  const middle = ids.length >> 1
  // Two instances from one list, each asked before and after its own change: some peers never make the same ring twice.
  const growing = peer.build(ids)
  const before = owners(growing)
  const grown = owners(growing.add(added))
  const shrinking = peer.build(ids)
  const again = owners(shrinking)
  const shrunk = owners(shrinking.remove(ids[middle] ?? ''))
  const reordered = owners(peer.build(shuffled(ids)))
  const share = (differs: (at: number) => boolean): number => shareOf(keys.length, differs)
  return {
    ...balance(before, ids.length),
    unowned: share((at) => before[at] === -1),
    excessOnAdd: share((at) => before[at] !== grown[at] && grown[at] !== ids.length),
    excessOnRemove: share((at) => again[at] !== shrunk[at] && again[at] !== middle),
    orderDependence: share((at) => before[at] !== reordered[at]),
    deterministic: before.every((owner, at) => owner === again[at]),
  }
}

function ownersOf(placer: Placer, ids: readonly string[], keys: readonly string[]): Owners {
  const indexes = new Map(ids.map((id, index) => [id, index]))
  const owners = new Int32Array(keys.length)
  for (const [at, key] of keys.entries()) {
    const id = placer.idOf(placer.owner(key))
    owners[at] = id === undefined ? -1 : (indexes.get(id) ?? -1)
  }
  return owners
}

function balance(owners: Owners, nodes: number): Pick<PlacementFigures, 'peakToAverage' | 'cv'> {
  const counts = new Float64Array(nodes)
  for (const owner of owners) if (owner >= 0) counts[owner] = (counts[owner] as number) + 1
  const average = owners.length / nodes
  const variance = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / nodes
  return { peakToAverage: Math.max(...counts) / average, cv: Math.sqrt(variance) / average }
}

function shareOf(count: number, counts: (at: number) => boolean): number {
  let found = 0
  for (let at = 0; at < count; at++) if (counts(at)) found++
  return found / count
}
