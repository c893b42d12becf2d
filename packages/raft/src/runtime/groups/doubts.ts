/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, NodeId } from '@colony/host'
import type { NodeEvent } from './shared-node.ts'

/** Groups that are told at a time. Each of them then asks its leader, is answered, and goes quiet again: about ten messages. */
const AT_ONCE = 32

/** Somebody who hears of other nodes. */
export type Watcher = (event: NodeEvent) => void

/**
 * Tells groups that their leader may have left them, a few at a time. It is true of one group of thousands, and that one was told by its leader, unless
 * the message was lost. Were all woken at once, the messages with which they make sure would hold up the heartbeats of those that are awake: these would lose their
 * leaders, and others doubt theirs.
 */
export class Doubts {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #watchers: ReadonlySet<Watcher>
  /** Who is still to be told about which node, those first that have waited longest. */
  readonly #waiting = new Map<NodeId, Watcher[]>()
  /** Nodes that gave reason to doubt again meanwhile: whoever was told before has to ask once more. */
  readonly #again = new Set<NodeId>()
  #timer: Disposable | undefined
  #stopped = false

  constructor(clock: Clock, intervalMs: number, watchers: ReadonlySet<Watcher>) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#watchers = watchers
  }

  /** A node gives reason to doubt that it leads whom it led. */
  raise(peer: NodeId): void {
    if (this.#waiting.has(peer)) this.#again.add(peer)
    else this.#waiting.set(peer, [...this.#watchers])
    if (this.#timer === undefined) this.#tellSome()
  }

  /** Tells nobody any more. */
  stop(): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
  }

  #tellSome(): void {
    let left = AT_ONCE
    for (const [peer, waiting] of this.#waiting) {
      const told = waiting.splice(0, left)
      left -= told.length
      if (waiting.length === 0) this.#end(peer)
      for (const tell of told) if (this.#watchers.has(tell)) tell({ type: 'doubtful', peer })
      if (left === 0) break
    }
    if (this.#waiting.size === 0 || this.#stopped) return
    this.#timer = this.#clock.after(this.#intervalMs, () => {
      this.#timer = undefined
      this.#tellSome()
    })
  }

  #end(peer: NodeId): void {
    this.#waiting.delete(peer)
    if (this.#again.delete(peer)) this.#waiting.set(peer, [...this.#watchers])
  }
}
