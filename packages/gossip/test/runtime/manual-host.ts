import {
  AddressBook,
  createRandom,
  type Channel,
  type Clock,
  type FrameHandler,
  type FramePath,
  type Host,
  type NodeId,
  type ObservedEvent,
  type Transport,
} from '@colony/host'

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Time that passes when a test says so, and an inbox that is read when it says so. */
export class ManualClock implements Clock {
  time = 1000
  readonly #timers = new Set<Timer>()
  #afterInput: (() => void)[] = []

  now(): number {
    return this.time
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.time + delayMs, task }
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) }
  }

  afterInput(task: () => void): void {
    this.#afterInput.push(task)
  }

  /** When the timers ring. */
  get alarms(): number[] {
    return [...this.#timers].map(({ at }) => at).sort((one, other) => one - other)
  }

  /** Lets time pass, all at once, as for a process that was stopped; rings what is due, and leaves the inbox unread. */
  pass(ms: number): void {
    this.time += ms
    const due = [...this.#timers].filter(({ at }) => at <= this.time).sort((one, other) => one.at - other.at)
    for (const timer of due) if (this.#timers.delete(timer)) timer.task()
  }

  /** The inbox has been read. */
  readInput(): void {
    const tasks = this.#afterInput
    this.#afterInput = []
    for (const task of tasks) task()
  }

  /** Lets time pass as on a machine with time to spare. */
  run(ms: number): void {
    const end = this.time + ms
    for (let next = this.alarms[0]; next !== undefined && next <= end; next = this.alarms[0]) {
      this.pass(Math.max(0, next - this.time))
      this.readInput()
    }
    this.time = end
    this.readInput()
  }
}

/** One frame that was sent. */
export interface Sent {
  readonly way: 'send' | 'stream' | 'contact'
  readonly to: string
  readonly frame: Uint8Array
}

/** A transport that records what is sent and delivers what a test says. */
export class ManualTransport implements Transport {
  readonly capabilities = { ordered: false, reliable: false, maxFrameBytes: 65_536 }
  readonly sent: Sent[] = []
  taken = true
  opened = false
  closed = false
  handler: FrameHandler | undefined
  peerClosed: ((peer: NodeId) => void) | undefined

  open(): Promise<void> {
    this.opened = true
    return Promise.resolve()
  }

  send(to: NodeId, _channel: Channel, frame: Uint8Array): boolean {
    this.sent.push({ way: 'send', to, frame })
    return this.taken
  }

  stream(to: NodeId, _channel: Channel, frame: Uint8Array): boolean {
    this.sent.push({ way: 'stream', to, frame })
    return this.taken
  }

  contact(address: string, _channel: Channel, frame: Uint8Array): boolean {
    this.sent.push({ way: 'contact', to: address, frame })
    return this.taken
  }

  receive(_channel: Channel, handler: FrameHandler): Disposable {
    this.handler = handler
    return { [Symbol.dispose]: () => void (this.handler = undefined) }
  }

  onPeerClosed(handler: (peer: NodeId) => void): Disposable {
    this.peerClosed = handler
    return { [Symbol.dispose]: () => void (this.peerClosed = undefined) }
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }

  /** A frame arrives. */
  deliver(from: NodeId, frame: Uint8Array, path?: FramePath): void {
    this.handler?.(from, frame, path)
  }
}

/** A host of these. */
export class ManualHost implements Host {
  readonly clusterId = 'test'
  readonly clock = new ManualClock()
  readonly random = createRandom(1)
  readonly transport = new ManualTransport()
  readonly addresses = new AddressBook()
  readonly observed: ObservedEvent[] = []
  leases = 0
  readonly observer = (event: ObservedEvent): void => void this.observed.push(event)

  open(): Promise<AsyncDisposable> {
    this.leases += 1
    return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(void (this.leases -= 1)) })
  }
}
