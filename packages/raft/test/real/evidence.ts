import type { NodeId } from '@colony/host'
import type { Entry, LogIndex } from '../../src/index.ts'
import type { Dump } from './protocol.ts'
import type { Recorded } from './record.ts'

/** What a node's disk holds. */
export interface KeptLog {
  readonly node: NodeId
  readonly firstIndex: LogIndex
  readonly entries: readonly Entry[]
}

/** What the machine of a node holds. */
export interface NodeDump extends Dump {
  readonly node: NodeId
}

/** All that a run leaves behind, and all that the checks look at. */
export interface Evidence {
  readonly records: readonly Recorded[]
  readonly dumps: readonly NodeDump[]
}

/** Problems are told in words; a few of a kind are enough. */
export class Problems {
  readonly #byCheck = new Map<string, string[]>()

  add(check: string, problem: string): void {
    const found = this.#byCheck.get(check) ?? []
    this.#byCheck.set(check, found)
    found.push(problem)
  }

  get found(): readonly string[] {
    return [...this.#byCheck].flatMap(([check, found]) => {
      const more = found.length > 5 ? [`${check}: and ${found.length - 5} more`] : []
      return [...found.slice(0, 5).map((problem) => `${check}: ${problem}`), ...more]
    })
  }
}
