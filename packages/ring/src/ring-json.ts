import { nameBytes, type Key } from './core/key.ts'
import type { RingNode } from './core/members.ts'
import type { RingHash } from './core/hasher.ts'
import { mismatch, requireDescription, requireFingerprint } from './described.ts'
import { xxh32 } from './hashing.ts'
import { createRing, type Ring, type RingJSON } from './ring.ts'

/**
 * The ring that `toJSON` described, in this process or another. Everything is verified: the version, the hash function, and that this
 * process places keys as the other one did. O(p log p).
 * @throws A `RingError`: `RING_MISMATCH` when they would disagree, saying where; otherwise as {@link createRing}.
 * @category Ring
 */
export function ringFromJSON<Node extends RingNode>(
  json: RingJSON<Node>,
  options: { readonly hash?: RingHash } = {},
): Ring<Node> {
  const { hash = xxh32 } = options
  requireDescription(json, 'ring', 'a ring', hash, { nodes: json?.nodes, overrides: json?.overrides })
  const { vnodes, seed } = json
  const overrides = new Map<Key, string>(json.overrides.map(namedKey))
  return requireFingerprint(createRing(json.nodes, { vnodes, seed, hash, overrides }), json.fingerprint)
}

/** One override, which in a description from elsewhere may be anything. */
function namedKey(override: unknown): readonly [Key, string] {
  const [name, id] = Array.isArray(override) ? (override as readonly unknown[]) : []
  if (typeof name === 'string' && typeof id === 'string') return [nameBytes(name), id]
  throw mismatch('an override in it is no pair of a key and the id of a node')
}
