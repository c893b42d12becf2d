import type { Address, Codec, Host, NodeId } from '@colony/host'
import type { RaftStorage } from '../storage/storage.ts'
import type { RememberLimits } from './command-entry.ts'
import type { SharedNode } from './groups/shared-node.ts'
import type { AnyMachine, CommandOf, ResultOf } from './machine.ts'
import type { SessionOptions } from './session-options.ts'
import type { SnapshotOptions } from './snapshots/snapshot-options.ts'

/**
 * How to take part in a raft group. Durations in milliseconds. Everything is checked at once.
 * @category Node
 */
export interface RaftOptions<Machine extends AnyMachine> {
  /** This node's id: one of `members` unless it joins; never given to another machine's data. 1 to 255 bytes of UTF-8. */
  readonly id: NodeId
  /**
   * The voters that the group is founded with, the same at every one of them: ids with their addresses, or ids alone where the transport finds
   * them by itself. Once a storage was used it knows better: whom it was founded with, and every change since (`raft.members`), counts whatever
   * stands here. Addresses given here count at this start, until the group is told others. With `join`, members to be reached at first, or nobody.
   */
  readonly members: Readonly<Record<NodeId, Address>> | readonly NodeId[]
  /** The world to run on: `nodeHost({ … })` of `@colony/host/node`, or a simulated one. Left when the node closes. */
  readonly host: Host
  /** Where term, vote and log are kept: `await fileStorage(directory)` of `@colony/raft/node`, or `memoryStorage()`. Closed with the node. */
  readonly storage: RaftStorage
  /** The replicated state. */
  readonly machine: Machine
  /**
   * Starts a node on a fresh storage that is a member of nothing and waits to be added to a group by one of its members (`raft.members.add`). Without effect on a
   * storage that was used before. Default false.
   */
  readonly join?: boolean
  /**
   * What a leader does when a voter comes back without its data. `rejoin`: takes its vote away, brings it back as a learner and, once it has caught up, as a voter. `refuse`: leaves it where it is, as good as dead, until somebody
   * calls `raft.members.remove` and then `add`. In either case its voice counts for nothing before (`raft.wiped-node`). Give all members the same. Default `rejoin`.
   */
  readonly wipedNodes?: 'rejoin' | 'refuse'
  /**
   * How long a new group waits for all of its founders (`members`), in elections that came to nothing, each one to two election timeouts long. The first leader writes down which data each of them has, by which one
   * that is wiped is recognised ever after. When the waiting is over a majority is enough, and the others are written down when they show themselves (`raft.founder-missing`); until then, should one of that majority be wiped while the
   * rest of it is away, it and a founder that was never there could found the group anew. `Infinity` waits for all of them for ever. 0 or more, default 4: about two seconds.
   */
  readonly foundingPatience?: number
  /** Tells several groups on one host apart. 1 to 200 bytes of UTF-8. Default `default`. */
  readonly group?: string
  /** Bytes of commands. Default: strict JSON. */
  readonly codec?: Codec<CommandOf<Machine>>
  /** Bytes of results, for nodes other than the leader and for repeated idempotency keys. Default: strict JSON. */
  readonly resultCodec?: Codec<ResultOf<Machine>>
  /**
   * How long a follower waits for a sign of its leader before it asks for an election; each wait is this to twice this. Also how long a
   * leader goes on without hearing a quorum, so it must be longer than a round trip: where it is not, no leader stays. 50 to 60,000, default
   * 400: long against a network round trip and a pause of the event loop, short against the patience of users.
   */
  readonly electionTimeoutMs?: number
  /** How often a leader shows that it is there. 5 ms to a third of the election timeout, default 50. */
  readonly heartbeatIntervalMs?: number
  /**
   * Allows reads with `consistency: 'lease'`, which trust clocks. By how much the rates of any two members' monotonic clocks may differ, as a share of the
   * faster one: above 0, at most 0.5; 0.01 is a hundred times what quartz does. A machine that is suspended, or moved while its clock stands still, breaks any bound.
   * Give all members the same bound and the same `electionTimeoutMs`; a member with a shorter one grants no leases, and reads are then confirmed by a round.
   * Lower `electionTimeoutMs` only after `maxClockDrift` was taken away everywhere, and give the bound only when all members run a version that knows it.
   * Default: none, and `lease` reads are refused as `RAFT_NO_LEASES`.
   */
  readonly maxClockDrift?: number
  /**
   * How much this node would like to lead. A leader hands over to a member of higher priority that has kept up for a while; elections do not look at it,
   * so it keeps nobody from leading. Integer, 0 to 255, default 0.
   */
  readonly priority?: number
  /**
   * How long a write to the storage may take before the node is held to have a hung disk: it tells the observer (`raft.disk-stall`), hands over if it leads, and stands
   * for no election until a write has finished. 10 to 2^31 - 1, default four election timeouts.
   */
  readonly diskStallMs?: number
  /** When snapshots are made, and how they are sent. Only a machine that has `snapshot` and `restore` has any. */
  readonly snapshots?: SnapshotOptions
  /** How long sessions and idempotency keys last. */
  readonly sessions?: SessionOptions
  /** How long `propose` and `read` wait unless told otherwise. 1 to 2^31 - 1, default 10,000. */
  readonly proposalTimeoutMs?: number
  /**
   * Largest command, encoded. 1 to 64 MiB, and below the transport's `maxFrameBytes` and the storage's `maxRecordBytes`; default 1 MiB or what they
   * allow. Give all members the same, and storages that take it: what one accepts, the others have to store.
   */
  readonly maxCommandBytes?: number
  /**
   * Most proposals that may be unsettled on this node, and most linearizable reads; more are refused as `RAFT_OVERLOADED`. 1 to 1,000,000,
   * default 16,384.
   */
  readonly maxPendingProposals?: number
  /**
   * Most bytes of such proposals; and on a follower, most bytes of entries that may wait for its disk before it drops more of them, which their leader then sends
   * again. `maxCommandBytes` to 4 GiB, default 64 MiB.
   */
  readonly maxPendingBytes?: number
  /**
   * Most bytes of entries that are under way to one follower, or wait there for its disk; more are sent when it has acknowledged some. A command that is larger goes
   * alone. 4 KiB to 1 GiB, default 16 MiB: enough for 160 MB/s over a round trip of 100 ms.
   */
  readonly maxInflightBytes?: number
}

/** Options with every default filled in. */
export interface ResolvedOptions<Machine extends AnyMachine> extends Required<
  Omit<RaftOptions<Machine>, 'maxClockDrift' | 'sessions'>
> {
  readonly maxClockDrift?: number
  readonly sessions?: SessionOptions
  /** What `sessions` comes to. */
  readonly rememberLimits: RememberLimits
  readonly snapshots: Required<SnapshotOptions>
  /** Whom a fresh storage is founded with; nobody, if it joins. */
  readonly voters: readonly NodeId[]
  /** Everybody in `members`, and where they are, as far as it says. */
  readonly memberIds: readonly NodeId[]
  readonly memberAddresses: ReadonlyMap<NodeId, Address>
  /** Most bytes of entries in one message, and in what one step appends; a single larger entry still goes alone. */
  readonly maxBatchBytes: number
  /** The node that this member shares with others of other groups. */
  readonly shared?: SharedNode
}
