import type { RaftCore } from '../../src/core/raft-core.ts'
import { quorumSize } from '../../src/core/configuration.ts'
import type { Entry, Message, PersistRecord, StoredState } from '../../src/index.ts'
import type { KvCommand } from './kv-machine.ts'
import type { DurableLog } from './observed-storage.ts'

/** States that a suite must reach, or it shows nothing about them. */
export const SOMETIMES = [
  'leader elected with an uncommitted tail',
  'committed before the own disk was done',
  'a write in flight survived the crash',
  'a follower replaced entries',
  'a leader stepped down without a quorum',
  'a write was tried again under its key',
  'an outcome stayed unknown',
  'a write was rejected',
] as const

/** One of them. */
export type SometimesName = (typeof SOMETIMES)[number]

/** What is remembered of one life of a node, to see that nothing goes back. */
interface Seen {
  readonly core: RaftCore
  term: number
  commit: number
  role: string
}

/**
 * Raft's promises (figure 3 of the paper, and durability), looked at after every event. Each check names the promise that it found broken.
 */
export class Invariants {
  readonly #nodes: number
  readonly #durable: ReadonlyMap<string, DurableLog>
  readonly #seen = new Map<string, Seen>()
  readonly #leaders = new Map<number, string>()
  /** Every committed entry, as first seen committed anywhere. */
  readonly #committed: Entry[] = []
  /** In which term each of them was. */
  readonly #committedIn: number[] = []
  /** Every applied command, as first seen applied anywhere. */
  readonly #applied = new Map<number, string>()
  readonly #lastApplied = new Map<string, number>()
  /** Whom each node voted for in each term. */
  readonly #votes = new Map<string, string>()
  /** How often interesting states were reached. */
  readonly sometimes = new Map<SometimesName, number>()

  constructor(nodes: number, durable: ReadonlyMap<string, DurableLog>) {
    this.#nodes = nodes
    this.#durable = durable
  }

  /** How many entries were committed. */
  get committed(): number {
    return this.#committed.length
  }

  /** How many elections were won. */
  get elections(): number {
    return this.#leaders.size
  }

  /** Looks at a node after an event. */
  check(id: string, core: RaftCore): void {
    let seen = this.#seen.get(id)
    if (seen?.core !== core) {
      seen = { core, term: 0, commit: 0, role: 'follower' }
      this.#seen.set(id, seen)
    }
    const { term, role, commitIndex } = core
    if (role !== 'leader' && seen.role === 'leader' && term === seen.term)
      this.#note('a leader stepped down without a quorum')
    if (term < seen.term) throw new Error(`term of ${id} went back from ${seen.term} to ${term}`)
    if (commitIndex < seen.commit)
      throw new Error(`commit of ${id} went back from ${seen.commit} to ${commitIndex}`)
    if (role === 'leader' && (seen.role !== 'leader' || term !== seen.term)) this.#onLeader(id, core)
    if (commitIndex > seen.commit) this.#onCommit(id, core, seen.commit + 1)
    if (core.drops.impossible > 0) throw new Error(`${id} got a message that can't be`)
    seen.term = term
    seen.role = role
    seen.commit = commitIndex
  }

  /** Election safety, leader completeness, log matching. */
  #onLeader(id: string, core: RaftCore): void {
    const other = this.#leaders.get(core.term)
    if (other !== undefined && other !== id)
      throw new Error(`election safety: ${other} and ${id} lead term ${core.term}`)
    this.#leaders.set(core.term, id)
    for (const [at, entry] of this.#committed.entries()) {
      // Of later terms only: a candidate that was paused may win its old term when others have long gone on.
      const committedBefore = (this.#committedIn[at] ?? 0) < core.term
      if (committedBefore && core.entryAt(at + 1)?.term !== entry.term) {
        throw new Error(
          `leader completeness: ${id} leads term ${core.term} without committed entry ${at + 1}`,
        )
      }
    }
    if (core.lastIndex - 1 > this.#committed.length) this.#note('leader elected with an uncommitted tail')
    this.#checkLogMatching()
  }

  /** State-machine safety, and durability: a committed entry is on the disks of a quorum. */
  #onCommit(id: string, core: RaftCore, from: number): void {
    for (let index = from; index <= core.commitIndex; index++) {
      const entry = core.entryAt(index)
      if (entry === undefined) throw new Error(`${id} committed ${index}, which it does not have`)
      const known = this.#committed[index - 1]
      if (known === undefined) {
        this.#committed[index - 1] = entry
        this.#committedIn[index - 1] = core.term
        this.#checkDurable(id, index, entry)
      } else if (known.term !== entry.term || !sameBytes(known.data, entry.data)) {
        throw new Error(`state-machine safety: ${id} committed another entry at ${index}`)
      }
    }
  }

  #checkDurable(id: string, index: number, entry: Entry): void {
    let copies = 0
    for (const { entries } of this.#durable.values()) if (entries[index - 1]?.term === entry.term) copies++
    if (copies < quorumSize(this.#nodes)) {
      throw new Error(
        `durability: ${id} committed ${index} of term ${entry.term}, which is on ${copies} disks`,
      )
    }
    if (this.#durable.get(id)?.entries[index - 1]?.term !== entry.term)
      this.#note('committed before the own disk was done')
  }

  #checkLogMatching(): void {
    const cores = [...this.#seen.entries()]
    for (const [at, [a, { core: first }]] of cores.entries()) {
      for (const [b, { core: second }] of cores.slice(at + 1)) {
        let index = Math.min(first.lastIndex, second.lastIndex)
        while (index > 0 && first.entryAt(index)?.term !== second.entryAt(index)?.term) index--
        for (; index > 0; index--) {
          const x = first.entryAt(index)
          const y = second.entryAt(index)
          if (x !== y && (x?.term !== y?.term || !sameBytes(x?.data, y?.data))) {
            throw new Error(`log matching: ${a} and ${b} differ at ${index} before an entry that they share`)
          }
        }
      }
    }
  }

  /** A machine applied a command. */
  onApply(id: string, life: number, index: number, command: KvCommand): void {
    const text = JSON.stringify(command)
    const known = this.#applied.get(index)
    if (known === undefined) this.#applied.set(index, text)
    else if (known !== text)
      throw new Error(`state-machine safety: ${id} applied ${text} at ${index}, not ${known}`)
    const last = this.#lastApplied.get(`${id}/${life}`) ?? 0
    if (index <= last) throw new Error(`${id} applied ${index} after ${last}`)
    this.#lastApplied.set(`${id}/${life}`, index)
  }

  /** Whatever a message promises is on the sender's disk by then, and a vote is given once a term, across all lives (figure 2). */
  onSend(id: string, message: Message): void {
    const durable = this.#durable.get(id)
    if (durable === undefined) return
    const { term } = message
    if (message.type === 'append-response' && message.success && message.index > durable.entries.length) {
      throw new Error(`${id} acknowledges ${message.index} and has ${durable.entries.length} entries on disk`)
    }
    if (message.type === 'vote-request' && !isKept(durable, term, id)) {
      throw new Error(`${id} asks for votes in term ${term} and has term ${durable.term} on disk`)
    }
    if (message.type !== 'vote-response' || !message.granted) return
    if (!isKept(durable, term, message.to)) {
      throw new Error(
        `${id} votes for ${message.to} in term ${term}; on its disk is ${durable.vote} in ${durable.term}`,
      )
    }
    const earlier = this.#votes.get(`${id}/${term}`) ?? message.to
    if (earlier !== message.to)
      throw new Error(`${id} votes for ${earlier} and for ${message.to} in term ${term}`)
    this.#votes.set(`${id}/${term}`, message.to)
  }

  /** A node writes to its disk. */
  onPersist(id: string, { firstIndex }: PersistRecord): void {
    const durable = this.#durable.get(id)
    if (firstIndex > 0 && firstIndex <= (durable?.entries.length ?? 0))
      this.#note('a follower replaced entries')
  }

  /** A node read back its disk: what its storage had called durable must be there. */
  onRecovery(id: string, recovered: StoredState): void {
    const durable = this.#durable.get(id)
    if (durable === undefined) return
    if (recovered.term < durable.term) throw new Error(`durability: ${id} forgot term ${durable.term}`)
    if (recovered.term === durable.term && durable.vote !== '' && recovered.vote !== durable.vote) {
      throw new Error(`durability: ${id} forgot its vote for ${durable.vote}`)
    }
    if (recovered.entries.length > durable.entries.length) this.#note('a write in flight survived the crash')
  }

  /** Notes that something interesting happened. */
  note(name: SometimesName): void {
    this.#note(name)
  }

  #note(name: SometimesName): void {
    this.sometimes.set(name, (this.sometimes.get(name) ?? 0) + 1)
  }
}

/** Whether a vote in `term` would survive a crash: as itself, or because a later term forbids any other. */
function isKept(durable: DurableLog, term: number, candidate: string): boolean {
  return durable.term > term || (durable.term === term && durable.vote === candidate)
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  return a.every((byte, at) => byte === b[at])
}
