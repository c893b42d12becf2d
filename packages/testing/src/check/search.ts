import type { Operation } from '../history/operation.ts'
import { ConfigurationSet } from './configuration-set.ts'
import type { EventOrder } from './event-order.ts'
import type { Model } from './model.ts'
import { valueKey } from './value-key.ts'

/** Where the search branched: enough to come back to it. */
interface Branch {
  readonly position: number
  readonly state: number
  readonly taken: number
  /** Next candidate: 0 is the operation that has to return, `n` is slot `n - 1`. */
  next: number
}

/**
 * Looks for a linearisation of one object's history: Wing and Gong's search with Lowe's memory of configurations, over positions in the order of
 * returns ("just in time": an operation is placed only where the next return asks for one).
 *
 * A configuration is (the next return, which open operations have taken effect, the state). Invariant: every operation that returned before the
 * position has taken effect, none has that was not called before it. Can be stopped after any number of steps and go on later.
 */
export class LinearizationSearch<State> {
  /** Calls of the model so far. */
  steps = 0
  /** The furthest return that could be reached; with the verdict illegal, the one that no linearisation gets past. */
  furthest = 0
  readonly #model: Model<State>
  readonly #order: EventOrder
  readonly #pure: Uint8Array
  readonly #states: State[]
  readonly #stateIds = new Map<unknown, number>()
  readonly #seen: ConfigurationSet
  readonly #branches: Branch[] = []
  /** The masks of the branches, one behind the other: an array of its own for each would be most of what the search allocates. */
  #masks: Int32Array
  // The configuration that the search is in:
  readonly #open: Int32Array
  readonly #mask: Int32Array
  #position = 0
  #state = 0
  // The operations that took effect on the way to it, in that order:
  readonly #taken: Int32Array
  #takenCount = 0
  /** What was found; `undefined` before that. */
  verdict: 'ok' | 'illegal' | undefined

  constructor(model: Model<State>, order: EventOrder, key = '') {
    this.#model = model
    this.#order = order
    this.#pure = Uint8Array.from(order.operations, (operation) => Number(model.isPure?.(operation) ?? false))
    const maskWords = Math.max(1, Math.ceil(order.width / 32))
    this.#seen = new ConfigurationSet(maskWords)
    this.#open = new Int32Array(order.width).fill(-1)
    this.#mask = new Int32Array(maskWords)
    this.#masks = new Int32Array(64 * maskWords)
    this.#taken = new Int32Array(order.operations.length)
    const initial = model.init(key)
    this.#states = [initial]
    this.#stateIds.set(this.#keyOf(initial), 0)
    this.#arrive(0)
    this.#takePure(0, order.width)
    this.#settle()
  }

  /** Searches until `limit` steps in all. `undefined`: not decided yet. */
  run(limit: number): 'ok' | 'illegal' | undefined {
    while (this.verdict === undefined && this.steps < limit && !this.exhausted) {
      const branch = this.#branches.at(-1)
      if (branch === undefined) this.verdict = 'illegal'
      else if (!this.#tryNext(branch)) this.#backtrack()
    }
    return this.verdict
  }

  /** Whether there is no room to remember more; it stays undecided then. */
  get exhausted(): boolean {
    return this.#seen.full
  }

  /** With the verdict ok: the operations in an order in which they can have taken effect. */
  linearization(): Operation[] {
    return Array.from(this.#taken.subarray(0, this.#takenCount), (operation) => this.#operation(operation))
  }

  /** Tries the next candidates of a branch, up to the first that is legal. `false`: there are no more. */
  #tryNext(branch: Branch): boolean {
    const { returns, slots, width } = this.#order
    const first = slots[returns[this.#position] as number] as number
    while (branch.next <= width) {
      const slot = branch.next === 0 ? first : branch.next - 1
      const repeated = branch.next > 0 && slot === first
      branch.next += 1
      const operation = this.#open[slot] as number
      if (operation < 0 || repeated || this.#isTaken(slot)) continue
      this.steps += 1
      const { legal, state } = this.#model.step(
        this.#states[this.#state] as State,
        this.#operation(operation),
      )
      if (!legal) continue
      this.#take(slot, operation)
      if (this.#enter(state)) this.#takePure(0, width)
      this.#settle()
      return true
    }
    return false
  }

  /** Goes past every return whose operation has taken effect, then branches, unless the configuration is known or the end is reached. */
  #settle(): void {
    const { returns, slots, callsBefore } = this.#order
    for (;;) {
      if (this.#position === returns.length) {
        this.verdict = 'ok'
        return
      }
      const slot = slots[returns[this.#position] as number] as number
      if (!this.#isTaken(slot)) break
      this.#clear(slot)
      this.#open[slot] = -1
      const known = callsBefore[this.#position] as number
      this.#position += 1
      if (this.#position === returns.length) continue
      this.furthest = Math.max(this.furthest, this.#position)
      this.#arrive(known)
      this.#takePureCalls(known, callsBefore[this.#position] as number)
    }
    if (!this.#seen.add(this.#position, this.#state, this.#mask)) {
      this.#restore()
      return
    }
    this.#saveMask(this.#branches.length)
    this.#branches.push({
      position: this.#position,
      state: this.#state,
      taken: this.#takenCount,
      next: 0,
    })
  }

  #saveMask(depth: number): void {
    const words = this.#mask.length
    if ((depth + 1) * words > this.#masks.length) {
      const grown = new Int32Array(2 * this.#masks.length)
      grown.set(this.#masks)
      this.#masks = grown
    }
    for (let word = 0; word < words; word += 1) this.#masks[depth * words + word] = this.#mask[word] as number
  }

  #restoreMask(depth: number): void {
    const words = this.#mask.length
    for (let word = 0; word < words; word += 1) this.#mask[word] = this.#masks[depth * words + word] as number
  }

  #backtrack(): void {
    this.#branches.pop()
    this.#restore()
  }

  /** Comes back to the configuration of the last branch. */
  #restore(): void {
    const branch = this.#branches.at(-1)
    if (branch === undefined) return
    while (this.#position > branch.position) this.#retreat()
    this.#state = branch.state
    this.#restoreMask(this.#branches.length - 1)
    this.#takenCount = branch.taken
  }

  /** Opens what is called between call number `known` and the return at the position. */
  #arrive(known: number): void {
    const { calls, callsBefore, slots } = this.#order
    const until = callsBefore[this.#position] ?? 0
    for (let call = known; call < until; call += 1) {
      const operation = calls[call] as number
      this.#open[slots[operation] as number] = operation
    }
  }

  /** The inverse of going past a return. */
  #retreat(): void {
    const { calls, callsBefore, returns, slots } = this.#order
    const until = callsBefore[this.#position] ?? 0
    this.#position -= 1
    for (let call = callsBefore[this.#position] as number; call < until; call += 1) {
      this.#open[slots[calls[call] as number] as number] = -1
    }
    const returned = returns[this.#position] as number
    this.#open[slots[returned] as number] = returned
  }

  /** Takes every open pure operation that is legal: placing it here changes nothing for any other, so no branch is needed. */
  #takePure(from: number, until: number): void {
    for (let slot = from; slot < until; slot += 1) this.#takeIfPure(slot)
  }

  #takePureCalls(from: number, until: number): void {
    const { calls, slots } = this.#order
    for (let call = from; call < until; call += 1) this.#takeIfPure(slots[calls[call] as number] as number)
  }

  #takeIfPure(slot: number): void {
    const operation = this.#open[slot] as number
    if (operation < 0 || this.#pure[operation] === 0 || this.#isTaken(slot)) return
    this.steps += 1
    if (this.#model.step(this.#states[this.#state] as State, this.#operation(operation)).legal)
      this.#take(slot, operation)
  }

  #take(slot: number, operation: number): void {
    this.#mask[slot >> 5] = (this.#mask[slot >> 5] as number) | (1 << (slot & 31))
    this.#taken[this.#takenCount] = operation
    this.#takenCount += 1
  }

  #isTaken(slot: number): boolean {
    return ((this.#mask[slot >> 5] as number) & (1 << (slot & 31))) !== 0
  }

  #clear(slot: number): void {
    this.#mask[slot >> 5] = (this.#mask[slot >> 5] as number) & ~(1 << (slot & 31))
  }

  /** Makes a state the present one. `false`: it is the same as before. */
  #enter(state: State): boolean {
    if (state === this.#states[this.#state]) return false
    const key = this.#keyOf(state)
    let id = this.#stateIds.get(key)
    if (id === undefined) {
      id = this.#states.length
      this.#states.push(state)
      this.#stateIds.set(key, id)
    }
    if (id === this.#state) return false
    this.#state = id
    return true
  }

  #keyOf(state: State): unknown {
    return this.#model.stateKey === undefined ? valueKey(state) : this.#model.stateKey(state)
  }

  #operation(index: number): Operation {
    return this.#order.operations[index] as Operation
  }
}
