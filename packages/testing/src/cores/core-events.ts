import type { Link } from '../network/link.ts'
import type { EventKind, EventOwner } from '../world/event-queue.ts'
import { orderWithin, PHASE_NORMAL, ScheduledEvent } from '../world/event-queue.ts'

/** What takes inputs: one life of a node. */
export interface InputTaker<Input> {
  /** Whose life it is; events of a dead one are discarded. */
  readonly owner: EventOwner
  /** Steps the core. */
  take(input: Input): void
}

/** An input that a node asked for itself, or that a client brought. */
export class InputEvent<Input> extends ScheduledEvent {
  readonly #taker: InputTaker<Input>
  readonly #input: Input

  constructor(time: number, kind: EventKind, taker: InputTaker<Input>, input: Input) {
    super(time, orderWithin(PHASE_NORMAL, taker.owner.drawTie()), taker.owner, kind)
    this.#taker = taker
    this.#input = input
  }

  override run(): void {
    this.#taker.take(this.#input)
  }
}

/** What becomes of messages at the end of their way. */
export interface MessageCarrier<Input> {
  /** It arrived. */
  arrive(message: MessageEvent<Input>): void
  /** Its receiver died. */
  drop(message: MessageEvent<Input>): void
}

/** A message on its way: bound to the life that was the receiver when it left. */
export class MessageEvent<Input> extends ScheduledEvent {
  readonly link: Link
  readonly taker: InputTaker<Input>
  readonly input: Input
  readonly hash: number
  readonly #bytes: number
  readonly #carrier: MessageCarrier<Input>

  constructor(
    time: number,
    tie: number,
    carrier: MessageCarrier<Input>,
    link: Link,
    taker: InputTaker<Input>,
    input: Input,
    hash: number,
    bytes: number,
  ) {
    super(time, orderWithin(PHASE_NORMAL, tie), taker.owner, 'frame')
    this.link = link
    this.taker = taker
    this.input = input
    this.hash = hash
    this.#bytes = bytes
    this.#carrier = carrier
    link.inFlight += 1
    link.bytesInFlight += bytes
  }

  override run(): void {
    this.#leave()
    this.#carrier.arrive(this)
  }

  override discard(): void {
    this.#leave()
    this.#carrier.drop(this)
  }

  #leave(): void {
    this.link.inFlight -= 1
    this.link.bytesInFlight -= this.#bytes
  }
}
