import { Buffer } from 'node:buffer'
import type { Entry } from '../../../src/index.ts'
import { decodeCommandEntry } from '../../../src/runtime/command-entry.ts'
import { require } from './disallow.ts'
import type { ModelNode } from './node.ts'
import { ModelRemembered, type NoEffect } from './remembered.ts'

/** What an entry does to every machine: a key, and a number of a session, takes effect once. */
type Effect = { readonly command: string; readonly time: number } | 'none'

/** The effects of the committed log, the same for all nodes ("State Machine Safety", figure 3). */
export class ModelMachine {
  readonly #effects: Effect[] = []
  readonly #remembered = new ModelRemembered()
  readonly #withoutEffect: (why: NoEffect) => void

  /** `withoutEffect` is told of commands that take none, once for all nodes. */
  constructor(withoutEffect: (why: NoEffect) => void) {
    this.#withoutEffect = withoutEffect
  }

  /** A node's machine applies a command, and is told the log time: the next one of its log that is committed. */
  onApply(n: ModelNode, index: number, command: string, time: number): void {
    const committed = Math.max(n.commit, n.mayCommit)
    require(index > n.applied && index <= committed, () =>
      `the next entry, after ${n.applied} and up to ${committed}`, () => `it applied ${index}`)
    // The machine was given a snapshot while more than it holds was committed: only then does the disk have one beyond what was applied.
    n.applied = Math.max(n.applied, Math.min(n.disk.snapshot?.index ?? 0, index - 1))
    for (let skipped = n.applied + 1; skipped < index; skipped++) {
      require(this.#effect(n, skipped) === 'none', () => `the command at ${skipped} to be applied`, () =>
        `it applied ${index} after ${n.applied}`)
    }
    const effect = this.#effect(n, index)
    require(effect !== 'none' && effect.command === command, () =>
      effect === 'none' ? `no effect of ${index}` : effect.command, () => `at ${index} it applied ${command}`)
    const expected = (effect as Exclude<Effect, 'none'>).time
    require(expected === time, () => `log time ${expected} at ${index}`, () => `its machine was told ${time}`)
    n.applied = index
  }

  /** A node has committed more. Whoever does so first has the entries; those after it may have no more than a snapshot that stands for them. */
  onCommit(n: ModelNode): void {
    for (let next = this.#effects.length + 1; next <= n.commit; next++) this.#learn(n, next)
  }

  #effect(n: ModelNode, index: number): Effect {
    for (let next = this.#effects.length + 1; next <= index; next++) this.#learn(n, next)
    return this.#effects[index - 1] ?? 'none'
  }

  #learn({ log }: ModelNode, index: number): void {
    const entry = log.at(index)
    require(entry !== undefined, () => `somebody to have committed ${index} before it is in a snapshot`, () =>
      `its log begins behind ${log.base.index}`)
    this.#effects.push(this.#of(entry, index))
  }

  #of(entry: Entry, index: number): Effect {
    if (entry.kind !== 'command') return 'none'
    const decoded = decodeCommandEntry(entry.data)
    if (!decoded.ok) return 'none'
    const why = this.#remembered.apply(index, decoded.value)
    if (why !== undefined) this.#withoutEffect(why)
    if (why !== undefined || !('command' in decoded.value)) return 'none'
    const { command } = decoded.value
    const text = Buffer.from(command.buffer, command.byteOffset, command.length).toString()
    return { command: text, time: this.#remembered.time }
  }
}
