import { performance } from 'node:perf_hooks'
import type { NodeId } from '@colony/host'
import type { Entry, Input } from '@colony/raft'
import {
  type CoreCluster,
  type CoreNode,
  createCoreCluster,
  generateFaults,
  History,
  type OperationHandle,
} from '@colony/testing'
import { type MemberDisk, RaftMember } from './raft-member.ts'

/** Events of a cluster of pure cores a second. */
export interface CoreRow {
  readonly what: string
  readonly threads: number
  readonly eventsPerSecond: number
  /** Simulated seconds in a second. */
  readonly timesReal: number
  /** Events a second that there should be at least. */
  readonly goal: number
}

const NODES = ['a', 'b', 'c', 'd', 'e']
const RUN_MS = 10_000
const PROPOSE_EVERY_MS = 1
const GOAL = 1_000_000
/** The first runs are of code that is not compiled yet, and do not count. */
const COLD_RUNS = 3

/** Runs five raft cores with and without faults, for so many seconds each, in this thread. */
export function measureCores(seconds: number, firstSeed: number): CoreRow[] {
  return [false, true].map((faulty) => {
    let seed = firstSeed
    while (seed < firstSeed + COLD_RUNS) runCores(++seed, faulty)
    let events = 0
    let runs = 0
    const started = performance.now()
    while (performance.now() - started < seconds * 1000) {
      events += runCores(++seed, faulty)
      runs++
    }
    const ms = performance.now() - started
    return {
      threads: 1,
      what: `five raft cores, a proposal every millisecond${faulty ? ', with faults' : ''}`,
      eventsPerSecond: Math.round((events / ms) * 1000),
      timesReal: Math.round((runs * RUN_MS) / ms),
      goal: GOAL,
    }
  })
}

/** One run; how many events it took. */
function runCores(seed: number, faulty: boolean): number {
  const cluster = new RaftCores(seed)
  if (faulty) cluster.disturb()
  return cluster.run()
}

type Node = CoreNode<Input, RaftMember>

/** Five cores with a client, a history of what it asked, and two of raft's rules watched after every event. */
class RaftCores {
  readonly #cluster: CoreCluster<Input, RaftMember>
  readonly #history: History
  readonly #disks = new Map<NodeId, MemberDisk>()
  readonly #applied: Entry[] = []
  readonly #leaders = new Map<number, NodeId>()
  readonly #open = new Map<Uint8Array, OperationHandle>()
  #count = 0

  constructor(seed: number) {
    for (const id of NODES) this.#disks.set(id, { term: 0, vote: '', entries: [] })
    this.#cluster = createCoreCluster<Input, RaftMember>({
      seed,
      nodes: NODES,
      // The hash of everything stays on; lines for people are made again with the seed of a failure.
      trace: { lines: 0 },
      roles: () => ({ leader: this.#leader()?.id }),
      start: (port) => {
        const disk = this.#disks.get(port.id) ?? { term: 0, vote: '', entries: [] }
        return new RaftMember(port, NODES, disk, (index, entry) => this.#onApply(index, entry))
      },
    })
    this.#history = new History({ now: () => this.#cluster.now })
    this.#cluster.invariant('one leader a term', () => this.#oneLeaderATerm())
  }

  disturb(): void {
    const random = this.#cluster.random.fork('faults')
    this.#cluster.apply(generateFaults({ random, nodes: NODES, durationMs: RUN_MS, roles: ['leader'] }))
  }

  run(): number {
    this.#propose()
    this.#cluster.run(RUN_MS)
    if (this.#history.counts.ok === 0) throw new Error('cores: nothing was committed')
    return this.#cluster.events
  }

  #leader(): Node | undefined {
    return this.#cluster.nodes.find(({ state, core }) => state === 'up' && core.raft.role === 'leader')
  }

  #propose(): void {
    const leader = this.#leader()
    if (leader !== undefined) {
      const data = Uint8Array.of(this.#count & 255)
      this.#open.set(data, this.#history.invoke(1 + (this.#count % 1000), 'put', 'x', this.#count++))
      leader.input({ type: 'propose', kind: 'command', data: [data] })
    }
    this.#cluster.schedule(PROPOSE_EVERY_MS, () => this.#propose())
  }

  #onApply(index: number, entry: Entry): void {
    const known = this.#applied[index]
    if (known === undefined) this.#applied[index] = entry
    else if (known.term !== entry.term) throw new Error(`two entries at ${index}`)
    const handle = this.#open.get(entry.data)
    if (handle === undefined) return
    handle.ok(index)
    this.#open.delete(entry.data)
  }

  #oneLeaderATerm(): boolean {
    for (const { id, core } of this.#cluster.nodes) {
      if (core.raft.role !== 'leader') continue
      const known = this.#leaders.get(core.raft.term)
      if (known === undefined) this.#leaders.set(core.raft.term, id)
      else if (known !== id) return false
    }
    return true
  }
}
