import type { Socket } from 'node:net'

/** What all flows of one direction of a proxy have in common just now. */
export interface FlowControl {
  /** Whether nothing passes. */
  readonly isCut: boolean
  /** How long the next chunk takes, in milliseconds; 0 to pass it on at once. */
  delayOf(bytes: number): number
  /** Counts what was passed on. */
  passed(bytes: number): void
}

interface Chunk {
  readonly bytes: Uint8Array
  readonly due: number
}

/** Held at most; beyond it the source is not read, so that its sender comes to feel it, as it would on a long wire. */
const MOST_HELD_BYTES = 4 * 1024 * 1024

/**
 * Passes bytes from one socket to another, in order, as late as its direction says, and not at all while that is cut. What is held back comes later: TCP
 * repairs every loss, so on a connection that survives, bytes are late or nothing.
 */
export class ByteFlow {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #control: FlowControl
  readonly #queue: Chunk[] = []
  #heldBytes = 0
  #isSinkFull = false
  #hasEnded = false
  #timer: NodeJS.Timeout | undefined

  constructor(source: Socket, sink: Socket, control: FlowControl) {
    this.#source = source
    this.#sink = sink
    this.#control = control
    source.on('data', (bytes) => this.#take(bytes))
    source.on('end', () => {
      this.#hasEnded = true
      this.#passOn()
    })
    sink.on('drain', () => {
      this.#isSinkFull = false
      this.#passOn()
    })
    this.update()
  }

  /** Looks again at what its direction says. */
  update(): void {
    this.#passOn()
    this.#throttle()
  }

  /** Drops what it holds. */
  close(): void {
    clearTimeout(this.#timer)
    this.#queue.length = 0
  }

  #take(bytes: Uint8Array): void {
    // One that would be early waits for those before it: the queue keeps the order.
    this.#queue.push({ bytes, due: performance.now() + this.#control.delayOf(bytes.length) })
    this.#heldBytes += bytes.length
    this.#passOn()
    this.#throttle()
  }

  #passOn(): void {
    clearTimeout(this.#timer)
    if (this.#control.isCut || this.#sink.destroyed) return
    const now = performance.now()
    while (!this.#isSinkFull) {
      const [first] = this.#queue
      if (first === undefined) break
      if (first.due > now) {
        this.#timer = setTimeout(() => this.#passOn(), first.due - now)
        break
      }
      this.#queue.shift()
      this.#heldBytes -= first.bytes.length
      this.#control.passed(first.bytes.length)
      this.#isSinkFull = !this.#sink.write(first.bytes)
    }
    if (this.#hasEnded && this.#queue.length === 0) this.#sink.end()
    this.#throttle()
  }

  #throttle(): void {
    const isHeldUp = this.#control.isCut || this.#heldBytes > MOST_HELD_BYTES
    if (isHeldUp && !this.#source.isPaused()) this.#source.pause()
    else if (!isHeldUp && this.#source.isPaused()) this.#source.resume()
  }
}
