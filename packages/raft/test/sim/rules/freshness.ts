import type { NodeId } from '@colony/host'
import type { FaultStep } from '@colony/testing'
import type { Facts } from './facts.ts'

/** What a read may ask for besides its level. */
interface Asked {
  readonly maxStalenessMs?: number
  readonly after?: number
}

/** A read of a node's own state promises little, but that must hold: nothing that completed longer ago than `staleMs` is missing. */
export class Freshness {
  readonly #facts: Facts
  /** How many real milliseconds one millisecond of a node's clock can take. Ages are only as true as clocks are. */
  readonly #slowestClock: number
  readonly #completed: { readonly at: number; readonly index: number }[] = []

  constructor(facts: Facts, faults: readonly FaultStep[]) {
    this.#facts = facts
    const rates = faults.map((step) => (step.do === 'clock' ? (step.rate ?? 1) : 1))
    this.#slowestClock = 1 / Math.min(1, ...rates)
  }

  /** A write completed. */
  completed(index: number): void {
    this.#completed.push({ at: this.#facts.now(), index })
  }

  /** The last write that completed, to be waited for. */
  get lastIndex(): number {
    return this.#completed.at(-1)?.index ?? 0
  }

  /** A read was answered at `index` that asked for a state of at most this age, and for what is at `after`. */
  asked(node: NodeId, index: number, staleMs: number, { maxStalenessMs, after = 0 }: Asked): void {
    if (maxStalenessMs !== undefined && staleMs > maxStalenessMs) {
      const told = `${node} answered with ${staleMs} ms, ${maxStalenessMs} ms were asked for`
      this.#facts.broken('reads are as fresh as was asked for', told)
    }
    if (index >= after) return
    const told = `${node} answered at ${index}, which is before ${after}`
    this.#facts.broken('reads come after what they wait for', told)
  }

  /** A local read that began at `at` gave the state at `index` and called it `staleMs` old at most. */
  read(node: NodeId, at: number, index: number, staleMs: number): void {
    const bound = at - staleMs * this.#slowestClock - 1
    for (const write of this.#completed) {
      if (write.at >= bound || write.index <= index) continue
      const told = `${node} read at ${at} without ${write.index}, completed at ${write.at}, and called it ${staleMs} ms old`
      this.#facts.broken('local reads are as fresh as they say', told)
      return
    }
  }
}
