import type { Random } from '@colony/host'
import type { SimulatedNode, World } from '@colony/testing'
import type { Raft } from '../../src/index.ts'
import type { KvMachine } from './kv-machine.ts'

type Service = Raft<KvMachine>

/**
 * Faults that hit whoever leads just then, as random ones rarely do: what a leader leaves behind in the middle of its work is where
 * consensus goes wrong. Each is mended before the next.
 */
export class LeaderHunt {
  readonly #world: World<Service>
  readonly #random: Random
  readonly #untilMs: number
  /** How often a leader was hit. */
  hits = 0

  constructor(world: World<Service>, untilMs: number) {
    this.#world = world
    this.#random = world.random.fork('leader hunt')
    this.#untilMs = untilMs
  }

  /** Starts hunting, with the eagerness of this seed: some seeds not at all. */
  start(): void {
    const meanMs = this.#random.integer(0, 3) * 700
    if (meanMs > 0) this.#next(meanMs)
  }

  #next(meanMs: number): void {
    const waitMs = this.#random.integer(meanMs / 2, meanMs * 1.5)
    if (this.#world.now + waitMs > this.#untilMs) return
    this.#world.schedule(waitMs, () => {
      const leader = this.#world.nodes.find(
        (node) => node.state === 'up' && node.service?.status().role === 'leader',
      )
      if (leader !== undefined) this.#hit(leader)
      this.#next(meanMs)
    })
  }

  #hit(leader: SimulatedNode<Service>): void {
    this.hits++
    const { id } = leader
    const forMs = this.#random.integer(20, 1500)
    const others = this.#world.nodes.map((node) => node.id).filter((other) => other !== id)
    const choice = this.#random.integer(0, 3)
    if (choice === 0) {
      leader.crash({ power: this.#random.float() < 0.5 })
      this.#world.schedule(forMs, () => {
        if (leader.state === 'down') leader.restart()
      })
    } else if (choice === 1) {
      leader.pause()
      this.#world.schedule(forMs, () => leader.resume())
    } else {
      // Cut off from all, or (a leader that still sends to some) from all but one.
      const away = choice === 2 ? others : others.slice(1)
      for (const other of away) {
        this.#world.network.cut(id, other)
        this.#world.network.cut(other, id)
      }
      this.#world.schedule(forMs, () => {
        for (const other of away) {
          this.#world.network.heal({ from: id, to: other })
          this.#world.network.heal({ from: other, to: id })
        }
      })
    }
  }
}
