import type { NodeId, Transport } from '@colony/host'
import { encodeGroupsFrame, GROUPS_CHANNEL, type GroupMessage } from './groups-frame.ts'

/** A frame is sent when it has so many bytes, however much more there is. */
const FULL_BYTES = 64 * 1024
/** A message of so many bytes gains nothing from company, and its sender wants to know whether it left. */
const LARGE_BYTES = 16 * 1024

/** Its `then` does what `queueMicrotask` does. */
const SETTLED = Promise.resolve()

/** What every frame says of this node. */
export interface NodeSigns {
  readonly life: number
  readonly era: number
}

/** What waits for one node. */
interface Box {
  messages: GroupMessage[]
  bytes: number
}

/** Gathers what all groups have to say to a node in one turn of the event loop, and sends it as one frame. */
export class Outbox {
  readonly #transport: Transport
  readonly #signs: NodeSigns
  readonly #sent: (to: NodeId) => void
  readonly #boxes = new Map<NodeId, Box>()
  #isFlushDue = false
  readonly #flush = (): void => this.flush()
  /** Frames sent, and the messages of groups in them. */
  frames = 0
  messages = 0

  /** `sent` is told of every node that a frame goes to. */
  constructor(transport: Transport, signs: NodeSigns, sent: (to: NodeId) => void) {
    this.#transport = transport
    this.#signs = signs
    this.#sent = sent
  }

  /** Takes a group's message. False only when it is known already that it won't leave. */
  add(to: NodeId, group: string, frame: Uint8Array): boolean {
    if (frame.length >= LARGE_BYTES) {
      this.#flushBox(to)
      return this.send(to, [{ group, frame }])
    }
    let box = this.#boxes.get(to)
    if (box === undefined) this.#boxes.set(to, (box = { messages: [], bytes: 0 }))
    box.messages.push({ group, frame })
    box.bytes += frame.length
    if (box.bytes >= FULL_BYTES) this.#flushBox(to)
    else if (!this.#isFlushDue) {
      this.#isFlushDue = true
      // After the turns of the other groups that the same callback woke.
      void SETTLED.then(this.#flush)
    }
    return true
  }

  /** Sends everything that waits. */
  flush(): void {
    this.#isFlushDue = false
    for (const to of this.#boxes.keys()) this.#flushBox(to)
  }

  #flushBox(to: NodeId): void {
    const box = this.#boxes.get(to)
    if (box === undefined || box.messages.length === 0) return
    const { messages } = box
    box.messages = []
    box.bytes = 0
    this.send(to, messages)
  }

  /** Sends a frame at once; without messages, it says no more than that this node is there. */
  send(to: NodeId, messages: readonly GroupMessage[]): boolean {
    const { life, era } = this.#signs
    this.#sent(to)
    this.frames++
    this.messages += messages.length
    return this.#transport.send(to, GROUPS_CHANNEL, encodeGroupsFrame({ life, era, messages }))
  }

  /** Forgets a node. */
  forget(to: NodeId): void {
    this.#boxes.delete(to)
  }
}
