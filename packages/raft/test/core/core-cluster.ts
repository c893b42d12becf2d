import { createRandom } from '@colony/host'
import { RaftCore } from '../../src/core/raft-core.ts'
import type { Entry, StoredState } from '../../src/core/entry.ts'
import type { Message } from '../../src/core/message.ts'
import { mergeRecords, type Input, type Outputs } from '../../src/core/step.ts'

interface Pending {
  readonly outputs: Outputs
}

/** One core with a disk that a test writes by hand. */
interface Member {
  core: RaftCore
  /** What would survive a crash. */
  disk: { term: number; vote: string; entries: Entry[]; incarnation: number }
  /** Steps whose record, or whose held messages, wait for the disk. */
  pending: Pending[]
  sequence: number
  applied: Entry[]
  reads: { id: number; index: number }[]
  wakeAt: number
}

/** How the cores of a cluster behave, where a test wants it otherwise. */
export interface CoreClusterOptions {
  readonly maxInflightBatches?: number
  readonly maxInflightBytes?: number
  readonly maxBatchEntries?: number
  readonly maxClockDrift?: number
  readonly quietAfterMs?: number
  /** Storages know which data they hold: 1, 2, 3 and so on, in the order of the nodes. */
  readonly incarnations?: boolean
  readonly wipedNodes?: 'rejoin' | 'refuse'
  readonly foundingPatience?: number
  /** Those that are members of nothing at first. */
  readonly joining?: string
  /** By node; 0 for those that are not named. */
  readonly priorities?: Readonly<Record<string, number>>
}

/** Cores wired up by hand: nothing is delivered, written or ticked unless the test says so, unless `settle` is asked to do it all. */
export class CoreCluster {
  readonly ids: readonly string[]
  now = 1000
  /** Messages under way, in the order of sending. */
  wire: Message[] = []
  readonly #members = new Map<string, Member>()
  readonly #random = createRandom('core-cluster')
  readonly #options: {
    electionTimeoutMs: number
    heartbeatIntervalMs: number
    maxInflightBatches: number
    maxInflightBytes?: number
    maxBatchEntries?: number
    maxClockDrift?: number
    quietAfterMs?: number
    wipedNodes?: 'rejoin' | 'refuse'
    foundingPatience?: number
  }

  readonly #priorities: Readonly<Record<string, number>>
  readonly #joining: string

  constructor(
    ids: string,
    { priorities = {}, joining = '', incarnations = false, ...options }: CoreClusterOptions = {},
  ) {
    this.#priorities = priorities
    this.#joining = joining
    this.ids = ids.split('')
    this.#options = { electionTimeoutMs: 100, heartbeatIntervalMs: 10, maxInflightBatches: 4, ...options }
    for (const [at, id] of this.ids.entries()) {
      this.#start(id, { term: 0, vote: '', entries: [], incarnation: incarnations ? at + 1 : 0 })
    }
  }

  #start(id: string, disk: Member['disk'], lost?: StoredState['lost']): void {
    const stored: StoredState = { ...disk, firstIndex: 1, entries: [...disk.entries], lost }
    const core = new RaftCore(
      {
        id,
        voters: this.#joining.includes(id) ? [] : this.ids.filter((other) => !this.#joining.includes(other)),
        maxBatchBytes: 1000,
        maxBatchEntries: 100,
        random: this.#random.fork(`${id}${this.now}`),
        priority: this.#priorities[id] ?? 0,
        incarnation: disk.incarnation,
        ...this.#options,
      },
      stored,
      this.now,
    )
    this.#members.set(id, { core, disk, pending: [], sequence: 0, applied: [], reads: [], wakeAt: this.now })
  }

  member(id: string): Member {
    const member = this.#members.get(id)
    if (member === undefined) throw new Error(`no core ${id}`)
    return member
  }

  core(id: string): RaftCore {
    return this.member(id).core
  }

  /** Gives one input to one core. */
  step(id: string, input: Input): Outputs {
    const member = this.member(id)
    const outputs = member.core.step(this.now, input)
    this.wire.push(...outputs.send)
    member.pending.push({ outputs })
    member.applied.push(...outputs.apply)
    member.reads.push(...outputs.reads)
    member.wakeAt = outputs.wakeAt
    return outputs
  }

  /** Completes every write of one core, and lets go what waited for it. */
  persist(id: string): void {
    const member = this.member(id)
    const { pending } = member
    member.pending = []
    const records = pending.map(({ outputs }) => outputs.persist).filter((record) => record !== undefined)
    const [first, ...rest] = records
    if (first !== undefined) {
      const record = mergeRecords([first, ...rest])
      member.disk.term = record.term
      member.disk.vote = record.vote
      if (record.firstIndex > 0) {
        member.disk.entries.length = record.firstIndex - 1
        member.disk.entries.push(...record.entries)
      }
    }
    for (const { outputs } of pending) this.wire.push(...outputs.sendAfterPersist)
    const sequence = pending.at(-1)?.outputs.sequence ?? 0
    if (first !== undefined) this.step(id, { type: 'persisted', sequence })
  }

  /** Delivers what is under way and matches, once; returns it. */
  deliver(matches: (m: Message) => boolean = () => true): readonly Message[] {
    const delivered = this.wire.filter(matches)
    this.wire = this.wire.filter((m) => !delivered.includes(m))
    for (const message of delivered) this.step(message.to, { type: 'message', message })
    return delivered
  }

  /** Forgets what is under way and matches. */
  drop(matches: (m: Message) => boolean = () => true): readonly Message[] {
    const dropped = this.wire.filter(matches)
    this.wire = this.wire.filter((m) => !dropped.includes(m))
    return dropped
  }

  /** Writes and delivers until nothing is left, among `ids`; what goes elsewhere is dropped. */
  settle(ids: string = this.ids.join('')): void {
    for (let rounds = 0; rounds < 1000; rounds++) {
      for (const id of ids) this.persist(id)
      this.drop((m) => !ids.includes(m.to) || !ids.includes(m.from))
      if (this.wire.length === 0 && [...ids].every((id) => !this.writes(id))) return
      this.deliver()
    }
    throw new Error('the cluster does not settle')
  }

  /** Whether a core has a record to write. */
  writes(id: string): boolean {
    return this.member(id).pending.some(({ outputs }) => outputs.persist !== undefined)
  }

  /** Lets time pass and ticks a core. */
  tick(id: string, ms = 0): void {
    this.now += ms
    this.step(id, { type: 'tick' })
  }

  /** Makes `id` leader with the votes of `ids`, by letting everyone's patience end first. */
  elect(id: string, ids: string = this.ids.join('')): void {
    this.now += 1000
    this.tick(id)
    this.settle(ids)
    if (this.core(id).role !== 'leader') throw new Error(`${id} was not elected, it is ${this.core(id).role}`)
  }

  /** Appends commands at a leader; does not deliver anything. */
  propose(id: string, ...commands: string[]): number {
    const data = commands.map((text) => Uint8Array.from(text, (character) => character.charCodeAt(0)))
    return this.step(id, { type: 'propose', kind: 'command', data }).appendedAt
  }

  /** Kills a core, with what it had in hand, and starts it from its disk. */
  restart(id: string): void {
    this.#start(id, this.member(id).disk)
  }

  /** The same, with the entries from `index` on taken by damage, which the node knows. */
  restartDamaged(id: string, index: number): void {
    const { disk } = this.member(id)
    const lost = { index: disk.entries.length, term: disk.entries.at(-1)?.term ?? 0 }
    this.#start(id, { ...disk, entries: disk.entries.slice(0, index - 1) }, lost)
  }

  /** Kills a core, and starts it on an empty disk that is known by another incarnation. */
  wipe(id: string, incarnation: number): void {
    this.#start(id, { term: 0, vote: '', entries: [], incarnation })
  }

  /** Starts a core from its disk, with software that knows incarnations from now on. */
  upgrade(id: string, incarnation: number): void {
    this.#start(id, { ...this.member(id).disk, incarnation })
  }

  /** The log of a core as "term:command …"; no-ops as "term:". */
  log(id: string): string {
    const core = this.core(id)
    const shown: string[] = []
    for (let index = 1; index <= core.lastIndex; index++) {
      const entry = core.entryAt(index)
      shown.push(`${entry?.term}:${String.fromCharCode(...(entry?.data ?? []))}`)
    }
    return shown.join(' ')
  }
}
