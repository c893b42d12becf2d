import type { Random } from '@colony/host'
import { History, type OperationHandle, type SimulatedNode, type World } from '@colony/testing'
import { RaftError, type Raft } from '../../src/index.ts'
import type { KvCommand, KvMachine } from './kv-machine.ts'

const KEYS = ['x', 'y', 'z', 'w']
const TIMEOUT_MS = 1500

/** A write that completed: a read that is not older than it must see it. */
interface Completed {
  readonly at: number
  readonly index: number
}

type Node = SimulatedNode<Raft<KvMachine>>

/**
 * Clients of the simulated cluster: each does one thing after the other at random nodes, and everything goes into a history. Half of the
 * writes have an idempotency key and are tried again, elsewhere, until their outcome is known.
 */
export class Workload {
  readonly history: History
  localReads = 0
  retries = 0
  readonly #world: World<Raft<KvMachine>>
  readonly #completed: Completed[] = []
  readonly #slowestClock: number
  #values = 0
  #stopped = false
  #running = 0

  /** `slowestClock`: how many real milliseconds one millisecond of a node's clock can take. Ages are only as true as clocks are. */
  constructor(world: World<Raft<KvMachine>>, slowestClock: number) {
    this.#slowestClock = slowestClock
    this.#world = world
    this.history = new History({ now: () => world.now })
  }

  /** Whether every client has ended. */
  get idle(): boolean {
    return this.#running === 0
  }

  /** Starts `clients` clients, which go on until `stop`. */
  start(clients: number): void {
    for (let client = 1; client <= clients; client++) {
      this.#running++
      this.#run(client, this.#world.random.fork(`client ${client}`)).then(
        () => this.#running--,
        (error: unknown) => this.#world.fail(error),
      )
    }
  }

  /** Lets every client finish what it does and end. */
  stop(): void {
    this.#stopped = true
  }

  async #run(client: number, random: Random): Promise<void> {
    while (!this.#stopped) {
      await this.#world.sleep(random.integer(1, 30))
      const key = KEYS[random.integer(0, KEYS.length - 1)] ?? 'x'
      const choice = random.float()
      if (choice < 0.35) await this.#read(client, random, key)
      else if (choice < 0.5) await this.#readLocally(random, key)
      else await this.#write(client, random, this.#command(random, key))
    }
  }

  #command(random: Random, key: string): KvCommand {
    const value = `${++this.#values},`
    const choice = random.float()
    if (choice < 0.4) return { f: 'put', key, value }
    return choice < 0.9 ? { f: 'append', key, value } : { f: 'delete', key }
  }

  async #read(client: number, random: Random, key: string): Promise<void> {
    const handle = this.history.invoke(client, 'get', key)
    try {
      const { value } = await this.#node(random).call((raft) =>
        raft.read((m) => m.get(key), { timeoutMs: TIMEOUT_MS }),
      )
      handle.ok(value)
    } catch {
      handle.fail()
    }
  }

  /** A local read promises little, but that must hold: nothing that completed longer ago than `staleMs` is missing. */
  async #readLocally(random: Random, key: string): Promise<void> {
    const node = this.#node(random)
    if (node.state !== 'up' || !node.booted) return
    let at = 0
    const { index, staleMs } = await node.call((raft) => {
      at = this.#world.now
      return raft.read((m) => m.get(key), { consistency: 'local' })
    })
    this.localReads++
    const bound = at - staleMs * this.#slowestClock - 1
    for (const write of this.#completed) {
      if (write.at < bound && write.index > index) {
        throw new Error(
          `a local read at ${at} misses ${write.index}, completed at ${write.at}, but claims to be ${staleMs} ms old at most`,
        )
      }
    }
  }

  async #write(client: number, random: Random, command: KvCommand): Promise<void> {
    const value = command.f === 'delete' ? undefined : command.value
    const handle = this.history.invoke(client, command.f, command.key, value)
    const key = random.float() < 0.5 ? `${client}/${this.#values}/${this.#world.now}` : undefined
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(random, command, key, handle)
      if (outcome === 'done') return
      const unsure = outcome === 'unknown'
      if (key === undefined || attempt > 20) {
        if (unsure || attempt > 1) handle.unknown()
        else handle.fail()
        return
      }
      this.retries++
      await this.#world.sleep(random.integer(10, 200))
    }
  }

  async #attempt(
    random: Random,
    command: KvCommand,
    idempotencyKey: string | undefined,
    handle: OperationHandle,
  ): Promise<'done' | 'rejected' | 'unknown'> {
    try {
      const keyed = idempotencyKey === undefined ? {} : { idempotencyKey }
      const { value, index } = await this.#node(random).call((raft) =>
        raft.propose(command, { timeoutMs: TIMEOUT_MS, ...keyed }),
      )
      handle.ok(value)
      this.#completed.push({ at: this.#world.now, index })
      return 'done'
    } catch (error) {
      if (error instanceof RaftError) return error.outcome === 'rejected' ? 'rejected' : 'unknown'
      return error instanceof Error && 'code' in error && error.code === 'TESTING_NODE_DOWN'
        ? 'rejected'
        : 'unknown'
    }
  }

  #node(random: Random): Node {
    const { nodes } = this.#world
    const node = nodes[random.integer(0, nodes.length - 1)]
    if (node === undefined) throw new Error('the world has no nodes')
    return node
  }
}
