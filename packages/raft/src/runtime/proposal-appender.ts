import type { LogIndex, Term } from '../core/entry.ts'
import type { Input, Outputs } from '../core/step.ts'
import type { AwaitedEntries, EntryWaiter } from './awaited-entries.ts'
import { endOfChunk } from './chunks.ts'
import type { LocalProposals, ProposalLimits } from './local-proposals.ts'
import type { LogTime } from './log-time.ts'
import type { RemoteProposals } from './remote-proposals.ts'

/** What the appender needs of its driver. */
export interface AppenderDriver {
  readonly term: Term
  readonly now: number
  readonly logTime: Pick<LogTime, 'entryBefore'>
  /** What the log holds beyond what is committed. */
  readonly uncommitted: { readonly entries: number; readonly bytes: number }
  step(input: Input): Outputs
}

/** How much may wait, and how much goes into one step. */
export interface AppenderLimits extends ProposalLimits {
  readonly maxBatchBytes: number
}

/** A proposal, whoever made it. */
type Proposal<Result> = EntryWaiter<Result> & { readonly data: Uint8Array }

/** Appends what was proposed to the log of this node while it leads, and notes who awaits which entry. */
export class ProposalAppender<Result> {
  readonly #driver: AppenderDriver
  readonly #local: LocalProposals<Result>
  readonly #remote: RemoteProposals<Result>
  readonly #awaited: AwaitedEntries<Result>
  readonly #limits: AppenderLimits

  constructor(
    driver: AppenderDriver,
    local: LocalProposals<Result>,
    remote: RemoteProposals<Result>,
    awaited: AwaitedEntries<Result>,
    limits: AppenderLimits,
  ) {
    this.#driver = driver
    this.#local = local
    this.#remote = remote
    this.#awaited = awaited
    this.#limits = limits
  }

  /** Whether this node can take a proposal of so many bytes from another one. */
  hasRoom(bytes: number): boolean {
    const { maxPendingProposals, maxPendingBytes } = this.#limits
    const { entries, bytes: appended } = this.#driver.uncommitted
    const count = Math.max(entries, this.#remote.size + this.#local.size)
    const pending = Math.max(appended, this.#remote.bytes + this.#local.bytes)
    return pending === 0 || (count < maxPendingProposals && pending + bytes <= maxPendingBytes)
  }

  /** On the leader: appends everything that waits. */
  append(): void {
    const local = this.#local.takeWaiting()
    // Before the steps, which send: should anything throw in one, nobody may be told that nothing was appended.
    for (const proposal of local) {
      proposal.place = 'appended'
      proposal.term = this.#driver.term
    }
    const remote = this.#remote.takeWaiting()
    const proposals = remote.length === 0 ? local : [...local, ...remote]
    for (let from = 0; from < proposals.length;) {
      const end = endOfChunk(proposals, from, this.#limits.maxBatchBytes)
      this.#appendChunk(end - from === proposals.length ? proposals : proposals.slice(from, end))
      from = end
    }
  }

  /** One step for a bounded number of bytes: what one step appends is one record of the storage. */
  #appendChunk(proposals: readonly Proposal<Result>[]): void {
    const { term } = this.#driver
    const data = proposals.map((proposal) => proposal.data)
    const clock = this.#driver.logTime.entryBefore(proposals, this.#driver.now)
    if (clock !== undefined) data.unshift(clock)
    let index: LogIndex = this.#driver.step({ type: 'propose', kind: 'command', data }).appendedAt
    if (clock !== undefined) index++
    for (const proposal of proposals) this.#awaited.add(index++, term, proposal)
  }
}
