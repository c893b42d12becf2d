/**
 * Names a node for as long as its cluster lives: opaque, chosen by the user, never reused for another machine's data.
 * 1 to 255 bytes of UTF-8. An id says who, an {@link Address} says where.
 * @category Identity
 */
export type NodeId = string

/**
 * Where a node can be reached just now, as its transport spells it: `tcp://10.0.0.1:7001`. May change at any time.
 * @category Identity
 */
export type Address = string

/**
 * Names one conversation on a transport that many share: `raft:orders`, `gossip`, one of yours. 1 to 255 bytes of UTF-8.
 * @category Identity
 */
export type Channel = string

/** Longest id, channel or cluster id, in bytes of UTF-8: its length travels in one byte. */
export const MAX_NAME_BYTES = 255
