import { nameBytes, type Key } from './core/key.ts'
import { pointsOf, sortedMembers, type RingNode } from './core/members.ts'
import type { RingHash } from './core/hasher.ts'
import { requireWhole } from './core/options.ts'
import { mismatch, requireDescription, requireFingerprint, requireSize } from './described.ts'
import { xxh32 } from './hashing.ts'
import { resolveOptions } from './ring-options.ts'
import { createRing, type Ring, type RingJSON } from './ring.ts'

/**
 * What a description is read with.
 * @category Ring
 */
export interface RingJSONOptions {
  /** The hash function that the ring was made with. Default: {@link xxh32}. */
  readonly hash?: RingHash
  /**
   * The most points that a description may ask for, all nodes together: a whole number from 1 to 2^32 - 1, default 2^20 (1,048,576): 6,553 nodes of
   * weight 1 at the default `vnodes`, which take about a second and some hundred MB to verify. A description is small whatever it asks for, so set it to what
   * your rings need when strangers send them.
   */
  readonly maxPoints?: number
}

/**
 * The ring that `toJSON` described, in this process or another. Everything is verified: the version, the hash function, that it asks for no more
 * than `maxPoints`, and that this process places keys as the other one did. O(p log p).
 * @throws A `RingError`: `RING_MISMATCH` when they would disagree or it asks for too much, saying where; otherwise as {@link createRing}.
 * @category Ring
 */
export function ringFromJSON<Node extends RingNode>(
  json: RingJSON<Node>,
  options: RingJSONOptions = {},
): Ring<Node> {
  const { hash = xxh32, maxPoints = 2 ** 20 } = options
  requireWhole('maxPoints', maxPoints, 1, 2 ** 32 - 1)
  requireDescription(json, 'ring', 'a ring', hash, ['nodes', 'overrides'])
  const overrides = new Map<Key, string>(json.overrides.map(namedKey))
  const resolved = resolveOptions({ vnodes: json.vnodes, seed: json.seed, hash })
  const nodes = sortedMembers(json.nodes)
  const points = nodes.reduce((sum, node) => sum + pointsOf(node, resolved.vnodes), 0)
  requireSize('points', points, 'maxPoints', maxPoints)
  return requireFingerprint(createRing(nodes, { ...resolved, overrides }), json.fingerprint)
}

/** One override, which in a description from elsewhere may be anything. */
function namedKey(override: unknown): readonly [Key, string] {
  const [name, id] = Array.isArray(override) ? (override as readonly unknown[]) : []
  if (typeof name === 'string' && typeof id === 'string') return [nameBytes(name), id]
  throw mismatch('an override in it is no pair of a key and the id of a node')
}
