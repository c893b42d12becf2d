import type { Channel, FramePath } from '@colony/host'
import { orderWithin, PHASE_NORMAL, ScheduledEvent } from '../world/event-queue.ts'
import type { Link } from './link.ts'
import type { SimulatedTransport } from './simulated-transport.ts'

/** What was sent, whatever becomes of it. */
export interface Frame {
  /** Counts the frames of a network, from 1. */
  readonly number: number
  readonly link: Link
  readonly channel: Channel
  readonly bytes: Uint8Array
  /** Alone, or over a connection. */
  readonly path: FramePath
  /** Hash of the bytes when they were sent. */
  readonly hash: number
}

/** What becomes of frames at the end of their way. */
export interface FrameCarrier {
  /** It arrived. */
  arrive(frame: Frame, target: SimulatedTransport): void
  /** Its receiver died. */
  drop(frame: Frame): void
}

/** A frame on its way: bound to the incarnation that was the receiver when it left. */
export class FrameEvent extends ScheduledEvent {
  readonly #frame: Frame
  readonly #target: SimulatedTransport
  readonly #carrier: FrameCarrier

  constructor(time: number, tie: number, carrier: FrameCarrier, frame: Frame, target: SimulatedTransport) {
    super(time, orderWithin(PHASE_NORMAL, tie), target.owner, 'frame')
    this.#carrier = carrier
    this.#frame = frame
    this.#target = target
    frame.link.inFlight += 1
    frame.link.bytesInFlight += frame.bytes.length
  }

  override run(): void {
    this.#leave()
    this.#carrier.arrive(this.#frame, this.#target)
  }

  override discard(): void {
    this.#leave()
    this.#carrier.drop(this.#frame)
  }

  #leave(): void {
    const { link, bytes } = this.#frame
    link.inFlight -= 1
    link.bytesInFlight -= bytes.length
  }
}
