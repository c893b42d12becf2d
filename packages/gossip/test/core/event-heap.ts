import type { NodeId } from '@colony/host'
import type { Path } from '../../src/core/component.ts'

/** A packet that arrives, or without bytes a wake-up. */
export interface HeapEvent<Node> {
  readonly at: number
  readonly node: Node
  readonly from: NodeId
  readonly bytes: Uint8Array | undefined
  readonly path: Path
}

/** Events by time; those of the same time in the order in which they were put in. A binary heap. */
export class EventHeap<Node> {
  readonly #events: HeapEvent<Node>[] = []
  readonly #orders: number[] = []
  #order = 0

  get size(): number {
    return this.#events.length
  }

  get earliest(): number {
    return this.#events[0]!.at
  }

  push(event: HeapEvent<Node>): void {
    let place = this.#events.length
    const order = this.#order++
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = this.#events[parent]!
      if (above.at <= event.at) break
      this.#events[place] = above
      this.#orders[place] = this.#orders[parent]!
      place = parent
    }
    this.#events[place] = event
    this.#orders[place] = order
  }

  pop(): HeapEvent<Node> {
    const first = this.#events[0]!
    const last = this.#events.pop()!
    const order = this.#orders.pop()!
    if (this.#events.length > 0) this.#sink(last, order)
    return first
  }

  #sink(event: HeapEvent<Node>, order: number): void {
    const size = this.#events.length
    let place = 0
    for (let child = 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && this.#before(child + 1, this.#events[child]!.at, this.#orders[child]!)) child++
      if (!this.#before(child, event.at, order)) break
      this.#events[place] = this.#events[child]!
      this.#orders[place] = this.#orders[child]!
      place = child
    }
    this.#events[place] = event
    this.#orders[place] = order
  }

  #before(place: number, at: number, order: number): boolean {
    const own = this.#events[place]!.at
    return own < at || (own === at && this.#orders[place]! < order)
  }
}
