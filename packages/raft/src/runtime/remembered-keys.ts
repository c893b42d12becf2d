import type { LogIndex } from '../core/entry.ts'

/** How many idempotency keys are remembered. Part of the replicated state, hence the same everywhere and not an option. */
export const REMEMBERED_KEYS = 131_072

/** What something that is remembered weighs beside its result, about. */
export const REMEMBERED_OVERHEAD_BYTES = 64

/** An idempotency key and what became of its command: replicated state, the same on every node. */
export interface RememberedKey {
  readonly key: string
  /** Where the command was applied. */
  readonly index: LogIndex
  /** Checksum of the command. */
  readonly fingerprint: number
  /** Undefined: the result could not be encoded. */
  readonly result: Uint8Array | undefined
  /** Log time when it was applied. */
  readonly time: number
}

/** So many places of forgotten keys may be kept at the front before they are given up. */
const KEPT_PLACES = 1024

/** Idempotency keys in the order of the log; the oldest is forgotten first, whatever the reason. */
export class RememberedKeys {
  /** A queue: the first key of a Map is found by walking over all that were deleted before it. */
  #queue: RememberedKey[] = []
  /** Place of the oldest in the queue. */
  #first = 0
  readonly #known = new Map<string, RememberedKey>()
  #bytes = 0

  /** How many there are. */
  get size(): number {
    return this.#known.size
  }

  /** What is known of a key. */
  get(key: string): RememberedKey | undefined {
    return this.#known.get(key)
  }

  /** Remembers a key that is not known, and forgets the oldest where they are too many, or weigh too much. */
  add(known: RememberedKey, maxBytes: number): void {
    this.#queue.push(known)
    this.#known.set(known.key, known)
    this.#bytes += weightOf(known)
    while (this.#known.size > REMEMBERED_KEYS || (this.#bytes > maxBytes && this.#known.size > 0))
      this.#forgetOldest()
  }

  /** Forgets what is from log time `time` or before. */
  expire(time: number): void {
    for (let oldest = this.#queue[this.#first]; oldest !== undefined && oldest.time <= time;) {
      this.#forgetOldest()
      oldest = this.#queue[this.#first]
    }
  }

  /** All of them, the oldest first: a copy of the list, whose members never change. */
  list(): readonly RememberedKey[] {
    return this.#queue.slice(this.#first)
  }

  /** Forgets everything, and remembers `keys` instead. */
  replace(keys: readonly RememberedKey[]): void {
    this.#queue = []
    this.#first = 0
    this.#known.clear()
    this.#bytes = 0
    for (const known of keys) this.add(known, Number.POSITIVE_INFINITY)
  }

  #forgetOldest(): void {
    const oldest = this.#queue[this.#first]
    if (oldest === undefined) return
    this.#known.delete(oldest.key)
    this.#bytes -= weightOf(oldest)
    this.#first++
    if (this.#first < KEPT_PLACES || this.#first * 2 < this.#queue.length) return
    this.#queue.splice(0, this.#first)
    this.#first = 0
  }
}

function weightOf({ key, result }: RememberedKey): number {
  return REMEMBERED_OVERHEAD_BYTES + key.length + (result?.length ?? 0)
}
