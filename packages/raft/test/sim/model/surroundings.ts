import type { Electorate } from './quorum.ts'
import type { ModelNode } from './node.ts'

/** What the transitions need to know beside the node they are about. */
export interface Surroundings {
  readonly electionTimeoutMs: number
  /** Who decides, by the latest membership in the node's log. */
  electorate(n: ModelNode): Electorate
}
