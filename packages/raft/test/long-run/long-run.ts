import type { NodeId, Random } from '@colony/host'
import { createWorld, type SimulatedNode, type World } from '@colony/testing'
import { createRaft, logStorage, RaftError, type Raft, type ReadOptions } from '../../src/index.ts'
import { KvMachine, type KvCommand } from '../sim/kv-machine.ts'
import { countedHost, type HostUse } from './counted-host.ts'
import { reachableBytes } from './heap.ts'

type Service = Raft<KvMachine>

const IDS: readonly NodeId[] = ['a', 'b', 'c']
const HOUR_MS = 3_600_000
/** Light, and steady: a call every so often, in simulated milliseconds. */
const MEAN_GAP_MS = 200
const RESTART_EVERY_MS = 20 * 60_000
/** Not while a sample is taken: a process that is down lists no files. */
const FIRST_RESTART_MS = 60_000
const DOWN_MS = 5000
/** The state stays as large as it is: so many keys, and values of a few bytes. */
const KEYS = 200
/** The last of many idempotency keys are remembered, which is growth that is meant. These few come again and again, and repeat the same command. */
const IDEMPOTENCY_KEYS = 500

/** What was there at one moment. */
export interface Sample {
  readonly hours: number
  readonly bytes: number
  /** Events of the world since the sample before. */
  readonly events: number
  /** Of all nodes together. */
  readonly timers: number
  readonly afterInputs: number
  readonly receivers: number
  /** Files on all disks. */
  readonly files: number
}

/** What a long run came to. */
export interface LongRun {
  readonly samples: readonly Sample[]
  readonly calls: number
  readonly failed: number
  readonly restarts: number
  readonly snapshots: number
}

/** Three nodes on the real driver and the file log, under light load, with snapshots, restarts and transfers, for simulated hours. */
export async function runLong(hours: number, samplesPerHour: number): Promise<LongRun> {
  return await new LongCluster().run(hours, samplesPerHour)
}

class LongCluster {
  readonly #uses = new Map<NodeId, HostUse>()
  readonly #world: World<Service>
  readonly #random: Random
  #calls = 0
  #failed = 0
  #restarts = 0
  #snapshots = 0

  constructor() {
    this.#world = createWorld<Service>({
      ...{ seed: 24, nodes: IDS, trace: { lines: 0 }, maxEvents: 1e12 },
      boot: async (node) => await this.#boot(node),
      observer: ({ type }) => {
        if (type === 'raft.snapshot-saved') this.#snapshots++
      },
    })
    this.#random = this.#world.random.fork('load')
  }

  async run(hours: number, samplesPerHour: number): Promise<LongRun> {
    const samples: Sample[] = []
    const world = this.#world
    await world.booted()
    this.#callSoon()
    this.#restartIn(FIRST_RESTART_MS)
    for (let taken = 1; taken <= hours * samplesPerHour; taken++) {
      const before = world.events
      await world.run(HOUR_MS / samplesPerHour)
      samples.push(await this.#sample(taken / samplesPerHour, world.events - before))
    }
    return {
      ...{ samples, calls: this.#calls, failed: this.#failed },
      ...{ restarts: this.#restarts, snapshots: this.#snapshots },
    }
  }

  async #boot({ id, host, disk }: SimulatedNode<never>): Promise<Service> {
    const use = { timers: 0, afterInputs: 0, receivers: 0 }
    this.#uses.set(id, use)
    return await createRaft({
      ...{ id, members: IDS, host: countedHost(host, use), maxClockDrift: 0.01 },
      storage: logStorage({ disk, directory: 'raft', segmentBytes: 16_384, random: host.random.fork('log') }),
      machine: new KvMachine(() => {}),
      snapshots: { everyEntries: 250, keepEntries: 50 },
    })
  }

  #callSoon(): void {
    this.#world.schedule(this.#random.float() * 2 * MEAN_GAP_MS, () => {
      void this.#call()
      this.#callSoon()
    })
  }

  /** What a call fails with in the middle of a restart is nobody's business here. */
  async #call(): Promise<void> {
    this.#calls++
    const node = this.#world.node(this.#anyId())
    try {
      await node.call((raft) => this.#use(raft))
    } catch (error) {
      this.#failed++
      if (error instanceof RaftError && error.code === 'RAFT_INVARIANT_BROKEN') this.#world.fail(error)
    }
  }

  async #use(raft: Service): Promise<unknown> {
    const random = this.#random
    const choice = random.float()
    const key = `key ${random.integer(0, KEYS - 1)}`
    if (choice < 0.5) return await raft.propose({ f: 'put', key, value: `${this.#calls}` })
    if (choice < 0.6) {
      const nth = random.integer(0, IDEMPOTENCY_KEYS - 1)
      const command: KvCommand = { f: 'put', key: `key ${nth % KEYS}`, value: `${nth}` }
      return await raft.propose(command, { idempotencyKey: `call ${nth}` })
    }
    if (choice < 0.999) return await raft.read((map) => map.get(key), this.#drawRead())
    return await raft.transferLeadership()
  }

  #drawRead(): ReadOptions {
    const random = this.#random
    const consistency = (['linearizable', 'lease', 'local', 'bounded'] as const)[random.integer(0, 3)]
    if (consistency === 'bounded') return { consistency, maxStalenessMs: random.integer(1, 500) }
    // Some wait for what will not come soon, and are given up.
    if (random.float() < 0.02) return { consistency: 'local', after: 1e9, timeoutMs: 500 }
    return consistency === undefined ? {} : { consistency }
  }

  #restartIn(delayMs: number): void {
    const world = this.#world
    world.schedule(delayMs, () => {
      this.#restarts++
      const node = world.node(this.#anyId())
      node.crash({ power: this.#random.float() < 0.5 })
      world.schedule(DOWN_MS, () => world.fault({ at: world.now, do: 'restart', node: node.id }))
      this.#restartIn(RESTART_EVERY_MS)
    })
  }

  async #sample(hours: number, events: number): Promise<Sample> {
    const listing = this.#world.nodes.map(async ({ disk }) => (await disk.list('raft')).length)
    const files = await this.#world.finish(Promise.all(listing))
    const uses = [...this.#uses.values()]
    const sum = (of: (use: HostUse) => number): number => uses.reduce((total, use) => total + of(use), 0)
    return {
      ...{ hours, events, bytes: reachableBytes(), files: files.reduce((a, b) => a + b) },
      timers: sum(({ timers }) => timers),
      afterInputs: sum(({ afterInputs }) => afterInputs),
      receivers: sum(({ receivers }) => receivers),
    }
  }

  #anyId(): NodeId {
    return IDS[this.#random.integer(0, IDS.length - 1)] ?? 'a'
  }
}
