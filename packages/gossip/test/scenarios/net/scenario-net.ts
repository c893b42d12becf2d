import { createRandom, type NodeId, type Random } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { CoreInput, CoreOutputs, CoreSend } from '../../../src/core/input.ts'
import { EventHeap, type Timed } from './event-heap.ts'
import { ScenarioNode } from './scenario-node.ts'

/** What is stepped. */
export interface StepCore {
  step(now: number, input: CoreInput): CoreOutputs
}

/** How to make a {@link ScenarioNet}. */
export interface ScenarioNetOptions<Core extends StepCore> {
  readonly seed: number | string
  /** Makes the core of a node's next life: the first is 1. */
  readonly start: (about: {
    readonly id: NodeId
    readonly life: number
    readonly now: number
    readonly random: Random
  }) => Core
  /** Told everything that any core tells. */
  readonly onEvent?: (node: ScenarioNode<Core>, event: CoreEvent, at: number) => void
  /** Most bytes of a datagram: a longer one fails the scenario. */
  readonly packetBytes?: number
}

/** What was sent. */
export interface Traffic {
  datagrams: number
  bytes: number
  streams: number
  streamBytes: number
}

interface NetEvent<Core extends StepCore> extends Timed {
  readonly kind: 'packet' | 'wake' | 'task'
  readonly node?: ScenarioNode<Core>
  readonly life?: number
  readonly input?: CoreInput
  readonly from?: NodeId
  readonly task?: () => void
}

/** One-way delay on a local network: at least this, and exponentially more. */
const LEAST_LATENCY_MS = 0.5
const MEAN_LATENCY_MS = 1.5
/** A lost segment of a stream is sent again after so long. */
const RETRANSMIT_MS = 200

/**
 * Many cores on one time line, for scenarios with up to thousands of nodes: datagrams that are lost, streams that are only late, links that are cut, processes that die or stand still, and nothing
 * that costs memory for each pair of nodes. The same seed gives the same run.
 */
export class ScenarioNet<Core extends StepCore> {
  now = 0
  readonly nodes: ScenarioNode<Core>[] = []
  readonly traffic: Traffic = { datagrams: 0, bytes: 0, streams: 0, streamBytes: 0 }
  /** Probability that a datagram is lost, or a segment of a stream has to be sent again. */
  loss: (from: NodeId, to: NodeId) => number = () => 0
  /** Whether nothing passes from one node to another. */
  cut: (from: NodeId, to: NodeId) => boolean = () => false
  readonly #options: ScenarioNetOptions<Core>
  readonly #random: Random
  readonly #weather: Random
  readonly #byId = new Map<NodeId, ScenarioNode<Core>>()
  readonly #events = new EventHeap<NetEvent<Core>>()
  #order = 0

  constructor(options: ScenarioNetOptions<Core>) {
    this.#options = options
    this.#random = createRandom(options.seed, 'scenario')
    this.#weather = this.#random.fork('weather')
  }

  /** Starts a node that was never there. */
  add(id: NodeId): ScenarioNode<Core> {
    const node = new ScenarioNode<Core>(id, this.nodes.length)
    this.nodes.push(node)
    this.#byId.set(id, node)
    this.restart(node)
    return node
  }

  /** A node by its id. */
  node(id: NodeId): ScenarioNode<Core> {
    const node = this.#byId.get(id)
    if (node === undefined) throw new Error(`there is no node ${id}`)
    return node
  }

  /** The nodes that live. */
  get living(): readonly ScenarioNode<Core>[] {
    return this.nodes.filter(({ up }) => up)
  }

  /** The process dies. */
  crash(node: ScenarioNode<Core>): void {
    node.end()
  }

  /** The next life of a node; ends the present one. */
  restart(node: ScenarioNode<Core>): void {
    node.end()
    const life = node.life + 1
    const random = this.#random.fork(`${node.id} ${life}`)
    node.begin(this.#options.start({ id: node.id, life, now: this.now, random }))
    this.input(node, { type: 'tick' })
  }

  /** The process stands still for so long; then it is told so, reads its inbox, and only then looks at its deadlines. */
  pause(node: ScenarioNode<Core>, forMs: number): void {
    if (!node.up || node.held !== undefined) return
    node.held = { kind: 'pause', since: this.now, inbox: [], outbox: [] }
    const { life } = node
    this.schedule(forMs, () => {
      if (node.life === life) this.#resume(node)
    })
  }

  /** Messages wait before they are read and before they are sent for so long, while timers go on: the anomaly of Lifeguard's experiments (section V). */
  block(node: ScenarioNode<Core>, forMs: number): void {
    if (!node.up || node.held !== undefined) return
    node.held = { kind: 'block', since: this.now, inbox: [], outbox: [] }
    const { life } = node
    this.schedule(forMs, () => {
      if (node.life === life) this.#resume(node)
    })
  }

  /** Gives a node an input now. */
  input(node: ScenarioNode<Core>, input: CoreInput): void {
    if (!node.up) return
    if (node.held?.kind === 'pause') node.held.inbox.push(input)
    else this.#step(node, input)
  }

  /** Calls `task` after so many milliseconds. */
  schedule(delayMs: number, task: () => void): void {
    this.#add({ at: this.now + delayMs, order: 0, kind: 'task', task })
  }

  /** Lets time pass. */
  run(ms: number): void {
    const end = this.now + ms
    while (this.#events.next <= end) this.#runNext()
    this.now = end
  }

  /** Lets time pass until something holds, looked at every so often. How long it took; fails when it took longer than `withinMs`. */
  runUntil(what: string, holds: () => boolean, withinMs: number, everyMs = 50): number {
    const start = this.now
    while (!holds()) {
      if (this.now - start >= withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
      this.run(everyMs)
    }
    return this.now - start
  }

  #runNext(): void {
    const event = this.#events.pop()
    if (event === undefined) return
    this.now = event.at
    const { node } = event
    if (event.kind === 'task') return event.task?.()
    if (node === undefined || !node.up || node.life !== event.life) return
    if (event.kind === 'wake') this.#wake(node, event.at)
    else if (event.input !== undefined && !this.cut(event.from ?? '', node.id)) {
      if (node.held === undefined) this.#step(node, event.input)
      else node.held.inbox.push(event.input)
    }
  }

  #wake(node: ScenarioNode<Core>, at: number): void {
    if (node.wakesAt !== at) return
    node.wakesAt = Infinity
    if (node.held?.kind === 'pause') return
    // Deadlines move: most wake-ups come too early by now.
    if (node.deadline <= this.now) this.#step(node, { type: 'tick' })
    else this.#wakeAt(node, node.deadline)
  }

  #resume(node: ScenarioNode<Core>): void {
    const { held } = node
    if (held === undefined) return
    node.held = undefined
    for (const send of held.outbox) this.#send(node, send)
    // As the driver does it: a timer that rang late says so first, then what had arrived is read, then deadlines are looked at.
    if (held.kind === 'pause') this.#step(node, { type: 'stalled', ms: this.now - held.since })
    for (const input of held.inbox) this.#step(node, input)
    this.#step(node, { type: 'tick' })
  }

  #step(node: ScenarioNode<Core>, input: CoreInput): void {
    const { sends, events, deadline } = node.core.step(this.now, input)
    for (const send of sends) {
      if (node.held?.kind === 'block') node.held.outbox.push(send)
      else this.#send(node, send)
    }
    const { onEvent } = this.#options
    // Copied, because the list is used again at the next step, which a listener may cause.
    if (onEvent !== undefined && events.length > 0)
      for (const event of [...events]) onEvent(node, event, this.now)
    this.#wakeAt(node, deadline)
  }

  #wakeAt(node: ScenarioNode<Core>, deadline: number): void {
    node.deadline = deadline
    if (deadline >= node.wakesAt) return
    // Never at this very instant: a core whose deadline has passed must not stop time.
    node.wakesAt = Math.max(deadline, this.now + 0.001)
    this.#add({ at: node.wakesAt, order: 0, kind: 'wake', node, life: node.life })
  }

  #send(from: ScenarioNode<Core>, send: CoreSend): void {
    const { bytes, path } = send
    const to = this.#byId.get('to' in send ? send.to : send.at)
    this.#count(from, send)
    if (to === undefined || to === from || !to.up) return
    const loss = this.loss(from.id, to.id)
    let latency = LEAST_LATENCY_MS - MEAN_LATENCY_MS * Math.log(1 - this.#weather.float())
    if (loss > 0) {
      if (path === 'datagram' && this.#weather.float() < loss) return
      if (path === 'stream') {
        // A link that loses everything carries no stream either.
        for (let tries = 0; this.#weather.float() < loss; tries++) {
          if (tries === 20) return
          latency += RETRANSMIT_MS
        }
      }
    }
    if (this.cut(from.id, to.id)) return
    const input: CoreInput = { type: 'packet', from: from.id, bytes, path }
    this.#add({
      at: this.now + latency,
      order: 0,
      kind: 'packet',
      node: to,
      life: to.life,
      input,
      from: from.id,
    })
  }

  #count(from: ScenarioNode<Core>, { bytes, path }: CoreSend): void {
    if (path === 'stream') {
      this.traffic.streams += 1
      this.traffic.streamBytes += bytes.length
      return
    }
    this.traffic.datagrams += 1
    this.traffic.bytes += bytes.length
    from.datagrams += 1
    const { packetBytes = 1400 } = this.#options
    if (bytes.length > packetBytes) throw new Error(`${from.id} sent a datagram of ${bytes.length} bytes`)
  }

  #add(event: NetEvent<Core>): void {
    this.#order += 1
    this.#events.push({ ...event, order: this.#order })
  }
}
