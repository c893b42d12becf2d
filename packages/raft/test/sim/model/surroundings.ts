import type { Electorate } from './quorum.ts'
import type { ModelNode } from './node.ts'

/** What the transitions need to know beside the node they are about. */
export interface Surroundings {
  readonly electionTimeoutMs: number
  /** After how many elections that came to nothing a majority of the founders is enough. */
  readonly foundingPatience: number
  /** Whether the node would stand for election if it may: its disk may be in trouble, or it may have been told that it is no member. */
  isWilling(n: ModelNode): boolean
  /** Who decides, by the latest membership in the node's log. */
  electorate(n: ModelNode): Electorate
}
