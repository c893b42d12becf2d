import type { RingHash } from '../core/hasher.ts'
import type { RingNode } from '../core/members.ts'
import { RingError } from '../core/ring-error.ts'
import { xxh32 } from '../hashing.ts'
import { createPartitions, type Partitions, type PartitionsJSON } from './partitions.ts'

/**
 * The partitions that `toJSON` described, in this process or another. Everything is verified: the version, the hash function, and that this
 * process places keys as the other one did. O(count × n).
 * @throws A {@link RingError}: `RING_MISMATCH` when they would disagree, saying where; otherwise as {@link createPartitions}.
 * @category Strategies
 */
export function partitionsFromJSON<Node extends RingNode>(
  json: PartitionsJSON<Node>,
  options: { readonly hash?: RingHash } = {},
): Partitions<Node> {
  const { hash = xxh32 } = options
  const { v, strategy } = (json ?? {}) as Partial<PartitionsJSON>
  if (v !== 1 || strategy !== 'partitions') {
    throw mismatch(
      `this is no description of partitions that this version knows (v ${String(v)}, strategy ${String(strategy)})`,
    )
  }
  if (json.hash !== hash.name) {
    throw mismatch(
      `they were made with the hash function '${json.hash}', this process has '${hash.name}'; pass the same one as options.hash`,
    )
  }
  if (!Array.isArray(json.nodes)) throw mismatch('it has no list of nodes')
  const { seed, count, maxLoad } = json
  const bound = maxLoad === null || maxLoad === undefined ? {} : { maxLoad }
  const partitions = createPartitions(json.nodes as readonly Node[], { seed, hash, count, ...bound })
  if (partitions.fingerprint === json.fingerprint) return partitions
  throw mismatch(
    `what it describes has the fingerprint ${partitions.fingerprint} here and ${String(json.fingerprint)} where it was made; it was altered, or the hash functions differ`,
  )
}

function mismatch(message: string): RingError {
  return new RingError('RING_MISMATCH', message)
}
