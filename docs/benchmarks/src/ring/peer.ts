/** Points of every node on every ring that has points. */
export const POINTS = 160

/** How many replicas are asked for. */
export const REPLICAS = 3

/** Some nodes placed on something that places keys. Peers that change in place return themselves from `add` and `remove`. */
export interface Placer {
  /** The call that a user makes, with the peer's own answer: this is what is timed. */
  owner(key: string): unknown
  /** Which node such an answer means; `undefined` for none. */
  idOf(answer: unknown): string | undefined
  /** The first {@link REPLICAS} nodes; absent where the peer can't. */
  readonly replicas?: (key: string) => unknown
  add(id: string): Placer
  remove(id: string): Placer
}

/** Makes placers of one kind. */
export interface Peer {
  /** The peer with these nodes, by its public interface and with its defaults but for the number of points. */
  build(ids: readonly string[]): Placer
}

/** An answer that is the node's id itself. */
export function isId(answer: unknown): string | undefined {
  return typeof answer === 'string' ? answer : undefined
}
