import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type NodeId } from '@colony/host'
import type { LogIndex } from '@colony/raft'
import { createProcessGroup, machineClock, type ProcessGroup } from '@colony/testing/node'
import { readAudit } from './audit-file.ts'
import { ClientPool } from './client-pool.ts'
import { Cluster } from './cluster.ts'
import { FaultInjector } from './fault-injector.ts'
import { planFaults } from './fault-plan.ts'
import { LiveMetrics } from './live-metrics.ts'
import type { DemoOptions } from './options.ts'
import { createReport, type Report } from './report.ts'
import type { Phase, Snapshot, View } from './snapshot.ts'
import { verify } from './verify.ts'
import { WaitedInVain } from './wait-until.ts'

const ACCOUNTS = 64
const OPENING_BALANCE = 1_000
const CLIENT_PROCESSES = 3
/** Operations under way in each of them: enough to keep the nodes busy, few enough that none waits long. */
const CONCURRENCY = 20
const UPDATE_INTERVAL_MS = 100
const AUDIT_TRIES = 10

/** One run of the demo, from nothing to a report. */
export class Run {
  readonly #options: DemoOptions
  readonly #view: View
  readonly #abort: AbortController
  readonly #bank = {
    accounts: names('A', ACCOUNTS),
    openingBalance: OPENING_BALANCE,
  }
  readonly #failures: string[] = []
  #phase: Phase = 'starting'
  #metrics: LiveMetrics | undefined
  #startedAt = Number.NaN
  #stoppedAt = Number.NaN

  /** `abort` ends the run early, with its reason; the run uses it too, when a process is lost. */
  constructor(options: DemoOptions, view: View, abort: AbortController) {
    this.#options = options
    this.#view = view
    this.#abort = abort
  }

  /** Runs; whatever happens, no process and no file is left. */
  async run(): Promise<Report> {
    const processes = await createProcessGroup({ prefix: 'colony-bank-' })
    try {
      return await this.#runWith(processes)
    } catch (error) {
      // Whatever still waits must end too. What waited before says only that it was aborted; the first reason says why.
      this.#abort.abort(error)
      throw this.#abort.signal.reason
    } finally {
      await processes.close()
    }
  }

  async #runWith(processes: ProcessGroup): Promise<Report> {
    const { directory } = processes
    const { seconds, seed, nodes } = this.#options
    const random = createRandom(seed)
    const { signal } = this.#abort
    const onLost = (error: Error): void => this.#abort.abort(error)
    const nodeIds = names('n', nodes)
    const clients = new ClientPool({
      clients: names('c', CLIENT_PROCESSES),
      nodes: nodeIds,
      accounts: this.#bank.accounts,
      concurrency: CONCURRENCY,
      onProgress: (progress) => this.#metrics?.add(progress),
      ...{ seed, directory, processes, signal, onLost },
    })
    const seeds = await clients.open()
    const cluster = await Cluster.open({
      nodes: nodeIds,
      bank: this.#bank,
      ...{ seeds, directory, processes, signal, onLost },
    })
    const plan = planFaults(seconds, random.fork('faults'))
    const injector = new FaultInjector(cluster, signal)
    const show = (): void => this.#view.update(this.#snapshot(cluster, injector, plan.length))
    const showing = setInterval(show, UPDATE_INTERVAL_MS)
    try {
      show()
      await cluster.start()
      await this.#load(clients, () => injector.run(plan, this.#startedAt))
      const audited = await this.#audit(cluster, directory)
      this.#enter('verifying')
      show()
      // All that is needed is in files. Only now is it read: this process is also the network, which had better not stand still.
      await processes.killAll()
      const records = await clients.records()
      const audits = await Promise.all(audited.map((id) => readAudit(id, auditFile(directory, id))))
      const evidence = { bank: this.#bank, records, audits, nodes, failures: this.#failures }
      const verdict = verify(evidence, random.fork('sample'))
      this.#enter('done')
      show()
      const [startedAt, stoppedAt] = [this.#startedAt, this.#stoppedAt]
      return createReport({ nodes, seed, startedAt, stoppedAt, records, verdict, faults: injector.faults })
    } finally {
      clearInterval(showing)
      await cluster.network.close()
    }
  }

  async #load(clients: ClientPool, faults: () => Promise<void>): Promise<void> {
    const { signal } = this.#abort
    this.#metrics = new LiveMetrics()
    this.#startedAt = machineClock.now()
    this.#enter('running')
    clients.run()
    // On a slow machine the faults may take longer than planned: the load goes on until the last one is over.
    await Promise.all([this.#expect(faults), sleep(this.#options.seconds * 1000, undefined, { signal })])
    this.#stoppedAt = machineClock.now()
    this.#metrics.freeze()
    this.#enter('finishing')
    await clients.stop()
  }

  /**
   * Has all nodes write down their state at the same index: again when an election came in between, which adds an entry.
   * @returns The nodes that did.
   */
  async #audit(cluster: Cluster, directory: string): Promise<readonly NodeId[]> {
    let audited = new Map<NodeId, LogIndex>()
    for (let tries = 0; tries < AUDIT_TRIES; tries++) {
      audited = new Map()
      await this.#expect(() => cluster.settled())
      for (const node of cluster.nodes) {
        await this.#expect(async () => {
          audited.set(node.id, await node.audit(auditFile(directory, node.id), this.#abort.signal))
        })
      }
      if (new Set(audited.values()).size === 1 || this.#failures.length > 0) break
    }
    return [...audited.keys()]
  }

  /** What does not come about in time condemns the run, but the run goes on, to find out what it came to. */
  async #expect(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof WaitedInVain)) throw error
      this.#failures.push(error.message)
    }
  }

  #enter(phase: Phase): void {
    this.#phase = phase
  }

  #snapshot(cluster: Cluster, { faults }: FaultInjector, plannedFaults: number): Snapshot {
    const now = machineClock.now()
    const end = Number.isNaN(this.#stoppedAt) ? now : this.#stoppedAt
    return {
      phase: this.#phase,
      seed: this.#options.seed,
      clients: CLIENT_PROCESSES * CONCURRENCY,
      elapsedMs: Number.isNaN(this.#startedAt) ? 0 : end - this.#startedAt,
      totalMs: this.#options.seconds * 1000,
      nodes: cluster.nodes,
      figures: this.#metrics?.figures(),
      faults,
      plannedFaults,
      now,
    }
  }
}

function auditFile(directory: string, node: NodeId): string {
  return join(directory, `${node}.audit`)
}

function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, nth) => `${prefix}${nth + 1}`)
}
