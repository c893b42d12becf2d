import { createRandom, type Random } from '@colony/host'
import type { Exchange } from '../../../src/memberlist/core/input.ts'
import { timingOf } from '../../../src/memberlist/core/timing.ts'
import { SerfCore, type SerfCoreOptions, type SerfInput } from '../../../src/memberlist/serf/serf-core.ts'
import type { SerfCoreEvent } from '../../../src/memberlist/serf/serf-event.ts'
import { createLabel } from '../../../src/memberlist/wire/label.ts'
import type { StreamMessage } from '../../../src/memberlist/wire/messages.ts'
import { StreamReader } from '../../../src/memberlist/wire/stream-reader.ts'

/** One node of a simulated cluster. */
export interface SimulatedNode {
  readonly name: string
  readonly address: string
  readonly core: SerfCore
  readonly events: { readonly at: number; readonly event: SerfCoreEvent }[]
  up: boolean
  /** Receives and sends nothing until then. */
  muteUntil: number
  left: boolean
  wakeAt: number
}

interface Delivery {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

const LIMITS = { maxBytes: 1024 * 1024, maxNodes: 10_000 }

/** Cores of ours on a network of virtual time: datagrams that take a while and may be lost, streams that are answered or time out. */
export class SimulatedCluster {
  readonly nodes: SimulatedNode[] = []
  readonly #byAddress = new Map<string, SimulatedNode>()
  readonly #random: Random
  readonly #queue: Delivery[] = []
  #order = 0
  now = 0
  /** Of a hundred datagrams, how many are lost. */
  lossPercent = 0
  packets = 0
  largestPacket = 0
  /** Whether two nodes hear each other, by datagram or by stream. */
  linked: (from: SimulatedNode, to: SimulatedNode, path: 'packet' | 'stream') => boolean = () => true

  constructor(seed: string) {
    this.#random = createRandom(seed)
  }

  /** Starts a node; one of a name that there was before takes its place, at its address. */
  start(name: string, options: Partial<SerfCoreOptions> = {}): SimulatedNode {
    const before = this.nodes.find((node) => node.name === name)
    const number = before === undefined ? this.nodes.length + 1 : this.nodes.indexOf(before) + 1
    const ip = Uint8Array.of(10, 0, number >> 8, number & 0xff)
    const core = new SerfCore(
      {
        name,
        endpoint: { ip, port: 7946 },
        incarnation: 1,
        timing: timingOf('lan'),
        random: this.#random.fork(`${name} ${this.now}`),
        packetBytes: 1400,
        maxMembers: 1000,
        queueBytes: 100_000,
        tags: {},
        replay: false,
        ...options,
      },
      this.now,
    )
    const address = `${ip.join('.')}:7946`
    const node: SimulatedNode = {
      ...{ name, address, core, events: [], up: true, muteUntil: 0, left: false },
      wakeAt: this.now,
    }
    if (before === undefined) this.nodes.push(node)
    else this.nodes[number - 1] = node
    this.#byAddress.set(address, node)
    this.#wake(node, this.now)
    return node
  }

  /** Starts nodes `n0` to `n<count-1>`; all but the first join through it, and have found each other when this returns. */
  startMany(count: number, options: Partial<SerfCoreOptions> = {}): SimulatedNode[] {
    const nodes = Array.from({ length: count }, (_, at) => this.start(`n${at}`, options))
    for (const node of nodes.slice(1)) this.tell(node, { type: 'join', seeds: [nodes[0]!.address] })
    this.runUntil(() => nodes.every((node) => this.alive(node).length === count), 60_000)
    return nodes
  }

  /** Who is alive as a node sees it. */
  alive(node: SimulatedNode): string[] {
    return [...node.core.members.all()]
      .filter(({ status }) => status === 'alive')
      .map(({ id }) => id)
      .sort()
  }

  /** How a node sees another. */
  status(node: SimulatedNode, id: string): string {
    return node.core.members.get(id)?.status ?? 'unknown'
  }

  /** Feeds a node. */
  tell(node: SimulatedNode, input: SerfInput): void {
    const outputs = node.core.step(this.now, input)
    const isMute = node.muteUntil > this.now
    for (const { to, bytes } of outputs.packets) {
      this.packets++
      this.largestPacket = Math.max(this.largestPacket, bytes.length)
      if (!isMute) this.#send(node, to, bytes.slice())
    }
    for (const exchange of outputs.exchanges) this.#exchange(node, exchange)
    node.events.push(...outputs.events.map((event) => ({ at: this.now, event })))
    node.left ||= outputs.left
    this.#wake(node, outputs.deadline)
  }

  /** Lets time pass. */
  run(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const next = this.#queue[0]
      if (next === undefined || next.at > until) break
      this.#queue.shift()
      this.now = next.at
      next.run()
    }
    this.now = until
  }

  /** Lets time pass until something holds. @throws When it does not within `ms`. */
  runUntil(holds: () => boolean, ms: number): number {
    const from = this.now
    while (!holds()) {
      if (this.now - from > ms) throw new Error(`it does not hold after ${ms} ms`)
      this.run(50)
    }
    return this.now - from
  }

  #send(from: SimulatedNode, to: string, bytes: Uint8Array): void {
    if (this.#random.integer(0, 99) < this.lossPercent) return
    this.#at(this.now + 1 + 4 * this.#random.float(), () => {
      const target = this.#byAddress.get(to)
      if (target === undefined || !this.#hears(target) || !this.linked(from, target, 'packet')) return
      this.tell(target, { type: 'packet', from: from.address, bytes })
    })
  }

  #exchange(from: SimulatedNode, { id, to, bytes, timeoutMs }: Exchange): void {
    const target = this.#byAddress.get(to)
    const works =
      target !== undefined && this.#hears(target) && this.#hears(from) && this.linked(from, target, 'stream')
    const answered = (message: StreamMessage | undefined): void => {
      if (from.up) this.tell(from, { type: 'answer', id, message })
    }
    if (!works) {
      this.#at(this.now + timeoutMs, () => answered(undefined))
      return
    }
    this.#at(this.now + 3, () => {
      const outputs = target.core.step(this.now, { type: 'request', id: 1, message: read(bytes) })
      const [reply] = outputs.replies
      target.events.push(...outputs.events.map((event) => ({ at: this.now, event })))
      this.#wake(target, outputs.deadline)
      const message = reply && read(reply.bytes)
      this.#at(this.now + 3, () => answered(message))
    })
  }

  #hears(node: SimulatedNode): boolean {
    return node.up && node.muteUntil <= this.now
  }

  #wake(node: SimulatedNode, at: number): void {
    node.wakeAt = at
    if (at === Infinity) return
    this.#at(Math.max(at, this.now), () => {
      if (node.up && node.wakeAt === at && this.#byAddress.get(node.address) === node) {
        this.tell(node, { type: 'tick' })
      }
    })
  }

  #at(at: number, run: () => void): void {
    const delivery = { at, order: this.#order++, run }
    let low = 0
    let high = this.#queue.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#queue[middle]
      if (other !== undefined && other.at <= at) low = middle + 1
      else high = middle
    }
    this.#queue.splice(low, 0, delivery)
  }
}

function read(bytes: Uint8Array): StreamMessage {
  const message = new StreamReader(LIMITS, createLabel(''), false).push(bytes)
  if (typeof message === 'string') throw new Error(`a stream of ours is ${message}`)
  return message
}
