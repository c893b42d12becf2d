import type { NodeId } from '@colony/host'
import type { Timeline, TimelineEvent } from './timeline.ts'

/** Keeps the last events of a run for pictures. There is none where nobody asked for a timeline, so that it costs nothing then. */
export class TimelineRecorder {
  readonly #capacity: number
  readonly #ring: TimelineEvent[] = []
  #next = 0
  #forgotten = 0

  /** Keeps `capacity` events, at least one. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Takes in one event; the oldest is forgotten when there are too many. */
  add(event: TimelineEvent): void {
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(event)
      return
    }
    this.#ring[this.#next] = event
    this.#next = (this.#next + 1) % this.#capacity
    this.#forgotten += 1
  }

  /** What is kept, as a picture is drawn from it. */
  timeline(nodes: readonly NodeId[], endMs: number): Timeline {
    const events = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)]
    return { nodes, events, endMs, forgotten: this.#forgotten }
  }
}
