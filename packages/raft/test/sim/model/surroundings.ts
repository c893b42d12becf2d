import type { Electorate } from './quorum.ts'
import type { ModelNode } from './node.ts'

/** What the transitions need to know beside the node they are about. */
export interface Surroundings {
  readonly electionTimeoutMs: number
  /** After how many elections that came to nothing a majority of the founders is enough. */
  readonly foundingPatience: number
  /** Who decides, by the latest membership in the node's log. */
  electorate(n: ModelNode): Electorate
}
