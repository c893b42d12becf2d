import {
  loadColonyMaglev,
  loadColonyPartitions,
  loadColonyRendezvous,
  loadColonyRing,
} from './colony-peer.ts'
import { loadConsistentHash, loadEffect, loadHashring, loadKetama, loadNodeHashring } from './npm-peers.ts'
import type { Peer } from './peer.ts'

/** The name of colony's ring among the peers. */
export const COLONY = 'colony'

/** Everyone who is measured, in the order of the table. Each is loaded in a process of its own, and no other there. */
export const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  [COLONY]: loadColonyRing,
  hashring: loadHashring,
  effect: loadEffect,
  'consistent-hash': loadConsistentHash,
  'node-hashring': loadNodeHashring,
  ketama: loadKetama,
  'colony partitions': loadColonyPartitions,
  'colony maglev': loadColonyMaglev,
  'colony rendezvous': loadColonyRendezvous,
}

/** The peer of this name. @throws A RangeError for a name that is not listed. */
export async function loadPeer(name: string): Promise<Peer> {
  const load = PEERS[name]
  if (load === undefined)
    throw new RangeError(`${name} is no peer; there are ${Object.keys(PEERS).join(', ')}`)
  return await load()
}
