import { serve } from '../measure/child.ts'
import { type HashingRow, measureHashing } from './hashing.ts'
import { measureAllocation, measureMemory } from './memory-measures.ts'
import { REPLICAS } from './peer.ts'
import { loadPeer } from './peers.ts'
import { measurePlacement, type PlacementFigures } from './placement-measures.ts'
import { type ChangeFigures, timeChanges, timeLookups } from './time-measures.ts'
import { makeKeys, nodeIds } from './workload.ts'

/** One process that measures one peer with one number of nodes: the engine compiles for what it sees, and so sees only that. */
export type PeerProcess = typeof methods

/** What to measure. */
export interface Task {
  readonly peer: string
  readonly nodes: number
  readonly keys: number
  /** For each of lookups, replicas and changes. */
  readonly seconds: number
}

/** What is measured every round. */
export interface SpeedFigures extends ChangeFigures {
  readonly ownerNs: number
  /** `undefined` where the peer has no replicas. */
  readonly replicasNs: number | undefined
  readonly memoryBytes: number
  /** Allocated by one lookup of an owner. */
  readonly allocatedBytes: number
}

const methods = {
  /** What differs from run to run. */
  async speed({ peer: name, nodes, keys: keyCount, seconds }: Task): Promise<SpeedFigures> {
    const peer = await loadPeer(name)
    const ids = nodeIds(nodes)
    const keys = makeKeys(keyCount)
    const memoryBytes = measureMemory(peer, ids)
    const placer = peer.build(ids)
    const owner = (key: string): unknown => placer.owner(key)
    const ownerNs = timeLookups(owner, keys, seconds)
    const allocatedBytes = measureAllocation(owner, keys)
    const { replicas } = placer
    const replicasNs = replicas === undefined ? undefined : timeLookups(replicas, keys, seconds)
    const count = Math.min(20, Math.max(REPLICAS, nodes / 10))
    const added = nodeIds(nodes + count).slice(nodes)
    return { ownerNs, replicasNs, memoryBytes, allocatedBytes, ...timeChanges(peer, ids, added, seconds) }
  },

  /** What is the same in every run (but for a peer that draws lots). */
  async placement({ peer: name, nodes, keys }: Task): Promise<PlacementFigures> {
    const ids = nodeIds(nodes + 1)
    return measurePlacement(await loadPeer(name), ids.slice(0, nodes), ids[nodes] ?? '', makeKeys(keys))
  },

  /** The hash alone. */
  async hashing(seconds: number): Promise<HashingRow[]> {
    return await measureHashing(seconds)
  },
}

serve(methods)
