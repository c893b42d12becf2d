import type { Channel } from '@colony/host'
import { orderWithin, PHASE_NORMAL, ScheduledEvent } from '../world/event-queue.ts'
import type { Link } from './link.ts'
import type { SimulatedTransport } from './simulated-transport.ts'

/** What becomes of frames at the end of their way. */
export interface FrameCarrier {
  /** It arrived. */
  arrive(frame: FrameEvent): void
  /** Its receiver died. */
  drop(frame: FrameEvent): void
}

/** A frame on its way: bound to the incarnation that was the receiver when it was sent. */
export class FrameEvent extends ScheduledEvent {
  readonly link: Link
  readonly target: SimulatedTransport
  readonly channel: Channel
  readonly frame: Uint8Array
  /** Hash of the bytes when they were sent. */
  readonly hash: number
  readonly #carrier: FrameCarrier

  constructor(
    time: number,
    tie: number,
    carrier: FrameCarrier,
    link: Link,
    target: SimulatedTransport,
    channel: Channel,
    frame: Uint8Array,
    hash: number,
  ) {
    super(time, orderWithin(PHASE_NORMAL, tie), target.owner, 'frame')
    this.#carrier = carrier
    this.link = link
    this.target = target
    this.channel = channel
    this.frame = frame
    this.hash = hash
    link.inFlight += 1
  }

  override run(): void {
    this.link.inFlight -= 1
    this.#carrier.arrive(this)
  }

  override discard(): void {
    this.link.inFlight -= 1
    this.#carrier.drop(this)
  }
}
