import type { RingHash } from '../core/hasher.ts'
import type { RingNode } from '../core/members.ts'
import { requireDescription, requireFingerprint } from '../described.ts'
import { xxh32 } from '../hashing.ts'
import { createPartitions, type Partitions, type PartitionsJSON } from './partitions.ts'

/**
 * The partitions that `toJSON` described, in this process or another. Everything is verified: the version, the hash function, and that this
 * process places keys as the other one did. O(count × n).
 * @throws A `RingError`: `RING_MISMATCH` when they would disagree, saying where; otherwise as {@link createPartitions}.
 * @category Strategies
 */
export function partitionsFromJSON<Node extends RingNode>(
  json: PartitionsJSON<Node>,
  options: { readonly hash?: RingHash } = {},
): Partitions<Node> {
  const { hash = xxh32 } = options
  requireDescription(json, 'partitions', 'partitions', hash, { nodes: json?.nodes })
  const { nodes, seed, count, maxLoad } = json
  const bound = maxLoad === null || maxLoad === undefined ? {} : { maxLoad }
  return requireFingerprint(createPartitions(nodes, { seed, hash, count, ...bound }), json.fingerprint)
}
