import { RaftError } from '../errors.ts'
import type { StorageIdentity } from './storage.ts'

/** An identity whose voters are a sorted copy, fit for comparing and keeping. */
export function canonicalIdentity(identity: StorageIdentity): StorageIdentity {
  return {
    clusterId: identity.clusterId,
    group: identity.group,
    nodeId: identity.nodeId,
    voters: [...identity.voters].sort(),
  }
}

/** Refuses to go on when a storage was founded for another cluster, group or node; both are canonical. */
export function requireSameIdentity(stored: StorageIdentity, asked: StorageIdentity, where: string): void {
  const differences = [
    difference('cluster', stored.clusterId, asked.clusterId),
    difference('group', stored.group, asked.group),
    difference('node', stored.nodeId, asked.nodeId),
  ].filter((text) => text !== undefined)
  if (differences.length === 0) return
  throw new RaftError(
    'RAFT_STORAGE_FOREIGN',
    `${where} holds the data of another node: ${differences.join('; ')}. Nothing was changed. ` +
      'Give this node its own storage, or start it with the identity that the data was made under.',
  )
}

function difference(what: string, stored: unknown, asked: unknown): string | undefined {
  const [there, here] = [JSON.stringify(stored), JSON.stringify(asked)]
  return there === here ? undefined : `${what} ${there} there, ${here} here`
}
