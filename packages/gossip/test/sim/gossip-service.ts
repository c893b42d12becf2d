import type { Host, NodeId } from '@colony/host'
import type { CoreEvent } from '../../src/core/core-event.ts'
import type { GossipCore } from '../../src/core/gossip-core.ts'
import type { CoreInput, CoreOutputs } from '../../src/core/input.ts'
import type { DrivenCore } from '../../src/runtime/driven-core.ts'
import { Driver } from '../../src/runtime/driver.ts'
import { FrameChannel } from '../../src/runtime/frame-channel.ts'
import type { Step } from './rules/facts.ts'

/** Who is told of each step, before what it asks for is carried out. */
export type StepListener = (core: GossipCore, step: Step) => void

/** One life of a node: a core on the unchanged driver, with somebody who looks at every step. */
export class GossipService {
  readonly core: GossipCore
  readonly #driver: Driver
  readonly #waiting = new Set<(event: CoreEvent) => void>()

  constructor(
    host: Host,
    id: NodeId,
    core: GossipCore,
    packetBytes: number,
    onStep: StepListener,
    onFailed: (cause: unknown) => void,
  ) {
    this.core = core
    const frames = new FrameChannel(host, undefined, packetBytes)
    this.#driver = new Driver(watchedCore(core, onStep), host, id, frames, {
      changed: () => {},
      settled: () => {},
      event: (event) => {
        if (event.type === 'query') this.#answer(event.from, event.question, event.payload)
        for (const waiting of [...this.#waiting]) waiting(event)
      },
      failed: onFailed,
    })
    this.#driver.start()
  }

  /** Tells the core something; why it was refused, if it was. */
  feed(input: CoreInput): CoreOutputs['refused'] {
    return this.#driver.feed(input)
  }

  #answer(from: NodeId, question: number, payload: Uint8Array): void {
    this.feed({ type: 'answer', from, question, payload })
  }

  /** Resolves with the first event for which `pick` gives something. */
  async until<Found>(pick: (event: CoreEvent) => Found | undefined): Promise<Found> {
    return await new Promise((resolve) => {
      const waiting = (event: CoreEvent): void => {
        const found = pick(event)
        if (found === undefined) return
        this.#waiting.delete(waiting)
        resolve(found)
      }
      this.#waiting.add(waiting)
    })
  }
}

function watchedCore(core: GossipCore, onStep: StepListener): DrivenCore {
  return {
    step: (now, input) => {
      const outputs = core.step(now, input)
      onStep(core, { now, input, outputs })
      return outputs
    },
    members: core.members,
    get health() {
      return core.health
    },
    get drops() {
      return core.drops
    },
    explain: (id) => core.explain(id),
    state: (id) => core.state(id),
    sharedValue: (key) => core.sharedValue(key),
  }
}
