import type { Electorate } from './quorum.ts'
import type { NodeId } from '@colony/host'
import type { ModelNode } from './node.ts'

/** What the transitions need to know beside the node they are about. */
export interface Surroundings {
  readonly electionTimeoutMs: number
  /** Who decides, by the latest membership in the node's log (section 6: "a server always uses the latest configuration in its log"). */
  electorate(n: ModelNode): Electorate
  /** Whether a node stands for election at all: not while its disk hangs. */
  mayCampaign(id: NodeId): boolean
}
