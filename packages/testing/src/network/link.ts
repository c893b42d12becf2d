import type { Random } from '@colony/host'
import { TIES } from '../world/scheduler.ts'
import type { LinkSettings } from './link-settings.ts'

/** Exponential tails are cut here, in multiples of the mean: about one frame in 10^9 would be later. */
const LONGEST_TAIL = 20

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
  /** Place among events of one instant, below 2^32. */
  readonly tie: number
}

/** One directed link: its settings, its own random streams, and what is on it just now. */
export class Link {
  /** The sender. */
  readonly from: string
  /** `a→b`, for traces. */
  readonly label: string
  /** Number that stands for the link in traces. */
  readonly index: number
  /** Frames on the way, or waiting for a paused receiver. */
  inFlight = 0
  /** While true, nothing is delivered. */
  cut = false
  /** What applies just now. */
  settings: LinkSettings
  readonly #random: Random
  readonly #copies: Random

  constructor(from: string, to: string, index: number, random: Random, settings: LinkSettings) {
    this.from = from
    this.label = `${from}→${to}`
    this.index = index
    this.settings = settings
    this.#random = random
    this.#copies = random.fork('copy')
  }

  /**
   * Decides about the next frame. Always the same number of draws, whatever the settings, so that a change of one setting leaves the
   * fate of all later frames as it was in every other respect.
   */
  drawFate(): FrameFate {
    const { loss, duplicate, reorder, reorderMs } = this.settings
    const random = this.#random
    const lost = random.float() < loss
    const delay = this.#latency(random)
    const copied = random.float() < duplicate
    const held = random.float() < reorder
    const heldBack = random.float() * reorderMs * 1000
    const tie = Math.floor(random.float() * TIES)
    return {
      lost,
      held: held && !lost,
      delay: held ? delay + Math.ceil(heldBack) : delay,
      copyDelay: copied && !lost ? this.#latency(this.#copies) : 0,
      tie,
    }
  }

  #latency(random: Random): number {
    const { minLatencyMs, meanLatencyMs } = this.settings
    const tail = Math.min(LONGEST_TAIL, -Math.log(1 - random.float()))
    return Math.max(1, Math.round((minLatencyMs + (meanLatencyMs - minLatencyMs) * tail) * 1000))
  }
}
