import type { RingHash } from '../core/hasher.ts'
import type { RingNode } from '../core/members.ts'
import { requireWhole } from '../core/options.ts'
import { requireDescription, requireFingerprint, requireSize } from '../described.ts'
import { xxh32 } from '../hashing.ts'
import { createPartitions, type Partitions, type PartitionsJSON } from './partitions.ts'

/**
 * What a description is read with.
 * @category Strategies
 */
export interface PartitionsJSONOptions {
  /** The hash function that the partitions were made with. Default: `xxh32`. */
  readonly hash?: RingHash
  /**
   * The most draws that a description may ask for, `count` times the number of nodes: a whole number from 1 to 2^40, default 2^28: 2^20 partitions of 256
   * nodes, or 4096 of 65,536, which take seconds. Set it to what your partitions need when strangers send descriptions.
   */
  readonly maxDraws?: number
}

/**
 * The partitions that `toJSON` described, in this process or another. Everything is verified: the version, the hash function, that it asks for no more
 * than `maxDraws`, and that this process places keys as the other one did. O(count × n).
 * @throws A `RingError`: `RING_MISMATCH` when they would disagree or it asks for too much, saying where; otherwise as {@link createPartitions}.
 * @category Strategies
 */
export function partitionsFromJSON<Node extends RingNode>(
  json: PartitionsJSON<Node>,
  options: PartitionsJSONOptions = {},
): Partitions<Node> {
  const { hash = xxh32, maxDraws = 2 ** 28 } = options
  requireWhole('maxDraws', maxDraws, 1, 2 ** 40)
  requireDescription(json, 'partitions', 'partitions', hash, ['nodes'])
  const { nodes, seed, count, maxLoad } = json
  requireWhole('count', count, 1, 2 ** 20)
  requireSize('draws', count * nodes.length, 'maxDraws', maxDraws)
  const bound = maxLoad === null || maxLoad === undefined ? {} : { maxLoad }
  return requireFingerprint(createPartitions(nodes, { seed, hash, count, ...bound }), json.fingerprint)
}
