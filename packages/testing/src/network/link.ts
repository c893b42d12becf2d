import type { Random } from '@colony/host'
import { avalanche } from '../trace/trace-hash.ts'
import { TIES } from '../world/event-queue.ts'
import { latencyOf } from './latency.ts'
import type { LinkSettings } from './link-settings.ts'

/** So many values a draw can have. */
const DRAWS = 0x1_0000_0000

/** What is taken from one draw: constants with well spread bits (the fractions of the square roots of primes) tell the parts apart. */
const [LOSS, DELAY, COPY, HOLD, HELD_BACK, TIE] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
] as const

/** How long a sender of a stream waits before it sends again what was lost, in microseconds. */
const RETRANSMISSION = 200_000

/** A stream that was in vain so often in a row is given up: its connection breaks. */
const RETRANSMISSIONS = 15

/** Frames that can be replayed: the last of a link. */
const REMEMBERED = 32

/** What chance decides for one frame. */
export interface FrameFate {
  /** Not to arrive at all. */
  readonly lost: boolean
  /** Held back so that others overtake it. */
  readonly held: boolean
  /** One-way delay in whole microseconds, at least 1. */
  readonly delay: number
  /** Delay of a second copy, or 0. */
  readonly copyDelay: number
  /** Place among events of one instant, below {@link TIES}. */
  readonly tie: number
}

/** When a frame of a stream arrives. */
export interface StreamArrival {
  /** In microseconds. */
  readonly time: number
  /** Place among events of one instant, below {@link TIES}. */
  readonly tie: number
}

/** An old frame that comes again. */
export interface Replay {
  /** As it was given to {@link Link.drawReplay}. */
  readonly frame: unknown
  /** Microseconds from now. */
  readonly delay: number
  /** Place among events of one instant, below {@link TIES}. */
  readonly tie: number
}

/** One directed link: its settings, its own random streams, and what is on it just now. */
export class Link {
  /** The sender. */
  readonly from: string
  /** The receiver. */
  readonly to: string
  /** `a→b`, for traces. */
  readonly label: string
  /** Number that stands for the link in traces. */
  readonly index: number
  /** Frames on the way, or waiting for a paused receiver. */
  inFlight = 0
  /** Their bytes. */
  bytesInFlight = 0
  /** While true, nothing is delivered. */
  cut = false
  /** What applies just now. */
  settings: LinkSettings
  readonly #random: Random
  readonly #copies: Random
  readonly #replays: Random
  // Made when it is first needed: most links of a large world never stream.
  #streams: Random | undefined
  /** When the last frame of the stream arrives, in microseconds. */
  #streamedUntil = 0
  /** Until when the frames that were handed over keep the wire busy, in microseconds. */
  #busyUntil = 0
  /** A ring: the oldest is overwritten. */
  #past: unknown[] = []
  #oldest = 0

  constructor(from: string, to: string, index: number, random: Random, settings: LinkSettings) {
    this.from = from
    this.to = to
    this.label = `${from}→${to}`
    this.index = index
    this.settings = settings
    this.#random = random
    this.#copies = random.fork('copy')
    this.#replays = random.fork('replay')
  }

  /** Whether there is room for a frame of so many bytes. */
  takes(bytes: number): boolean {
    if (this.inFlight >= this.settings.maxInFlight) return false
    return this.inFlight === 0 || this.bytesInFlight + bytes <= this.settings.queueBytes
  }

  /** Puts a frame on the wire behind all others; returns in how many microseconds from `now` its last byte has left. */
  transmit(now: number, bytes: number): number {
    const { bytesPerSecond } = this.settings
    if (bytesPerSecond === 0) return 0
    this.#busyUntil = Math.max(now, this.#busyUntil) + Math.ceil((bytes * 1e6) / bytesPerSecond)
    return this.#busyUntil - now
  }

  /**
   * Decides about the next frame. One draw for each, whatever the settings, and everything else is a hash of it: so a change of one setting leaves the
   * fate of all later frames as it was in every other respect, and what is switched off costs nothing.
   */
  drawFate(): FrameFate {
    const { settings } = this
    const drawn = this.#random.float() * DRAWS
    const lost = settings.loss > 0 && part(drawn, LOSS) < settings.loss
    const delay = latencyOf(settings, part(drawn, DELAY))
    const copied = settings.duplicate > 0 && part(drawn, COPY) < settings.duplicate
    const held = settings.reorder > 0 && part(drawn, HOLD) < settings.reorder
    return {
      lost,
      held: held && !lost,
      delay: held ? delay + Math.ceil(part(drawn, HELD_BACK) * settings.reorderMs * 1000) : delay,
      copyDelay: copied && !lost ? latencyOf(settings, this.#copies.float()) : 0,
      tie: Math.floor(part(drawn, TIE) * TIES),
    }
  }

  /** Decides when the next frame of the stream, sent at `now`, arrives: after all earlier ones. `undefined` when its connection breaks. */
  stream(now: number, bytes: number): StreamArrival | undefined {
    const { settings } = this
    const random = (this.#streams ??= this.#random.fork('stream'))
    const queued = this.transmit(now, bytes)
    let delay = latencyOf(settings, random.float())
    let attempts = 0
    while (settings.loss > 0 && random.float() < settings.loss) {
      if (attempts === RETRANSMISSIONS) return undefined
      delay += RETRANSMISSION
      attempts += 1
    }
    this.#streamedUntil = Math.max(this.#streamedUntil + 1, now + queued + delay)
    return { time: this.#streamedUntil, tie: Math.floor(random.float() * TIES) }
  }

  /** While frames are replayed: keeps `frame` in mind, and says which old one comes again now, if any. */
  drawReplay(frame: unknown): Replay | undefined {
    const { settings } = this
    if (settings.replay === 0) {
      if (this.#past.length > 0) this.#forgetPast()
      return undefined
    }
    const random = this.#replays
    const happens = random.float() < settings.replay
    const past = this.#past
    const drawn = this.#oldest + Math.floor(random.float() * past.length)
    const old = past[drawn < past.length ? drawn : drawn - past.length]
    const delay = latencyOf(settings, random.float())
    const tie = Math.floor(random.float() * TIES)
    this.#remember(frame)
    return happens && old !== undefined ? { frame: old, delay, tie } : undefined
  }

  #remember(frame: unknown): void {
    if (this.#past.length < REMEMBERED) {
      this.#past.push(frame)
      return
    }
    this.#past[this.#oldest] = frame
    this.#oldest = (this.#oldest + 1) % REMEMBERED
  }

  #forgetPast(): void {
    this.#past = []
    this.#oldest = 0
  }
}

/** One of several independent numbers from 0 to below 1 that one draw stands for. */
function part(drawn: number, which: number): number {
  return (avalanche(drawn ^ which) >>> 0) / DRAWS
}
