import type { Entry, Message } from '../../src/index.ts'
import { CoreCluster } from '../core/core-cluster.ts'

/** How many turns `settle` takes at most: more are a circle. */
const MOST_TURNS = 1000

/** Picks messages: all of a type, from a node, to a node; what is not said does not matter. */
export interface Which {
  readonly type?: string
  readonly from?: string
  readonly to?: string
}

/** Cores, their disks and the links between them, all moved by hand. */
export class Stage {
  readonly cores: CoreCluster
  readonly #cut = new Set<string>()
  readonly #down = new Set<string>()

  /** `joining`: those of `ids` that are members of nothing yet. */
  constructor(ids: readonly string[], maxBatchEntries: number, joining: readonly string[] = []) {
    this.cores = new CoreCluster(ids.join(''), { maxBatchEntries, joining: joining.join('') })
  }

  get ids(): readonly string[] {
    return this.cores.ids
  }

  isUp(id: string): boolean {
    this.cores.member(id)
    return !this.#down.has(id)
  }

  /** Puts a log on the disk of a node, and starts it from there. */
  store(id: string, term: number, entries: Entry[]): void {
    this.cores.member(id).disk = { term, vote: '', entries, incarnation: 0 }
    this.cores.restart(id)
  }

  cut(from: string, to: string): void {
    this.#cut.add(`${from}→${to}`)
  }

  heal(): void {
    this.#cut.clear()
  }

  crash(id: string): void {
    this.#down.add(id)
  }

  restart(id: string): void {
    this.#down.delete(id)
    this.cores.restart(id)
  }

  /** What is under way and can arrive. */
  under(which: Which): readonly Message[] {
    this.#lose()
    return this.cores.wire.filter((message) => isOf(which, message))
  }

  /** Delivers what is under way and can arrive; returns how many messages that were. */
  deliver(which: Which = {}): number {
    this.#lose()
    return this.cores.deliver((message) => isOf(which, message)).length
  }

  drop(which: Which): number {
    return this.cores.drop((message) => isOf(which, message)).length
  }

  /** Delivers messages and leaves a copy of each under way. */
  repeat(which: Which): number {
    const copies = this.cores.wire.filter((message) => isOf(which, message))
    const delivered = this.deliver(which)
    this.cores.wire = [...copies, ...this.cores.wire]
    return delivered
  }

  write(id: string): void {
    if (this.isUp(id)) this.cores.persist(id)
  }

  /** Whoever leads the latest term. */
  leader(): string {
    const leaders = this.ids.filter((id) => this.isUp(id) && this.cores.core(id).role === 'leader')
    const [latest] = leaders.toSorted((a, b) => this.cores.core(b).term - this.cores.core(a).term)
    if (latest === undefined) throw new Error('nobody leads')
    return latest
  }

  /** Nobody hears from anybody for long, and `id` is the first whose patience ends. */
  campaign(id: string): void {
    this.cores.tick(id, 1000)
  }

  /** Asks a leader for a change of members; `false` when it cannot be now. */
  changeMembers(id: string, voters: readonly string[], learners: readonly string[]): boolean {
    const goal = { voters: voters.toSorted(), learners: learners.toSorted() }
    return this.cores.step(id, { type: 'change-members', goal, addresses: new Map() }).appendedAt > 0
  }

  /** A node has made a snapshot of what it has committed, and forgets the log that it stands for. */
  compact(id: string): void {
    const core = this.cores.core(id)
    const index = core.commitIndex
    const { membership } = core.membershipAt(index)
    const snapshot = { index, term: core.termAt(index), membership }
    this.cores.step(id, { type: 'compacted', snapshot, firstIndex: index + 1 })
  }

  /** The snapshot of `from` has arrived at `id`, which says so. */
  install(id: string, from: string): void {
    const { snapshot } = this.cores.core(from)
    if (snapshot === undefined) throw new Error(`${from} has no snapshot`)
    this.cores.step(id, { type: 'snapshot-installed', snapshot })
    this.write(id)
    this.cores.step(from, { type: 'snapshot-sent', to: id, index: snapshot.index })
  }

  /** Everything is written, and then everything that is under way arrives, once. */
  turn(): void {
    for (const id of this.ids) this.write(id)
    this.deliver()
  }

  /** Writes and delivers until nothing is left to do. */
  settle(): void {
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const writes = this.ids.some((id) => this.isUp(id) && this.cores.writes(id))
      for (const id of this.ids) this.write(id)
      if (this.deliver() === 0 && !writes) return
    }
    throw new Error('it does not settle')
  }

  /** Time passes; everything happens by itself, and messages take a millisecond. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      this.cores.now++
      const arrives = this.cores.wire.length
      for (const id of this.ids) {
        if (this.isUp(id) && this.cores.member(id).wakeAt <= this.cores.now) this.cores.tick(id)
        this.write(id)
      }
      const now = this.cores.wire.slice(0, arrives)
      this.#lose()
      this.cores.deliver((message) => now.includes(message))
    }
  }

  /** What was sent over a cut link, or to a node that is down. */
  #lose(): void {
    this.cores.drop(({ from, to }) => this.#cut.has(`${from}→${to}`) || this.#down.has(to))
  }
}

function isOf({ type, from, to }: Which, message: Message): boolean {
  const types = type === undefined || message.type === type
  return types && (from === undefined || message.from === from) && (to === undefined || message.to === to)
}

/** `3:x` is a command of term 3, `3` alone the entry that a leader opens its term with. */
export function entryOf(word: string): Entry {
  const [term = '', text = ''] = word.split(':')
  const data = Uint8Array.from(text, (character) => character.charCodeAt(0))
  return { term: Number(term), kind: text === '' ? 'noop' : 'command', data }
}
