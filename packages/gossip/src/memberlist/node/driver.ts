/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { Exchange } from '../core/input.ts'
import type { SerfCore, SerfInput, SerfOutputs } from '../serf/serf-core.ts'
import type { SerfCoreEvent } from '../serf/serf-event.ts'
import { checkLabel, type Label } from '../wire/label.ts'
import { encodeMessage } from '../wire/message-writer.ts'
import type { StreamMessage } from '../wire/messages.ts'
import type { Sealing } from '../wire/sealing.ts'
import { type StreamLimits, type StreamProblem, StreamReader } from '../wire/stream-reader.ts'
import { encodeStream } from '../wire/stream-writer.ts'
import type { SerfConnection, SerfTransport } from './transport.ts'

/** Most connections of others at a time, as in every peer. */
const MAX_CONNECTIONS = 128

/** What a driver drives, and on what. */
export interface DriverParts {
  readonly core: SerfCore
  readonly transport: SerfTransport
  readonly clock: Clock
  readonly label: Label
  readonly keys: Sealing | undefined
  readonly limits: StreamLimits
  readonly streamTimeoutMs: number
}

/** What a driver tells. */
export interface DriverListener {
  /** Something happened; may feed the driver. Must not throw. */
  event(event: SerfCoreEvent): void
  /** A seed answered. */
  joined(seed: string): void
  /** This node has left. */
  left(): void
}

/** Drives one core: opens and seals what comes and goes, and carries out what the core asks. */
export class SerfDriver {
  readonly #parts: DriverParts
  readonly #listener: DriverListener
  readonly #inbox: SerfInput[] = []
  readonly #requests = new Map<number, SerfConnection>()
  #stepping = false
  #stopped = false
  #connections = 0
  #nextRequest = 1
  #timer: Disposable | undefined
  #wakeAt = Infinity

  constructor(parts: DriverParts, listener: DriverListener) {
    this.#parts = parts
    this.#listener = listener
  }

  /** Feeds the core no more. */
  stop(): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
  }

  /** Tells the core something. What a listener says while it is told something comes next. */
  feed(input: SerfInput): void {
    this.#inbox.push(input)
    if (this.#stepping) return
    this.#stepping = true
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        if (!this.#stopped) this.#step(next)
      }
    } finally {
      this.#stepping = false
    }
  }

  /** A datagram came. */
  packet(from: string, bytes: Uint8Array): void {
    const { label, keys } = this.#parts
    const at = checkLabel(label, bytes)
    if (typeof at === 'string') {
      this.#count('wrong-label')
      return
    }
    const rest = bytes.subarray(at)
    const plain = keys === undefined ? rest : keys.open(rest, label.bytes)
    if (plain === undefined) this.#count('not-opened')
    else this.feed({ type: 'packet', from, bytes: plain })
  }

  /** Somebody dialled. */
  connection(connection: SerfConnection): void {
    if (this.#connections >= MAX_CONNECTIONS || this.#stopped) {
      connection.destroy()
      this.#count('too-many-connections')
      return
    }
    this.#connections++
    const { clock, streamTimeoutMs, limits, label, keys } = this.#parts
    const timeout = clock.after(streamTimeoutMs, () => connection.destroy())
    const reader = new StreamReader(limits, label, true, keys)
    let isRead = false
    connection.receive(
      (chunk) => {
        if (isRead) return
        const result = reader.push(chunk)
        if (result === 'more') return
        isRead = true
        if (typeof result === 'string') this.#refuse(connection, result)
        else this.#request(connection, result)
      },
      () => {
        this.#connections--
        timeout[Symbol.dispose]()
      },
    )
  }

  #request(connection: SerfConnection, message: StreamMessage): void {
    const id = this.#nextRequest++
    this.#requests.set(id, connection)
    this.feed({ type: 'request', id, message })
  }

  /** Says why, which is what the dialler's operator sees; but not to another cluster. */
  #refuse(connection: SerfConnection, problem: StreamProblem): void {
    this.#count(problem)
    if (problem === 'wrong-label') {
      connection.destroy()
      return
    }
    const { label, keys } = this.#parts
    connection.write(encodeStream(encodeMessage({ type: 'error', text: problem }), label, false, keys))
    connection.end()
  }

  #step(input: SerfInput): void {
    const outputs = this.#parts.core.step(this.#parts.clock.now(), input)
    for (const { to, bytes } of outputs.packets) this.#send(to, bytes)
    // The core may say more before an exchange is settled: its lists are used again, what is in them is not.
    for (const exchange of outputs.exchanges) this.#exchange(exchange)
    this.#reply(outputs, input)
    this.#schedule(outputs.deadline)
    for (const seed of outputs.joined) this.#listener.joined(seed)
    for (const event of outputs.events) this.#listener.event(event)
    if (outputs.left) this.#listener.left()
  }

  #send(to: string, bytes: Uint8Array): void {
    const { label, keys, transport } = this.#parts
    const body = keys === undefined ? bytes : keys.seal(bytes, label.bytes)
    if (label.header.length === 0) {
      transport.send(to, body)
      return
    }
    const labelled = new Uint8Array(label.header.length + body.length)
    labelled.set(label.header)
    labelled.set(body, label.header.length)
    transport.send(to, labelled)
  }

  #exchange({ id, to, bytes, timeoutMs }: Exchange): void {
    const { transport, clock, limits, label, keys } = this.#parts
    const connection = transport.connect(to)
    const reader = new StreamReader(limits, label, false, keys)
    let isSettled = false
    const settle = (message: StreamMessage | undefined): void => {
      if (isSettled) return
      isSettled = true
      timeout[Symbol.dispose]()
      connection.destroy()
      this.feed({ type: 'answer', id, message })
    }
    const timeout = clock.after(timeoutMs, () => clock.afterInput(() => settle(undefined)))
    connection.receive(
      (chunk) => {
        const result = reader.push(chunk)
        if (result === 'more') return
        if (typeof result === 'string') {
          this.#count(result)
          settle(undefined)
        } else {
          settle(result)
        }
      },
      () => settle(undefined),
    )
    connection.write(encodeStream(bytes, label, true, keys))
  }

  #reply(outputs: SerfOutputs, input: SerfInput): void {
    if (input.type !== 'request') return
    const connection = this.#requests.get(input.id)
    this.#requests.delete(input.id)
    const { label, keys } = this.#parts
    for (const { bytes } of outputs.replies) connection?.write(encodeStream(bytes, label, false, keys))
    connection?.end()
  }

  #schedule(deadline: number): void {
    if (this.#stopped || deadline === this.#wakeAt) return
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#wakeAt = deadline
    if (deadline === Infinity) return
    const { clock } = this.#parts
    this.#timer = clock.after(Math.max(0, deadline - clock.now()), () => {
      // What waits in the sockets is read first: an acknowledgement may be among it.
      clock.afterInput(() => {
        this.#wakeAt = Infinity
        this.feed({ type: 'tick' })
      })
    })
  }

  #count(what: string): void {
    this.#parts.core.memberlist.count(what)
  }
}
