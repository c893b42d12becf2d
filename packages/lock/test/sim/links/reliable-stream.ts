import type { Clock } from '@colony/host'

/** One packet of a stream: a number and a body, or only what was received so far. */
export interface StreamPacket {
  /** Number of this body, from 1 on; absent in a bare acknowledgement. */
  readonly n?: number
  readonly body?: unknown
  /** All numbers up to here have arrived at the sender of this packet. */
  readonly upTo: number
}

/** How long an acknowledgement may take before a body is sent again, in milliseconds; doubled each time, up to the longest, as TCP does. */
const FIRST_RETRY_MS = 60
const LONGEST_RETRY_MS = 1000

/**
 * One end of a connection such as TCP's: what is sent arrives in order and once, as late as it may be. On a link that is dead nothing arrives, and nobody is told; what waits arrives
 * when the link works again.
 */
export class ReliableStream {
  readonly #clock: Clock
  readonly #emit: (packet: StreamPacket) => void
  readonly #deliver: (body: unknown) => void
  readonly #unacknowledged = new Map<number, unknown>()
  readonly #early = new Map<number, unknown>()
  #lastSent = 0
  #received = 0
  #retryMs = FIRST_RETRY_MS
  #retry: Disposable | undefined
  #isOpen = true

  constructor(clock: Clock, emit: (packet: StreamPacket) => void, deliver: (body: unknown) => void) {
    this.#clock = clock
    this.#emit = emit
    this.#deliver = deliver
  }

  send(body: unknown): void {
    if (!this.#isOpen) return
    const n = (this.#lastSent += 1)
    this.#unacknowledged.set(n, body)
    this.#emit({ n, body, upTo: this.#received })
    this.#retryLater()
  }

  receive({ n, body, upTo }: StreamPacket): void {
    if (!this.#isOpen) return
    this.#acknowledged(upTo)
    if (n === undefined) return
    if (n > this.#received) this.#early.set(n, body)
    const ready: unknown[] = []
    while (this.#early.has(this.#received + 1)) {
      this.#received += 1
      ready.push(this.#early.get(this.#received))
      this.#early.delete(this.#received)
    }
    this.#emit({ upTo: this.#received })
    for (const each of ready) if (this.#isOpen) this.#deliver(each)
  }

  close(): void {
    this.#isOpen = false
    this.#retry?.[Symbol.dispose]()
  }

  #acknowledged(upTo: number): void {
    const before = this.#unacknowledged.size
    for (const n of this.#unacknowledged.keys()) if (n <= upTo) this.#unacknowledged.delete(n)
    if (this.#unacknowledged.size < before) this.#retryMs = FIRST_RETRY_MS
  }

  #retryLater(): void {
    this.#retry ??= this.#clock.after(this.#retryMs, () => {
      this.#retry = undefined
      if (this.#unacknowledged.size === 0) return
      this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS)
      for (const [n, body] of this.#unacknowledged) this.#emit({ n, body, upTo: this.#received })
      this.#retryLater()
    })
  }
}
