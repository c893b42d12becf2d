import type { Operation } from '../history/operation.ts'
import type { Model } from './model.ts'
import { valueKey } from './value-key.ts'

/** Not an operation: the value came from nowhere. */
export const NOBODY = -1
/** Not an operation: nothing was read. */
export const NOTHING = -2
/** The value was written more than once, so nobody can tell by whom. */
const AMBIGUOUS = -3

/**
 * A history of one register in which it is clear what every operation that took effect has read. Versions are named by the operation that wrote them; the one
 * that was there at first has the number of operations as its name.
 */
export interface RegisterHistory {
  readonly operations: readonly Operation[]
  /** Whose value each operation read or swapped away: an operation, the initial version, {@link NOBODY} or {@link NOTHING}. */
  readonly sources: Int32Array
  /** Which operations write. */
  readonly writes: Uint8Array
  /**
   * Refused swaps that say something: the register did not have a value that it may have had at other times. They are left out, so that a history with any is only
   * known to be illegal if it is so without them.
   */
  readonly refused: readonly number[]
}

/**
 * Reads a history as one of a register, if every operation is one of a register and every value that was read has been written once, the initial value included.
 * Writes whose value nobody read may repeat one another. `undefined`: it cannot be read so.
 */
export function readRegisterHistory<State>(
  model: Model<State>,
  key: string,
  operations: readonly Operation[],
): RegisterHistory | undefined {
  if (model.registerAccess === undefined) return undefined
  const count = operations.length
  const writes = new Uint8Array(count)
  const reads = new Array<unknown>(count)
  const writers = new Map<unknown, number>([[valueKey(model.init(key)), count]])
  const refused: { readonly operation: number; readonly old: unknown }[] = []
  for (let operation = 0; operation < count; operation += 1) {
    const access = model.registerAccess(operations[operation] as Operation)
    if (access === undefined) return undefined
    if (access.kind === 'refused') {
      refused.push({ operation, old: valueKey(access.old) })
      continue
    }
    if (access.kind !== 'write')
      reads[operation] = valueKey(access.kind === 'read' ? access.value : access.old)
    if (access.kind === 'read') continue
    const value = valueKey(access.value)
    writes[operation] = 1
    writers.set(value, writers.has(value) ? AMBIGUOUS : operation)
  }
  const sources = new Int32Array(count)
  for (let operation = 0; operation < count; operation += 1) {
    const value = reads[operation]
    sources[operation] = value === undefined ? NOTHING : (writers.get(value) ?? NOBODY)
  }
  // A refusal says nothing if the value was never there.
  const telling = refused.filter(({ old }) => writers.has(old)).map((each) => each.operation)
  const history = { operations, sources, writes, refused: telling }
  return isClear(history) ? history : undefined
}

/** Operations of unknown outcome that nobody noticed may not have happened, so what they would have read does not matter. */
function isClear(history: RegisterHistory): boolean {
  const happened = markHappened(history, markKnown(history))
  return history.sources.every((source, operation) => source !== AMBIGUOUS || happened[operation] === 0)
}

/** Marks what is known to have happened in the end. */
export function markKnown({ operations }: RegisterHistory): Uint8Array {
  const known = new Uint8Array(operations.length)
  for (let operation = 0; operation < known.length; operation += 1) {
    if (operations[operation]?.outcome === 'ok') known[operation] = 1
  }
  return known
}

/** Marks what must have happened: what is known to have, and what wrote a value that one of those has read. */
export function markHappened({ sources, writes }: RegisterHistory, known: Uint8Array): Uint8Array {
  const happened = known.slice()
  for (let operation = 0; operation < known.length; operation += 1) {
    if (known[operation] === 0) continue
    let source = sources[operation] as number
    while (source >= 0 && source < known.length && happened[source] === 0 && writes[source] === 1) {
      happened[source] = 1
      source = sources[source] as number
    }
  }
  return happened
}
