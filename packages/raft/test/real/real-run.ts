import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '@colony/host'
import { machineClock } from '@colony/testing/node'
import { checkHistory } from './check-history.ts'
import { checkLogs, readLogs } from './check-logs.ts'
import { checkMachines } from './check-machines.ts'
import { checkOrder } from './check-order.ts'
import { Client, type Work } from './client.ts'
import { Problems, type NodeDump } from './evidence.ts'
import { planRound, type Nuisance, type RoundPlan } from './plan.ts'
import { RealCluster, NoAnswer } from './real-cluster.ts'
import { Records, type Recorded } from './record.ts'
import { dumpAll, makeWhole } from './settle.ts'

const IDS = ['a', 'b', 'c', 'd', 'e']
const CLIENTS = 12
/** How long a mended cluster may take to work again, on the busiest of machines. */
const RECOVERY_MS = 120_000
const CLUSTER_ID = 'real'

/** How long to go on, and with what. */
export interface RealRunOptions {
  readonly seed: string
  /** Rounds are begun for so long: one, if it is 0. */
  readonly timeMs: number
  readonly roundMs: number
  /** Told how each round went. */
  readonly tell: (line: string) => void
}

/** What a run came to. */
export interface RealRunResult {
  /** What is wrong; empty when nothing is. */
  readonly problems: readonly string[]
  /** The plan of the last round. */
  readonly plan: RoundPlan
  readonly records: readonly Recorded[]
  readonly dumps: readonly NodeDump[]
  /** How often what happened: operations by outcome, faults by kind. */
  readonly counts: Readonly<Record<string, number>>
  readonly rounds: number
}

/** Runs round after round on one cluster: faults, then all mended, then everything that ever happened is checked. Ends with the first round in which something is wrong. */
export async function runReal(options: RealRunOptions): Promise<RealRunResult> {
  const { seed, timeMs } = options
  const random = createRandom(seed, 'settings')
  const settings = {
    snapshots: { everyEntries: random.integer(50, 1000), keepEntries: random.integer(0, 200) },
    maxClockDrift: 0.01,
  }
  await using cluster = await RealCluster.start(IDS, settings, seed)
  const run = new RealRun(cluster, options)
  const startedAt = machineClock.now()
  do await run.round()
  while (run.problems.found.length === 0 && machineClock.now() - startedAt < timeMs)
  await run.finish()
  return run.result()
}

class RealRun {
  readonly problems: Problems = new Problems()
  readonly #cluster: RealCluster
  readonly #options: RealRunOptions
  readonly #counts: Record<string, number> = {}
  readonly #records: Recorded[] = []
  #dumps: readonly NodeDump[] = []
  #rounds = 0
  #plan: RoundPlan = { round: 0, steps: [], nuisances: [] }
  #stepsSeen = 0
  #refusal = 'none'

  constructor(cluster: RealCluster, options: RealRunOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  async round(): Promise<void> {
    const { seed, roundMs, tell } = this.#options
    const round = ++this.#rounds
    this.#plan = planRound(seed, round, IDS, roundMs)
    const records = new Records()
    const work: Work = {
      ...{ cluster: this.#cluster, records, round: `r${round}`, begun: 0 },
      wrong: (problem) => this.problems.add('answers', problem),
      count: (what) => this.#count(what),
    }
    await this.#load(work, roundMs)
    try {
      await this.#recover(work)
    } catch (error) {
      this.problems.add('recovery', `not within ${RECOVERY_MS} ms: ${String(error)}`)
      this.problems.add('recovery', `the last refusal was ${this.#refusal}`)
      for (const id of IDS) this.problems.add('state', JSON.stringify(this.#cluster.status(id) ?? { id }))
    }
    this.#check(records)
    const succeeded = records.all.filter(({ outcome }) => outcome === 'ok').length
    const handles = Math.max(...this.#dumps.map((dump) => dump.handles))
    const heap = Math.max(...this.#dumps.map(({ heapBytes }) => heapBytes)) / 2 ** 20
    const holds = `${handles} handles and ${heap.toFixed(0)} MiB at most`
    tell(`round ${round}: ${succeeded} of ${records.all.length} operations, term ${this.#term()}, ${holds}`)
  }

  /** Looks at the disks, when nobody uses them any more. */
  async finish(): Promise<void> {
    await this.#cluster.killAll()
    const [dump] = this.#dumps
    if (dump === undefined || this.problems.found.length > 0) return
    checkLogs(await readLogs(this.#cluster.directory, IDS, CLUSTER_ID), dump, this.problems)
  }

  result(): RealRunResult {
    this.#count('processes started', this.#cluster.starts)
    return {
      ...{ problems: this.problems.found, plan: this.#plan, rounds: this.#rounds },
      ...{ records: this.#records, dumps: this.#dumps, counts: this.#counts },
    }
  }

  async #load(work: Work, roundMs: number): Promise<void> {
    const { nemesis } = this.#cluster
    let running = true
    const random = createRandom(this.#options.seed, `clients ${this.#rounds}`)
    const clients = Array.from({ length: CLIENTS }, async (_, nth) => {
      const name = `r${this.#rounds}c${nth}`
      await new Client(name, work, random.fork(name)).run(() => running)
    })
    try {
      const nuisances = this.#harass(this.#plan.nuisances)
      await Promise.all([nemesis.run(this.#plan.steps), nuisances, sleep(roundMs)])
      await nemesis.mend()
    } finally {
      running = false
      await Promise.all(clients)
    }
    for (const { step, skipped } of nemesis.steps.slice(this.#stepsSeen)) {
      if (skipped === undefined) this.#count(step.do)
    }
    this.#stepsSeen = nemesis.steps.length
  }

  async #harass(nuisances: readonly Nuisance[]): Promise<void> {
    const startedAt = machineClock.now()
    for (const nuisance of nuisances) {
      await sleep(Math.max(0, startedAt + nuisance.at - machineClock.now()))
      this.#count(nuisance.do)
      if (nuisance.do === 'reset') this.#cluster.network.link(nuisance.from, nuisance.to).reset()
      else void this.#stall(nuisance.node, nuisance.ms)
    }
  }

  async #stall(node: string, ms: number): Promise<void> {
    try {
      await this.#cluster.call(node, { do: 'stall', ms }, RECOVERY_MS)
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
    }
  }

  /** Everybody votes again, every node takes a write and reads it, and all machines come to hold the same. */
  async #recover(work: Work): Promise<void> {
    const signal = AbortSignal.timeout(RECOVERY_MS)
    await makeWhole(this.#cluster, signal, (refusal) => (this.#refusal = refusal))
    const name = `r${this.#rounds}end`
    const prover = new Client(name, work, createRandom(this.#options.seed, name))
    for (const id of IDS) await prover.prove(id, signal)
    this.#dumps = await dumpAll(this.#cluster, signal)
  }

  #check({ all }: Records): void {
    for (const record of all) {
      this.#records.push(record)
      this.#count(`${record.f} ${record.outcome}`)
    }
    if (this.problems.found.length > 0) return
    const evidence = { records: this.#records, dumps: this.#dumps }
    checkMachines(evidence, this.problems)
    checkOrder(evidence, this.problems)
    checkHistory(all, this.#dumps[0]?.journal ?? [], this.problems)
  }

  #term(): number {
    return Math.max(...IDS.map((id) => this.#cluster.status(id)?.term ?? 0))
  }

  #count(what: string, by = 1): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + by
  }
}
