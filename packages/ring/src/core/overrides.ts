import { keyName, type Key } from './key.ts'
import { findMember, type RingNode } from './members.ts'
import { invalidOption } from './options.ts'

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
      throw invalidOption('an override maps a key to the id of a node, a non-empty string')
    }
    named.set(keyName(key), id)
  }
  return named
}

/** In the order of their names, which depends on the set alone. */
export function byName(overrides: ReadonlyMap<string, string>): [name: string, id: string][] {
  return [...overrides].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The overrides whose owners are members, with those members; the nodes are in the order of their ids. */
export function awakeOverrides<Node extends RingNode>(
  overrides: ReadonlyMap<string, string>,
  nodes: readonly Node[],
): ReadonlyMap<string, Node> {
  const awake = new Map<string, Node>()
  for (const [name, id] of overrides) {
    const node = nodes[findMember(nodes, id)]
    if (node !== undefined) awake.set(name, node)
  }
  return awake
}
