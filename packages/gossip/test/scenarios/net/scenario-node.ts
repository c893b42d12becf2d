import type { NodeId } from '@colony/host'
import type { CoreInput, CoreSend } from '../../../src/core/input.ts'

/** What waits while a process stands still, or its messages are blocked. */
export interface Held {
  readonly kind: 'pause' | 'block'
  readonly since: number
  readonly inbox: CoreInput[]
  readonly outbox: CoreSend[]
}

/** One process of a scenario, through all of its lives. */
export class ScenarioNode<Core> {
  readonly id: NodeId
  readonly index: number
  life = 0
  up = false
  held: Held | undefined
  /** When the core wants to be ticked. */
  deadline = Infinity
  /** When the event comes that looks whether to tick it. */
  wakesAt = Infinity
  /** How many datagrams it sent. */
  datagrams = 0
  #core: Core | undefined

  constructor(id: NodeId, index: number) {
    this.id = id
    this.index = index
  }

  /** The core that runs, or the last one that did. */
  get core(): Core {
    if (this.#core === undefined) throw new Error(`${this.id} was never started`)
    return this.#core
  }

  begin(core: Core): void {
    this.#core = core
    this.life += 1
    this.up = true
  }

  end(): void {
    this.up = false
    this.held = undefined
    this.deadline = Infinity
    this.wakesAt = Infinity
  }
}
