import { createRandom } from '@colony/host'
import type { LifeguardOptions } from '../../../src/core/options.ts'
import { Cluster, type Node } from '../cluster.ts'

/** The rows of the paper's table, which knows no quarantine. */
export const CONFIGURATIONS: Readonly<Record<string, Required<LifeguardOptions>>> = {
  SWIM: { probe: false, suspicion: false, buddy: false, quarantine: false },
  'LHA-Probe': { probe: true, suspicion: false, buddy: false, quarantine: false },
  'LHA-Suspicion': { probe: false, suspicion: true, buddy: false, quarantine: false },
  'Buddy System': { probe: false, suspicion: false, buddy: true, quarantine: false },
  Lifeguard: { probe: true, suspicion: true, buddy: true, quarantine: false },
}

/** One run of the experiment (Dadgar, Phillips, Currey, 2018, section V): some members are slow, again and again, all at the same times. */
export interface Anomalies {
  /** How many members. */
  readonly concurrent: number
  /** For how long no message of theirs is read or sent. */
  readonly blockedMs: number
  /** How long they are well in between. */
  readonly openMs: number
}

/** What a run came to. */
export interface FalsePositives {
  /** How often any member declared one failed that was well. */
  readonly all: number
  /** How often one did so that was well itself. */
  readonly atHealthy: number
  readonly messages: number
  readonly bytes: number
}

export interface ExperimentOptions {
  readonly members: number
  readonly lifeguard: Required<LifeguardOptions>
  readonly anomalies: Anomalies
  readonly seed: number | string
  /** For how long there are anomalies. Default: as in the paper, two minutes. */
  readonly durationMs?: number
}

/** The paper's: suspicions of at least 5 · log10 n probe intervals, and at most six times as long. */
const TIMING = { suspicionFactor: 5, maxSuspicionFactor: 6 } as const
const QUIET_MS = 15_000

/** Runs a cluster with slow members, and counts who is wrongly taken for failed. All of them live. */
export function runIntervalExperiment(options: ExperimentOptions): FalsePositives {
  const { members, lifeguard, anomalies, seed, durationMs = 120_000 } = options
  let all = 0
  let atHealthy = 0
  const slow = new Set<string>()
  const cluster = new Cluster({
    seed,
    timing: TIMING,
    core: { lifeguard },
    onEvent: (node, event) => {
      if (event.type !== 'fail' || slow.has(event.member.id)) return
      all += 1
      if (!slow.has(node.id)) atHealthy += 1
    },
  })
  cluster.start(members)
  cluster.untilWhole(60_000)
  cluster.net.run(QUIET_MS)
  const chosen = chooseSlow(cluster.nodes, anomalies.concurrent, seed)
  for (const { id } of chosen) slow.add(id)
  const before = { ...cluster.net.traffic }
  const end = cluster.net.now + durationMs
  while (cluster.net.now < end) {
    for (const node of chosen) cluster.net.block(node, anomalies.blockedMs)
    cluster.net.run(anomalies.blockedMs + anomalies.openMs)
  }
  const { traffic } = cluster.net
  return {
    all,
    atHealthy,
    messages: traffic.datagrams + traffic.streams - before.datagrams - before.streams,
    bytes: traffic.bytes + traffic.streamBytes - before.bytes - before.streamBytes,
  }
}

function chooseSlow(nodes: readonly Node[], count: number, seed: number | string): readonly Node[] {
  const random = createRandom(seed, 'slow')
  const left = [...nodes]
  return Array.from({ length: count }, () => left.splice(random.integer(0, left.length - 1), 1)[0] as Node)
}

/** Adds up runs. */
export function sum(runs: readonly FalsePositives[]): FalsePositives {
  return runs.reduce(
    (total, run) => ({
      all: total.all + run.all,
      atHealthy: total.atHealthy + run.atHealthy,
      messages: total.messages + run.messages,
      bytes: total.bytes + run.bytes,
    }),
    { all: 0, atHealthy: 0, messages: 0, bytes: 0 },
  )
}
