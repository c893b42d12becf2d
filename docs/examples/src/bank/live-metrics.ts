import { machineClock } from '@colony/testing/node'
import type { Progress } from './control-messages.ts'
import { quantile, sorted } from './quantile.ts'

/** What is shown while it runs is what happened this recently. */
const WINDOW_MS = 2_000

/** How the load fares just now. */
export interface LiveFigures {
  /** Transfers and linearizable reads a second. */
  readonly opsPerSecond: number
  readonly localPerSecond: number
  /** Of transfers; `NaN` while there are none. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** The oldest local read, by its bound; `NaN` while there are none. */
  readonly stalestMs: number
  /** Since the start. */
  readonly acknowledged: number
  readonly unknown: number
  readonly retries: number
}

interface Sample {
  readonly at: number
  readonly progress: Progress
}

/** Sums up what the clients tell, for the view; the report is made from the records. */
export class LiveMetrics {
  readonly #startedAt = machineClock.now()
  #samples: Sample[] = []
  #acknowledged = 0
  #unknown = 0
  #retries = 0
  #last: LiveFigures | undefined

  /** The load is over: rates and latencies stay what they are now, totals still count. */
  freeze(): void {
    this.#last = this.figures()
  }

  /** Takes what one client process did. */
  add(progress: Progress): void {
    const at = machineClock.now()
    this.#samples.push({ at, progress })
    this.#acknowledged += progress.transferMs.length
    this.#unknown += progress.unknown
    this.#retries += progress.retries
  }

  /** The figures of now. */
  figures(): LiveFigures {
    const totals = { acknowledged: this.#acknowledged, unknown: this.#unknown, retries: this.#retries }
    return { ...(this.#last ?? this.#recentFigures()), ...totals }
  }

  #recentFigures(): Omit<LiveFigures, 'acknowledged' | 'unknown' | 'retries'> {
    const now = machineClock.now()
    this.#samples = this.#samples.filter(({ at }) => now - at < WINDOW_MS)
    const recent = this.#samples.map(({ progress }) => progress)
    const seconds = Math.min(WINDOW_MS, now - this.#startedAt) / 1000
    const transferMs = sorted(recent.flatMap((progress) => progress.transferMs))
    const balances = recent.reduce((sum, { balanceMs }) => sum + balanceMs.length, 0)
    const histories = recent.reduce((sum, progress) => sum + progress.histories, 0)
    const staleMs = recent.flatMap((progress) => progress.staleMs)
    return {
      opsPerSecond: (transferMs.length + balances) / seconds,
      localPerSecond: histories / seconds,
      p50Ms: quantile(transferMs, 0.5),
      p99Ms: quantile(transferMs, 0.99),
      stalestMs: quantile(sorted(staleMs), 1),
    }
  }
}
