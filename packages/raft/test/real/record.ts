import type { NodeId } from '@colony/host'
import { machineClock } from '@colony/testing/node'
import type { Operation, Outcome } from '@colony/testing'
import type { LogIndex } from '../../src/index.ts'
import type { ReadDemand } from './protocol.ts'

/** What one client did and got, with all that the node said of it. */
export interface Recorded extends Operation {
  readonly key: string
  /** Of writes: what stands in the journal if it was applied. */
  readonly id?: string
  /** Of reads: what was asked for. */
  readonly demand?: ReadDemand
  /** Where in the log it took effect, or what it saw. */
  readonly index?: LogIndex
  /** How old the node said the answer may be; `null`: it knew no bound. */
  readonly staleMs?: number | null
  /** Who answered. */
  readonly node?: NodeId
}

/** Whether an operation has to be seen by every linearizable one after it, or has to see every one before it. */
export function isLinearizable({ demand }: Recorded): boolean {
  return demand === undefined || demand.consistency === 'linearizable' || demand.consistency === 'lease'
}

/** What an operation is begun with. */
export type Begun = Pick<Recorded, 'process' | 'f' | 'key' | 'value' | 'id' | 'demand'>

/** What is known of it when it has ended. */
export type Ended = Pick<Recorded, 'result' | 'index' | 'staleMs' | 'node'>

/** Everything that the clients of a round did. */
export class Records {
  readonly #records: Recorded[] = []

  /** Notes that an operation begins; call what comes back once when it has ended. */
  begin(begun: Begun): (outcome: Outcome, ended?: Ended) => void {
    const at = this.#records.length
    const record = { ...begun, outcome: 'unknown', invokedAt: machineClock.now() } as const
    this.#records.push({ ...record, completedAt: Number.POSITIVE_INFINITY })
    return (outcome, ended = {}) => {
      const completedAt = outcome === 'unknown' ? Number.POSITIVE_INFINITY : machineClock.now()
      this.#records[at] = { ...record, ...ended, outcome, completedAt }
    }
  }

  /** All of them; what is under way has an unknown outcome. */
  get all(): readonly Recorded[] {
    return this.#records
  }
}
