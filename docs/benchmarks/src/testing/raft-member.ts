import type { NodeId } from '@colony/host'
import {
  type Entry,
  type Input,
  mergeRecords,
  type Outputs,
  type PersistRecord,
  RaftCore,
} from '@colony/raft'
import type { CorePort, SteppedCore } from '@colony/testing'

/** What a node's disk holds, across its lives. */
export interface MemberDisk {
  term: number
  vote: string
  readonly entries: Entry[]
}

const TICK: Input = { type: 'tick' }
const WRITE_MS = 0.2
const LIMITS = { maxBatchBytes: 65_536, maxBatchEntries: 100, maxInflightBatches: 16 }
const TIMES = { electionTimeoutMs: 150, heartbeatIntervalMs: 30 }

/** Carries out what a raft core asks for, as a driver would: one write at a time, messages that promise something after it. */
export class RaftMember implements SteppedCore<Input> {
  readonly raft: RaftCore
  readonly #port: CorePort<Input>
  readonly #disk: MemberDisk
  readonly #applied: (index: number, entry: Entry) => void
  #waiting: Outputs[] = []
  #writing: Outputs[] = []
  #wakeAt = -1

  constructor(
    port: CorePort<Input>,
    voters: readonly NodeId[],
    disk: MemberDisk,
    applied: (index: number, entry: Entry) => void,
  ) {
    this.#port = port
    this.#disk = disk
    this.#applied = applied
    const options = { id: port.id, voters, random: port.random, ...TIMES, ...LIMITS }
    const { term, vote, entries } = disk
    this.raft = new RaftCore(options, { term, vote, firstIndex: 1, entries: [...entries] }, port.now())
    port.wakeAt(port.now() + 1, TICK)
  }

  step(now: number, input: Input): void {
    if (input.type === 'persisted') this.#written()
    this.#carryOut(this.raft.step(now, input))
  }

  #carryOut(outputs: Outputs): void {
    const { send, persist, sendAfterPersist, apply, applyFrom, wakeAt } = outputs
    for (const message of send) this.#port.send(message.to, { type: 'message', message })
    if (persist !== undefined || sendAfterPersist.length > 0) {
      this.#waiting.push(outputs)
      if (this.#writing.length === 0) this.#write()
    }
    for (let at = 0; at < apply.length; at++) this.#applied(applyFrom + at, apply[at] as Entry)
    if (wakeAt === this.#wakeAt) return
    this.#wakeAt = wakeAt
    this.#port.wakeAt(wakeAt, TICK)
  }

  #write(): void {
    this.#writing = this.#waiting
    this.#waiting = []
    const sequence = this.#writing.at(-1)?.sequence ?? 0
    this.#port.later(WRITE_MS, { type: 'persisted', sequence })
  }

  #written(): void {
    const done = this.#writing
    const records: PersistRecord[] = []
    for (const { persist } of done) if (persist !== undefined) records.push(persist)
    if (records.length > 0) this.#keep(mergeRecords(records as [PersistRecord, ...PersistRecord[]]))
    for (const { sendAfterPersist } of done) {
      for (const message of sendAfterPersist) this.#port.send(message.to, { type: 'message', message })
    }
    this.#writing = []
    if (this.#waiting.length > 0) this.#write()
  }

  #keep({ term, vote, firstIndex, entries }: PersistRecord): void {
    this.#disk.term = term
    this.#disk.vote = vote
    if (firstIndex === 0) return
    // Only where there is something to cut: setting a length is slow, even to what it is.
    if (this.#disk.entries.length >= firstIndex) this.#disk.entries.length = firstIndex - 1
    for (const entry of entries) this.#disk.entries.push(entry)
  }
}
