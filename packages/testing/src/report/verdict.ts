import type { Witness } from '../check/witness.ts'
import type { FailurePicture } from './failure-picture.ts'
import { operationText, processName } from './operation-text.ts'
import { printable } from './printable.ts'

/** What failed, in words, and where it shows. */
export interface Verdict {
  /** Name of the check; empty when nothing is said to have failed. */
  readonly check: string
  /** What it said, a line each; the name of the check is not said again. */
  readonly message: readonly string[]
  /** Where to look: milliseconds. */
  readonly at: number
  /** Why the first impossible operation is impossible, a sentence each; empty without a witness. */
  readonly why: readonly string[]
}

/** The check that failed, and the time at which it did: the return of the first impossible operation, else the end. */
export function verdictOf(picture: FailurePicture, endMs: number): Verdict {
  const { failure, witness } = picture
  const check = failure?.check ?? (witness === undefined ? '' : 'linearizability')
  const message = failure?.message ?? ''
  const told = message.startsWith(`${check}: `) ? message.slice(check.length + 2) : message
  return {
    check: printable(check),
    message: told
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(printable),
    at: witness?.operation.completedAt ?? endMs,
    why: witness === undefined ? [] : reasons(witness),
  }
}

function reasons({ operation, prefix, shortest, lastLegal }: Witness): string[] {
  const open = prefix.filter(({ outcome }) => outcome === 'unknown').length
  const others = `the ${counted(prefix.length, 'operation')} that had been called by then`
  const unknown =
    open === 0 ? '' : `, whether or not the ${open === 1 ? 'one' : open} without an answer took effect`
  const words = [
    `${processName(operation.process)}: ${operationText(operation)} is the first impossible operation.`,
    `No order of ${others} gives this answer${unknown}.`,
  ]
  if (lastLegal.length > 0) {
    words.push('Right before this return a legal order still existed: the numbers show it.')
  }
  if (!shortest) words.push('The budget did not allow to prove that no shorter part of the history convicts.')
  return words
}

/** `1 node`, `2 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
