import type { NodeId } from '@colony/host'
import type { CoreContext, Path } from '../component.ts'
import type { MemberTable } from '../members/member-table.ts'
import { TAGS } from '../wire/tags.ts'
import { MAX_SEQUENCE, writePing } from './probe-messages.ts'

/** Sends pings, each with a number of its own: for own probes and for those of others. */
export class Pinger {
  readonly #context: CoreContext
  readonly #table: MemberTable
  readonly #buddy: boolean
  #sequence: number

  /** `buddy`: a suspect is told of the suspicion by the ping itself (Lifeguard, section 4.3). */
  constructor(context: CoreContext, table: MemberTable, buddy: boolean) {
    this.#context = context
    this.#table = table
    this.#buddy = buddy
    this.#sequence = context.random.fork('pings').integer(0, MAX_SEQUENCE)
  }

  /** A number that was not used for long. */
  next(): number {
    this.#sequence = this.#sequence === MAX_SEQUENCE ? 0 : this.#sequence + 1
    return this.#sequence
  }

  /** Pings the member at an index of the table. */
  ping(index: number, sequence: number, path: Path): void {
    const table = this.#table
    const suspected = this.#buddy && table.statusAt(index) === 'suspect'
    const byStream = path === 'stream'
    const body = writePing(sequence, table.epochAt(index), table.counterAt(index), suspected, byStream)
    this.#context.send(table.idAt(index), TAGS.ping, body, path)
  }

  /** The index of a member that can be pinged; -1 when there is none of that name. */
  indexOf(id: NodeId): number {
    const index = this.#table.indexOf(id)
    return id === this.#context.self ? -1 : index
  }
}
