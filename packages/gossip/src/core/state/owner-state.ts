import { textBytes } from './text-bytes.ts'

/** One key of a state at the version of its last change; without a value it is a tombstone: the key was deleted. */
export interface StateEntry {
  readonly key: string
  readonly value: Uint8Array | undefined
  /** 1 for the first change in the owner's life. */
  readonly version: number
  /** When this node learned of it, on its own clock: tombstones are dropped by it. */
  readonly at: number
}

/** How far a copy of somebody's state goes, which is all that two nodes must compare. */
export interface StateMark {
  /** Which life of the owner: a greater one replaces everything. */
  readonly life: number
  /** The copy holds what is left of all changes up to this one, and of none above: no gaps, ever (Scuttlebutt, section 3). */
  readonly version: number
  /** Tombstones up to this version may be missing. A copy that ends before it may hold what they deleted, and must be replaced whole. */
  readonly floor: number
}

/** What a state takes of its limits for one entry. */
export function entryBytes(key: string, value: Uint8Array | undefined): number {
  return textBytes(key) + (value?.length ?? 0)
}

/**
 * One copy of the state that one member has in one life: its keys, in the order of their versions.
 *
 * Invariants: an entry's version is at most {@link OwnerState.version}; of each key only the newest entry is here; `version` and `floor` never decrease.
 */
export class OwnerState implements StateMark {
  readonly life: number
  version = 0
  floor: number
  /** The version that whoever sent this had: before it is reached, the copy is of a moment that never was. */
  target: number
  /** Bytes of all keys and values, those of tombstones included. */
  bytes = 0
  #tombstones = 0
  /** By version, ascending; entries that were overwritten are skipped, and swept when they are the greater part. */
  #log: StateEntry[] = []
  readonly #byKey = new Map<string, StateEntry>()

  constructor(life: number, floor = 0, target = 0) {
    this.life = life
    this.floor = floor
    this.target = target
  }

  /** Keys with a value. */
  get keys(): number {
    return this.#byKey.size - this.#tombstones
  }

  /** Keys that are remembered as deleted. */
  get tombstones(): number {
    return this.#tombstones
  }

  /** Whether all is here that its source had. */
  get complete(): boolean {
    return this.version >= this.target
  }

  get(key: string): StateEntry | undefined {
    return this.#byKey.get(key)
  }

  /** Appends the newest change; `version` moves with it. */
  put(entry: StateEntry): void {
    const previous = this.#byKey.get(entry.key)
    if (previous !== undefined) this.#uncount(previous)
    this.#byKey.set(entry.key, entry)
    this.#log.push(entry)
    this.bytes += entryBytes(entry.key, entry.value)
    if (entry.value === undefined) this.#tombstones++
    this.version = entry.version
    if (this.#log.length > 2 * this.#byKey.size + 8) this.#sweep()
  }

  /** What is left of the changes above `version`, in order. */
  *after(version: number): IterableIterator<StateEntry> {
    const log = this.#log
    for (let index = this.#indexAfter(version); index < log.length; index++) {
      const entry = log[index]
      if (entry !== undefined && this.#byKey.get(entry.key) === entry) yield entry
    }
  }

  /** How many changes above `version` there are at most: cheap, for putting owners in order. */
  countAfter(version: number): number {
    return this.#log.length - this.#indexAfter(version)
  }

  /** Every key with its entry, tombstones too, in the order of versions. */
  entries(): IterableIterator<StateEntry> {
    return this.after(0)
  }

  /** Forgets tombstones that were learned before `learnedBefore`, and the oldest ones above `most`. Whoever does not know them yet is below the floor now. */
  dropTombstones(learnedBefore: number, most: number): void {
    if (this.#tombstones === 0) return
    let excess = this.#tombstones - most
    for (const entry of this.entries()) {
      if (entry.value !== undefined) continue
      if (excess <= 0 && entry.at > learnedBefore) return
      this.#uncount(entry)
      this.#byKey.delete(entry.key)
      this.floor = Math.max(this.floor, entry.version)
      excess--
    }
  }

  #uncount(entry: StateEntry): void {
    this.bytes -= entryBytes(entry.key, entry.value)
    if (entry.value === undefined) this.#tombstones--
  }

  #sweep(): void {
    this.#log = this.#log.filter((entry) => this.#byKey.get(entry.key) === entry)
  }

  /** Index in the log of the first entry above `version`. */
  #indexAfter(version: number): number {
    let low = 0
    let high = this.#log.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#log[middle] as StateEntry).version <= version) low = middle + 1
      else high = middle
    }
    return low
  }
}
