import type { NodeId } from '@colony/host'

/**
 * What seals the packets of one node and opens those of others, bound to the cluster and the node: made by the `bind` of a {@link Keyring}.
 * @category Security
 */
export interface FrameSealer {
  /** By how many bytes a sealed frame is longer than what is in it. */
  readonly overheadBytes: number
  /** Seals a packet for one receiver, or, where that is not known (a seed), for whoever has a key. */
  seal(packet: Uint8Array, to?: NodeId): Uint8Array
  /** What is in a frame; `undefined` for one that no key opens, or that came before. Never throws. */
  open(frame: Uint8Array, from: NodeId): Uint8Array | undefined
}

/**
 * The keys of a cluster. `createKeyring` of `@colony/gossip/node` makes one (AES-256-GCM, rotation while running, a window against replay); a keyring of
 * your own needs this method.
 * @category Security
 */
export interface Keyring {
  /** For one node of one cluster, in one of its lives. */
  bind(cluster: string, self: NodeId, epoch?: number): FrameSealer
}
