import type { Random } from '@colony/host'
import type { World } from '@colony/testing'
import type { PersistRecord, Raft } from '../../src/index.ts'
import type { KvMachine } from './kv-machine.ts'

/**
 * Cuts the power of nodes while they write, most of all while they write a vote, and brings them back at once: the moments when a promise may
 * have gone out that the disk does not keep.
 */
export class CrashAtWrite {
  readonly #world: World<Raft<KvMachine>>
  readonly #random: Random
  readonly #untilMs: number
  readonly #eagerness: number

  constructor(world: World<Raft<KvMachine>>, untilMs: number) {
    this.#world = world
    this.#random = world.random.fork('crash at write')
    this.#untilMs = untilMs
    this.#eagerness = this.#random.float() < 0.5 ? 0 : this.#random.float()
  }

  /** A node begins to write. */
  onPersist(id: string, { entries }: PersistRecord): void {
    const chance = entries.length === 0 ? 0.3 : 0.01
    if (this.#world.now > this.#untilMs || this.#random.float() >= chance * this.#eagerness) return
    const delayMs = this.#random.float() * 10
    this.#world.schedule(delayMs, () => {
      const node = this.#world.node(id)
      if (node.state === 'down') return
      node.crash()
      this.#world.schedule(this.#random.integer(1, 50), () => {
        if (node.state === 'down') node.restart()
      })
    })
  }
}
