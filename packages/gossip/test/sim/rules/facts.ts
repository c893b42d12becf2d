import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { CoreInput, CoreOutputs, CoreSend } from '../../../src/core/input.ts'
import type { Member, Verdict } from '../../../src/core/members/member.ts'

/** Everything that must hold after every step of every node. */
export type RuleName =
  | 'incarnations never go back'
  | 'nobody invents incarnations'
  | 'what was forgotten is not learned again'
  | 'the gone are remembered for their time'
  | 'the dead stay dead'
  | 'who left comes back only in a new life'
  | 'members change as they may'
  | 'complaints are answered'
  | 'a node knows itself'
  | 'who left says no more'
  | 'nobody is its own peer'
  | 'copies are what their owner wrote'
  | 'copies never go back'
  | 'deleted keys stay deleted'
  | 'queues are bounded'
  | 'packets fit'
  | 'events tell what happened'
  | 'verdicts have evidence'
  | 'suspects have their time'
  | 'probes are answered by their own answers'
  | 'messages come once, from whoever sent them'
  | 'receipts are true'
  | 'shared values are what somebody wrote'
  | 'shared values have one order'
  | 'nothing shared is deleted unasked'
  | 'own writes are read back'

/** States that all seeds together must reach, or the suite shows nothing about them. */
export const SOMETIMES = [
  'a suspicion was refuted',
  'a suspicion was confirmed by others',
  'a live member was taken for failed',
  'a failed member came back in the same life',
  'a failed member came back in a new life',
  'two parts found each other again',
  'two parts met again without a seed',
  'two parts that had forgotten each other met again',
  'a member left and was seen to',
  'a member was removed',
  'a member was forgotten',
  'a node was not well itself',
  'a node was well again',
  'a key was deleted and its copies followed',
  'a key outlived its time and was deleted',
  'a copy was replaced by that of a new life',
  'a copy lacked several changes',
  'two wrote a shared value at about the same time',
  'a node brought back what was deleted, and it stayed deleted',
  'a broadcast was delivered to all',
  'a broadcast missed somebody',
  'a question was answered',
  'a wiped node came back with an older clock',
  'a helper saved a probe',
  'a helper said that it got no answer',
  'a connection saved a probe',
] as const

export type SometimesName = (typeof SOMETIMES)[number]

/** One change of one row of the table of one node. */
export interface Change {
  readonly observer: NodeId
  readonly id: NodeId
  /** `undefined`: it was not known. */
  readonly before: Member | undefined
  /** `undefined`: it is forgotten. */
  readonly after: Member | undefined
  /** The evidence; absent where it is forgotten. */
  readonly why?: Verdict
}

/** What a core was told, and what it made of it. */
export interface Step {
  /** On the node's own clock, in milliseconds. */
  readonly now: number
  readonly input: CoreInput
  readonly outputs: CoreOutputs
}

/** What rules know of the run that they watch. */
export interface Facts {
  /** Simulated milliseconds. */
  readonly now: number
  readonly nodes: readonly NodeId[]
  /** Whether a node's process runs (it may stand still). */
  isUp(node: NodeId): boolean
  broken(rule: RuleName, message: string): void
  sometimes(name: SometimesName): void
}

/** A rule: told of what happens, in order. */
export interface Watcher {
  /** A node begins a life. */
  onBoot?(node: NodeId, life: number): void
  /** A row of a table changed, also where a later change of the same step hides it. */
  onChange?(change: Change): void
  /** A core told something. */
  onEvent?(node: NodeId, event: CoreEvent): void
  /** A core sends something. */
  onSend?(node: NodeId, send: CoreSend): void
  /** A core has taken this in. */
  onInput?(node: NodeId, core: GossipCore, step: Step): void
  /** A node has taken a step, and everything that it told was told. */
  onStep?(node: NodeId, core: GossipCore): void
  /** A client asked a node for something; `value` is what makes it unique. */
  onAsked?(node: NodeId, what: 'broadcast' | 'share' | 'remove' | 'leave', about: string): void
}
