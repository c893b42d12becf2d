import type { NodeId, ObservedEvent, Random } from '@colony/host'
import { createHost } from '@colony/host'
import type { DiskLatency } from '../disk/index.ts'
import { SimulatedDisk } from '../disk/index.ts'
import type { SimulatedNetwork } from '../network/simulated-network.ts'
import { SimulatedTransport } from '../network/simulated-transport.ts'
import type { TimelineRecorder } from '../timeline/recorder.ts'
import type { Trace } from '../trace/trace.ts'
import { IncarnationClock } from './incarnation-clock.ts'
import { Incarnation } from './incarnation.ts'
import { LocalTime } from './local-time.ts'
import type { Scheduler } from './scheduler.ts'
import type { Boot, Life, NodeState } from './simulated-node.ts'
import { SimulatedNode } from './simulated-node.ts'

/** Origins of monotonic clocks are arbitrary; this far apart (about three hours), code that compares two of them is caught. */
const LATEST_ORIGIN_MS = 10_000_000

/** What every node of a world shares. */
export interface FactorySettings {
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly recorder: TimelineRecorder | undefined
  readonly network: SimulatedNetwork
  /** Parent of every node's streams. */
  readonly random: Random
  readonly maxFrameBytes: number
  readonly diskLatency: DiskLatency
  readonly failOnHandlerError: boolean
  readonly observer: ((event: ObservedEvent, node: NodeId) => void) | undefined
}

/** Makes nodes, and a host for each of their lives. */
export class NodeFactory {
  readonly #settings: FactorySettings
  #count = 0

  constructor(settings: FactorySettings) {
    this.#settings = settings
  }

  /** Makes a node and starts it. */
  create<Service>(id: NodeId, boot: Boot<Service> | undefined): SimulatedNode<Service> {
    const { scheduler, trace, recorder, network, random, diskLatency } = this.#settings
    let shown: NodeState = 'up'
    const index = (this.#count += 1)
    const nodeRandom = random.fork(id)
    const slack = nodeRandom.fork('timers')
    const drawSlack = (): number => {
      const most = node.timerSlackMicros
      return most === 0 ? 0 : Math.floor(slack.float() * most)
    }
    let current: Incarnation | undefined
    const disk = new SimulatedDisk({
      random: nodeRandom.fork('disk'),
      latency: diskLatency,
      // Bound to the incarnation that asks: a completion never reaches a later one.
      later: (delayMs, task) => void scheduler.add(Math.max(1, Math.round(delayMs * 1000)), task, current),
    })
    const node: SimulatedNode<Service> = new SimulatedNode<Service>(id, {
      scheduler,
      disk,
      boot: boot === undefined ? undefined : () => boot(node as SimulatedNode<never>),
      conceive: (number) =>
        (current = new Incarnation(id, index, number, nodeRandom.fork(`ties:${number}`), scheduler)),
      begin: (incarnation) =>
        this.#begin(incarnation, nodeRandom.fork(`life:${incarnation.number}`), drawSlack),
      end: () => network.place(id, undefined),
      record: (what, state) => {
        trace.record(scheduler.now, 'fault', index, id, what)
        if (state !== shown) recorder?.add({ kind: 'state', at: scheduler.now / 1000, node: id, state })
        shown = state
      },
    })
    return node
  }

  #begin(incarnation: Incarnation, random: Random, drawSlack: () => number): Life {
    const { scheduler, network, maxFrameBytes } = this.#settings
    const origin = random.fork('clock-origin').integer(0, LATEST_ORIGIN_MS) * 1000
    const time = new LocalTime(scheduler.now, origin, 1)
    const observer = this.#observer(incarnation)
    const transport = new SimulatedTransport({
      network,
      owner: incarnation,
      maxFrameBytes,
      onHandlerError: (error, channel, from) => {
        if (this.#settings.failOnHandlerError) scheduler.fail(error)
        observer({
          type: 'transport.handler-failed',
          level: 'error',
          node: incarnation.id,
          channel,
          from,
          error,
        })
      },
    })
    network.place(incarnation.id, transport)
    const clock = new IncarnationClock(scheduler, incarnation, time, drawSlack)
    const host = createHost({ clusterId: 'sim', clock, random: random.fork('host'), transport, observer })
    return { host, time }
  }

  #observer(incarnation: Incarnation): (event: ObservedEvent) => void {
    const { scheduler, trace, observer } = this.#settings
    return (event) => {
      if (!incarnation.alive) return
      trace.record(scheduler.now, 'observe', incarnation.index, incarnation.id, event.type)
      observer?.(event, incarnation.id)
    }
  }
}
