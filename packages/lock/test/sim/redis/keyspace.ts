/** A value of a key. Lists keep their elements in order; a sorted set is a map from member to score. */
export type Entry = string | string[] | Set<string> | Map<string, string> | SortedSet

/** A sorted set; a class of its own, since a hash is a map, too. */
export class SortedSet extends Map<string, number> {
  /** Members with scores in order: by score, then by bytes. */
  inOrder(): readonly (readonly [member: string, score: number])[] {
    return [...this].toSorted(([one, a], [other, b]) => a - b || (one < other ? -1 : 1))
  }
}

interface Slot {
  value: Entry
  /** On the server's time of day, in milliseconds. */
  expiresAt: number
}

/** What a Redis server answers with for an error. */
export class RedisError extends Error {}

/** The keys of a server. They expire by its time of day, which somebody may set. */
export class Keyspace {
  readonly #slots = new Map<string, Slot>()
  readonly #now: () => number

  /** `now`: the server's time of day in milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  get now(): number {
    return this.#now()
  }

  /** The names of the keys that there are. */
  names(): readonly string[] {
    return [...this.#slots.keys()].filter((key) => this.has(key)).toSorted()
  }

  has(key: string): boolean {
    return this.#slot(key) !== undefined
  }

  get(key: string): Entry | undefined {
    return this.#slot(key)?.value
  }

  /** The value if it is of this kind; `undefined` where there is none. */
  of<Kind extends Entry>(key: string, isKind: (value: Entry) => value is Kind): Kind | undefined {
    const value = this.get(key)
    if (value === undefined || isKind(value)) return value
    throw new RedisError('WRONGTYPE Operation against a key holding the wrong kind of value')
  }

  /** Writes; what time the key had left is forgotten, unless it is to be kept. */
  set(key: string, value: Entry, expiresAt = Number.POSITIVE_INFINITY): void {
    this.#slots.set(key, { value, expiresAt })
  }

  /** Writes, and leaves the time that the key has left. */
  keep(key: string, value: Entry): void {
    this.set(key, value, this.#slot(key)?.expiresAt)
  }

  delete(key: string): boolean {
    return this.has(key) && this.#slots.delete(key)
  }

  expiryOf(key: string): number | undefined {
    return this.#slot(key)?.expiresAt
  }

  /** A collection that has become empty is no key any more. */
  tidy(key: string): void {
    const value = this.get(key)
    if (value === undefined || typeof value === 'string') return
    if ((Array.isArray(value) ? value.length : value.size) === 0) this.#slots.delete(key)
  }

  #slot(key: string): Slot | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    if (this.now <= slot.expiresAt) return slot
    this.#slots.delete(key)
    return undefined
  }
}

export function isText(value: Entry): value is string {
  return typeof value === 'string'
}

export function isList(value: Entry): value is string[] {
  return Array.isArray(value)
}

export function isSet(value: Entry): value is Set<string> {
  return value instanceof Set
}

export function isHash(value: Entry): value is Map<string, string> {
  return value instanceof Map && !(value instanceof SortedSet)
}

export function isSorted(value: Entry): value is SortedSet {
  return value instanceof SortedSet
}
