import type { CoreContext } from '../component.ts'
import { MAX_EPOCH } from '../members/incarnation.ts'
import type { OwnerState } from './owner-state.ts'
import { MAX_KEY_BYTES, MAX_VALUE_BYTES, type StateRefusal } from './state-limits.ts'
import type { StateStore } from './state-store.ts'
import { textBytes } from './text-bytes.ts'

/**
 * This node's own state: the only one that it writes, and that nobody else does.
 *
 * A key with a time to live is deleted by a tombstone of its owner when the time is over. Readers never hide it before: their clocks say nothing of the owner's, and one that hid a key which its
 * owner has renewed in between would tell of a deletion that never was.
 */
export class OwnState {
  readonly #context: CoreContext
  readonly #store: StateStore
  /** Called with the version before every change: what follows it is news. */
  readonly #changed: (before: number) => void
  readonly #expiries = new Map<string, number>()
  #nextExpiry = Number.POSITIVE_INFINITY
  #state: OwnerState | undefined
  #leastLife = 0

  constructor(context: CoreContext, store: StateStore, changed: (before: number) => void) {
    this.#context = context
    this.#store = store
    this.#changed = changed
  }

  /** When the next key's time is over. */
  get deadline(): number {
    return this.#nextExpiry
  }

  /** Sets or deletes a key; why it was refused, if it was. The same value again is no change, but begins its time to live anew. */
  set(key: string, value: Uint8Array | undefined, ttlMs?: number): StateRefusal | undefined {
    const state = (this.#state ??= this.#store.begin(this.#life(), 0, []))
    const refusal = checkKeyAndValue(key, value)
    if (refusal !== undefined) return refusal
    if (ttlMs !== undefined && !(ttlMs > 0)) return 'invalid-ttl'
    const previous = state.get(key)?.value
    if (value !== undefined) {
      const lack = this.#store.lacksRoom(state, key, value)
      if (lack !== undefined) return lack
    }
    this.#expire(key, value === undefined ? undefined : ttlMs)
    if (!sameBytes(previous, value)) this.#append(state, key, value?.slice())
    return undefined
  }

  /** The time of some keys is over. */
  tick(): void {
    const { now } = this.#context
    for (const [key, at] of this.#expiries) {
      if (at > now) continue
      this.#expiries.delete(key)
      if (this.#state?.get(key)?.value !== undefined) this.#append(this.#state, key, undefined)
    }
    this.#nextExpiry = Math.min(...this.#expiries.values())
  }

  /**
   * Somebody has a copy of this node's state up to `version` in `life`. One that this node cannot have written in this life (the epoch was lost, or a clock was set back) can only be beaten by
   * a later life.
   */
  claimed(life: number, version: number): void {
    const own = this.#state?.life ?? this.#life()
    if (life < own || (life === own && version <= (this.#state?.version ?? 0))) return
    this.#context.drop('state-of-another-life')
    // Begun where there was none: that nothing is said must be said, or the others keep what they have.
    this.#state ??= this.#store.begin(own, 0, [])
    this.atLeast(Math.min(life + 1, MAX_EPOCH))
  }

  /** This node's state belongs to a life of `life` or later: what it says is said again as of that one. */
  atLeast(life: number): void {
    this.#leastLife = Math.max(this.#leastLife, life)
    const state = this.#state
    if (state === undefined || state.life >= this.#leastLife) return
    this.#state = this.#store.begin(this.#leastLife, state.floor, state.entries())
    if (this.#state.version === 0) this.#store.void(this.#state)
    this.#changed(0)
  }

  #life(): number {
    const epoch = this.#context.members.get(this.#context.self)?.incarnation.epoch ?? 0
    return Math.max(epoch, this.#leastLife)
  }

  #expire(key: string, ttlMs: number | undefined): void {
    this.#expiries.delete(key)
    if (ttlMs === undefined) return
    const at = this.#context.now + ttlMs
    this.#expiries.set(key, at)
    this.#nextExpiry = Math.min(this.#nextExpiry, at)
  }

  #append(state: OwnerState, key: string, value: Uint8Array | undefined): void {
    const before = state.version
    this.#store.append(state, { key, value, version: before + 1, at: this.#context.now })
    state.target = state.version
    this.#changed(before)
  }
}

/** What is wrong with a key or a value, wherever it is to be kept. */
export function checkKeyAndValue(key: string, value: Uint8Array | undefined): StateRefusal | undefined {
  // A text is never longer than its UTF-8: the first look keeps a huge one from being measured.
  if (key.length === 0 || key.length > MAX_KEY_BYTES) return 'invalid-key'
  const bytes = textBytes(key)
  if (bytes < 0 || bytes > MAX_KEY_BYTES) return 'invalid-key'
  return value !== undefined && value.length > MAX_VALUE_BYTES ? 'value-too-large' : undefined
}

/** Whether two values are the same, or both none. */
export function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
