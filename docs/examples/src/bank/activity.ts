import type { Progress } from './control-messages.ts'

/** What the tellers of a process did since it was last told: counted here, sent as {@link Progress}. */
export class Activity {
  transferMs: number[] = []
  balanceMs: number[] = []
  staleMs: number[] = []
  histories = 0
  unknown = 0

  /** Everything since the last call. */
  take(retries: number): Progress {
    const { transferMs, balanceMs, staleMs, histories, unknown } = this
    this.transferMs = []
    this.balanceMs = []
    this.staleMs = []
    this.histories = 0
    this.unknown = 0
    return { type: 'progress', transferMs, balanceMs, staleMs, histories, unknown, retries }
  }
}
