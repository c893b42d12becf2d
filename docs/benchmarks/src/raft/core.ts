import { performance } from 'node:perf_hooks'
import { createRandom } from '@colony/host'
import { type Input, type Message, type Outputs, RaftCore } from '@colony/raft'
import { median } from '../measure/percentiles.ts'

/** Commits a second of three cores in one thread, without any I/O. */
export interface CoreRow {
  /** Commands proposed together; the next ones follow when these are committed and nothing is under way any more. */
  readonly batch: number
  readonly commitsPerSecond: number
  /** Messages between the cores a command. */
  readonly messagesPerCommit: number
}

/** One array for all commands: making payloads is the user's work, not the core's. */
const COMMAND = new Uint8Array(16)
const VOTERS = ['a', 'b', 'c']
/** Every trio starts with an empty log and ends after so many commands, since a log without snapshots only grows. */
const COMMANDS_PER_LIFE: Readonly<Record<number, number>> = { 1: 50_000, 256: 512_000 }
/** The first lives run cold code and do not count. */
const COLD_LIVES = 2

/** Measures commands one at a time and in batches of 256, for about `seconds` each. */
export function measureCore(seconds: number): CoreRow[] {
  return [1, 256].map((batch) => {
    const commands = COMMANDS_PER_LIFE[batch] ?? batch
    const rates: number[] = []
    const until = performance.now() + seconds * 1000
    let messages = 0
    for (let life = 0; life <= COLD_LIVES || performance.now() < until; life++) {
      const trio = new Trio()
      const started = performance.now()
      trio.commit(commands, batch)
      if (life >= COLD_LIVES) rates.push((commands / (performance.now() - started)) * 1000)
      messages = trio.delivered
    }
    return {
      batch,
      commitsPerSecond: Math.round(median(rates)),
      messagesPerCommit: Math.round((messages / commands) * 1000) / 1000,
    }
  })
}

/** Three cores; a message travels as an object through one queue, and a record is durable at once. */
class Trio {
  readonly #cores = new Map<string, RaftCore>()
  readonly #leader: RaftCore
  #queue: Message[] = []
  #now = 0
  #committed = 0
  /** Messages delivered since the leader was elected. */
  delivered = 0

  constructor() {
    const random = createRandom(1)
    for (const id of VOTERS) {
      const options = {
        ...{ id, voters: VOTERS, random: random.fork(id) },
        ...{ electionTimeoutMs: 1000, heartbeatIntervalMs: 100 },
        ...{ maxBatchBytes: 1_048_576, maxBatchEntries: 4_096, maxInflightBatches: 64 },
      }
      this.#cores.set(id, new RaftCore(options, { term: 0, vote: '', firstIndex: 1, entries: [] }, 0))
    }
    this.#leader = this.#elect()
    this.#committed = 0
    this.delivered = 0
  }

  /** Commits `commands` commands, `batch` at a time. */
  commit(commands: number, batch: number): void {
    const proposal = new Array<Uint8Array>(batch).fill(COMMAND)
    for (let proposed = 0; proposed < commands; proposed += batch) {
      this.#step(this.#leader, { type: 'propose', kind: 'command', data: proposal })
      this.#settle()
    }
    if (this.#committed !== commands)
      throw new Error(`core: ${this.#committed} of ${commands} were committed`)
  }

  #elect(): RaftCore {
    this.#now = 10_000
    const first = this.#cores.values().next().value
    if (first === undefined) throw new Error('core: no cores')
    this.#step(first, { type: 'tick' })
    this.#settle()
    if (first.role !== 'leader') throw new Error(`core: the campaigner became ${first.role}`)
    return first
  }

  /** Delivers until nobody has anything to say. */
  #settle(): void {
    while (this.#queue.length > 0) {
      const messages = this.#queue
      this.#queue = []
      for (const message of messages) {
        this.delivered++
        const core = this.#cores.get(message.to)
        if (core !== undefined) this.#step(core, { type: 'message', message })
      }
    }
  }

  #step(core: RaftCore, input: Input): void {
    const outputs = core.step(this.#now, input)
    this.#carryOut(core, outputs)
    if (outputs.persist !== undefined) {
      this.#step(core, { type: 'persisted', sequence: outputs.sequence })
    }
  }

  #carryOut(core: RaftCore, { send, sendAfterPersist, apply }: Outputs): void {
    for (const message of send) this.#queue.push(message)
    for (const message of sendAfterPersist) this.#queue.push(message)
    if (core === this.#leader) this.#committed += apply.length
  }
}
