/** What a full bucket holds, in seconds of the rate: how long a node that was silent may be louder than its rate. */
const BURST_SECONDS = 1
/** How far it may be overdrawn by default, in seconds of the rate: bounded, so that gossip is late by no more than that after a storm of probes. */
const OVERDRAFT_SECONDS = 1

/**
 * A node's cap on what it sends: so many bytes a second on average. Everything is charged; probes and acknowledgements are never kept waiting, because
 * a silent prober is taken for dead, so they may overdraw it, and what can wait (gossip, catching up) does.
 */
export class TokenBucket {
  readonly #rate: number
  readonly #overdraft: number
  readonly #clock: { readonly now: number }
  #tokens: number
  #at: number

  /**
   * `bytesPerSecond` may be `Infinity`: no cap. `overdraftSeconds`: how much of what was overdrawn is remembered; who sends single messages that are larger than the rate
   * passes `Infinity`, so that the average holds.
   */
  constructor(
    bytesPerSecond: number,
    clock: { readonly now: number },
    overdraftSeconds: number = OVERDRAFT_SECONDS,
  ) {
    this.#rate = bytesPerSecond
    this.#overdraft = -bytesPerSecond * overdraftSeconds
    this.#clock = clock
    this.#tokens = bytesPerSecond * BURST_SECONDS
    this.#at = clock.now
  }

  /** Bytes that may be sent now by what can wait; 0 or more. */
  get available(): number {
    if (this.#rate === Infinity) return Infinity
    this.#refill()
    return Math.max(0, this.#tokens)
  }

  /** Takes what was sent. */
  charge(bytes: number): void {
    if (this.#rate === Infinity) return
    this.#refill()
    this.#tokens = Math.max(this.#overdraft, this.#tokens - bytes)
  }

  /** When `bytes` will be available: now or later. More than the bucket holds is there as soon as it is full. */
  readyAt(bytes: number): number {
    if (this.#rate === Infinity) return this.#clock.now
    this.#refill()
    const missing = Math.min(bytes, this.#rate * BURST_SECONDS) - this.#tokens
    return missing <= 0 ? this.#clock.now : this.#clock.now + (missing / this.#rate) * 1000
  }

  #refill(): void {
    const now = this.#clock.now
    if (now <= this.#at) return
    const earned = ((now - this.#at) / 1000) * this.#rate
    this.#tokens = Math.min(this.#rate * BURST_SECONDS, this.#tokens + earned)
    this.#at = now
  }
}
