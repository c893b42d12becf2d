import type { Clock, FrameHandler, NodeId } from '@colony/host'
import { crc32 } from '@colony/host'

/** A frame as its handler got it. */
export interface ReceivedFrame {
  readonly from: NodeId
  /** The array itself, not a copy: whether it stays as it was is something to check. */
  readonly frame: Uint8Array
  /** Stands for the content at the time of arrival. */
  readonly key: string
}

/** What arrives on one channel of one node, and a way to wait for it. */
export class Inbox {
  /** In the order of arrival. */
  readonly received: ReceivedFrame[] = []
  readonly #keys = new Set<string>()
  readonly #waiting = new Set<() => void>()

  /** For `receive`. */
  readonly handler: FrameHandler = (from, frame) => {
    const key = contentKey(frame)
    this.received.push({ from, frame, key })
    this.#keys.add(key)
    for (const look of this.#waiting) look()
  }

  /** Whether a frame of this content has arrived. */
  has(frame: Uint8Array): boolean {
    return this.#keys.has(contentKey(frame))
  }

  /** Waits until `isOver`, looked at after every arrival; `false` when it did not come true within `ms`. */
  wait(clock: Clock, ms: number, isOver: () => boolean): Promise<boolean> {
    if (isOver()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const end = (isTrue: boolean): void => {
        this.#waiting.delete(look)
        timer[Symbol.dispose]()
        resolve(isTrue)
      }
      const look = (): void => {
        if (isOver()) end(true)
      }
      const timer = clock.after(ms, () => end(false))
      this.#waiting.add(look)
    })
  }
}

/** Equal for equal bytes, and for others practically never. */
export function contentKey(frame: Uint8Array): string {
  return `${frame.length}:${crc32(frame)}`
}
