import { keyName, type Key } from './key.ts'
import type { RingNode } from './members.ts'
import { RingError } from './ring-error.ts'

/**
 * Keys placed by name, with the id of the node that owns each: for the few keys that are too hot, too large or too special for chance.
 * @category Ring
 */
export type Overrides = ReadonlyMap<Key, string> | Readonly<Record<string, string>>

/** Overrides by the names of their keys, checked. An owner that is no member yet is fine: the override sleeps until it is one. */
export function namedOverrides(overrides: Overrides): ReadonlyMap<string, string> {
  const entries: Iterable<readonly [Key, string]> =
    overrides instanceof Map ? (overrides as ReadonlyMap<Key, string>) : Object.entries(overrides)
  const named = new Map<string, string>()
  for (const [key, id] of entries) {
    if (typeof id !== 'string' || id === '') {
      throw new RingError(
        'RING_INVALID_OPTION',
        'an override maps a key to the id of a node, a non-empty string',
      )
    }
    named.set(keyName(key), id)
  }
  return named
}

/** The overrides whose owners are members, with those members. */
export function awakeOverrides<Node extends RingNode>(
  overrides: ReadonlyMap<string, string>,
  nodes: readonly Node[],
): ReadonlyMap<string, Node> {
  if (overrides.size === 0) return new Map()
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const awake = new Map<string, Node>()
  for (const [name, id] of overrides) {
    const node = byId.get(id)
    if (node !== undefined) awake.set(name, node)
  }
  return awake
}
