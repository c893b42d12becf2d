import type { Model } from './model.ts'
import { valueKey } from './value-key.ts'

/** Pairs that are remembered at most: a `Map` holds no more than 2^24. */
const MOST_PAIRS = 2 ** 23
/** More than any number of a pair or a state. */
const RADIX = 2 ** 26

interface Known<State> {
  readonly states: State[]
  readonly ids: Map<unknown, number>
}

/**
 * The states of several objects, with one number for all of them together: equal numbers, equal states. It is the root of a binary tree over the objects' own
 * numbers, in which every pair that ever occurred has a number of its own; so a change of one object takes as many look-ups as the tree is high.
 */
export class StateVector<State> {
  readonly #model: Model<State>
  readonly #known: readonly Known<State>[]
  readonly #pairs = new Map<number, number>()
  readonly #leaves: number
  /** The root is 1, the children of n are 2n and 2n + 1. */
  readonly #tree: Int32Array

  constructor(model: Model<State>, keys: readonly string[]) {
    this.#model = model
    this.#known = keys.map(() => ({ states: [], ids: new Map() }))
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, keys.length)))
    this.#tree = new Int32Array(2 * this.#leaves)
    keys.forEach((key, object) => this.set(object, model.init(key)))
  }

  /** One number for all states. */
  get vectorId(): number {
    return this.#tree[1] as number
  }

  /** Whether there are too many to go on. */
  get full(): boolean {
    return this.#pairs.size >= MOST_PAIRS
  }

  /** The present state of an object. */
  get(object: number): State {
    return this.#known[object]?.states[this.id(object)] as State
  }

  /** The number of an object's present state, for {@link restore}. */
  id(object: number): number {
    return this.#tree[this.#leaves + object] as number
  }

  /** Gives an object a state. */
  set(object: number, state: State): void {
    const { states, ids } = this.#known[object] as Known<State>
    if (states.length > 0 && state === this.get(object)) return
    const key = this.#model.stateKey === undefined ? valueKey(state) : this.#model.stateKey(state)
    let id = ids.get(key)
    if (id === undefined) {
      id = states.length
      states.push(state)
      ids.set(key, id)
    }
    this.restore(object, id)
  }

  /** Gives an object a state that it had before. */
  restore(object: number, id: number): void {
    let node = this.#leaves + object
    this.#tree[node] = id
    for (node >>= 1; node >= 1; node >>= 1) {
      this.#tree[node] = this.#pair(this.#tree[2 * node] as number, this.#tree[2 * node + 1] as number)
    }
  }

  #pair(left: number, right: number): number {
    const key = left * RADIX + right
    let id = this.#pairs.get(key)
    if (id === undefined) {
      id = this.#pairs.size
      this.#pairs.set(key, id)
    }
    return id
  }
}
