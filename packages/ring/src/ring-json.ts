import { nameBytes, type Key } from './core/key.ts'
import type { RingNode } from './core/members.ts'
import { RingError } from './core/ring-error.ts'
import type { RingHash } from './core/hasher.ts'
import { xxh32 } from './hashing.ts'
import { createRing, type Ring, type RingJSON } from './ring.ts'

/**
 * The ring that `toJSON` described, in this process or another. Everything is verified: the version, the hash function, and that this
 * process places keys as the other one did. O(p log p).
 * @throws A {@link RingError}: `RING_MISMATCH` when they would disagree, saying where; otherwise as {@link createRing}.
 * @category Ring
 */
export function ringFromJSON<Node extends RingNode>(
  json: RingJSON<Node>,
  options: { readonly hash?: RingHash } = {},
): Ring<Node> {
  const { hash = xxh32 } = options
  const { v, strategy } = (json ?? {}) as Partial<RingJSON>
  if (v !== 1 || strategy !== 'ring') {
    throw mismatch(
      `this is no description of a ring that this version knows (v ${String(v)}, strategy ${String(strategy)})`,
    )
  }
  if (json.hash !== hash.name) {
    throw mismatch(
      `it was made with the hash function '${json.hash}', this process has '${hash.name}'; pass the same one as options.hash`,
    )
  }
  if (![json.nodes, json.overrides].every((list: unknown) => Array.isArray(list))) {
    throw mismatch('it has no list of nodes or of overrides')
  }
  const { vnodes, seed } = json
  const overrides = new Map<Key, string>(json.overrides.map(([name, id]) => [nameBytes(name), id]))
  const ring = createRing(json.nodes, { vnodes, seed, hash, overrides })
  if (ring.fingerprint === json.fingerprint) return ring
  throw mismatch(
    `what it describes has the fingerprint ${ring.fingerprint} here and ${String(json.fingerprint)} where it was made; it was altered, or the hash functions differ`,
  )
}

function mismatch(message: string): RingError {
  return new RingError('RING_MISMATCH', message)
}
