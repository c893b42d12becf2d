/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId } from '@colony/host'

/**
 * What happens to another node. `closed`: a connection was closed from its side. `silent`: nothing was heard of it for an election timeout, or its process is another one.
 * `doubtful`: it says that groups that follow it quietly should ask whether it still leads them.
 */
export interface NodeEvent {
  readonly type: 'closed' | 'silent' | 'doubtful'
  readonly peer: NodeId
}

/** What a member of one of many groups in a process has of the node that they share. */
export interface SharedNode {
  /** How long a group must have been idle before it is quiet, in milliseconds; infinite for never. */
  readonly quietAfterMs: number
  /** Tells of other nodes. */
  watch(tell: (event: NodeEvent) => void): Disposable
  /** A group that this node led may have followers that are quiet, and are not led any more. */
  followersLeft(): void
}
