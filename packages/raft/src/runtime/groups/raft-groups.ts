import type { NodeId } from '@colony/host'
import type { AnyMachine } from '../machine.ts'
import type { Raft } from '../raft.ts'
import type { GroupOptions } from './raft-groups-options.ts'

/**
 * What a node has counted since it started, over all of its groups. But for `groups` and `quietGroups`, everything only grows.
 * @category Node
 */
export interface RaftGroupsMetrics {
  /** Groups that this node has open. */
  readonly groups: number
  /** Those of them that are quiet just now. */
  readonly quietGroups: number
  /** Frames sent to other nodes; signs of life, which carry no message, included. */
  readonly framesSent: number
  /** Messages of groups in them. */
  readonly messagesSent: number
  /** Frames received. */
  readonly framesReceived: number
  /** Messages of groups in them. */
  readonly messagesReceived: number
  /** What was dropped of that. */
  readonly dropped: {
    /** Frames that could not be decoded. */
    readonly malformed: number
    /** Messages of groups that this node does not have open. */
    readonly unknownGroup: number
  }
}

/**
 * One node's part in many groups: {@link createRaftGroups}.
 * @category Node
 */
export interface RaftGroups extends AsyncDisposable {
  /** This node. */
  readonly id: NodeId
  /** Names of the groups that are open, sorted. */
  readonly names: readonly string[]

  /**
   * Starts this node's member of a group. What it returns is used, and closed, like what `createRaft` returns.
   * @throws A {@link RaftError} as `createRaft` does; `RAFT_STORAGE_LOCKED` when the group is open already, `RAFT_CLOSED` after `close`.
   */
  create<Machine extends AnyMachine>(options: GroupOptions<Machine>): Promise<Raft<Machine>>

  /** What was counted so far. */
  metrics(): RaftGroupsMetrics

  /**
   * Closes every group, then the storage, and leaves the host. With `handOver`, groups that this node leads are handed over first, as `Raft.close` does. Idempotent.
   */
  close(options?: { readonly handOver?: boolean }): Promise<void>
}
