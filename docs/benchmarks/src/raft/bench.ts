import { type Bench, progress } from '../bench.ts'
import { describeMachine, type Machine } from '../measure/machine.ts'
import { Rests } from '../measure/rests.ts'
import { colonySeries, embeddedSeries, readSeries } from './colony-series.ts'
import { measureCore } from './core.ts'
import { measureCosts } from './costs.ts'
import { measureDurable } from './durable.ts'
import { etcdVersion, HOW_TO_GET_ETCD } from './etcd-cluster.ts'
import { etcdReadSeries, etcdSeries } from './etcd-series.ts'
import { measureFailover } from './failover.ts'
import { raftGoals } from './goals.ts'
import { measureGroups } from './groups.ts'
import { formatRaftReport, type RaftFigures, ratiosOf } from './report.ts'
import { measureRestart } from './restart.ts'
import { READ_LEVELS, WRITE_LEVELS } from './workload.ts'

const CORE = 'core'
const DURABLE = [etcdSeries, colonySeries, embeddedSeries]
const READS = 'reads'
const COSTS = 'costs'
const RESTART = 'restart'
const FAILOVER = 'failover'
const GROUPS = 'groups'

/** After a system that wrote a lot, and after one that read. */
const REST_AFTER_WRITES_MS = 8_000
const REST_AFTER_READS_MS = 3_000

/** Raft: the core alone, a durable cluster beside etcd, its reads, a node that comes back, and leaders that go. */
export const raftBench: Bench = {
  summary:
    'commits of the core alone, commits and reads of three durable processes beside etcd, a restart, and leaders that die.',
  parts: [CORE, ...DURABLE.map((series) => series.name), READS, COSTS, RESTART, FAILOVER, GROUPS],
  async run({ seconds, rounds, only, scratch, command }) {
    const wanted = (part: string): boolean => only.length === 0 || only.includes(part)
    const machine = describeMachine(scratch)
    const rests = new Rests()
    const etcd = etcdVersion()
    const skipped = reasonsToSkip(machine, etcd === undefined && (wanted(etcdSeries.name) || wanted(READS)))
    const options = { seconds, rounds, scratch, rests }
    await rests.rest(REST_AFTER_READS_MS)
    const core = wanted(CORE) ? measureCore(seconds) : []
    const writers = DURABLE.filter(({ name }) => {
      return wanted(name) && (name !== etcdSeries.name || etcd !== undefined)
    })
    const settleMs = REST_AFTER_WRITES_MS
    const durable = await measureDurable(writers, { ...options, settleMs, levels: WRITE_LEVELS })
    const readers = wanted(READS) ? [...(etcd === undefined ? [] : [etcdReadSeries]), ...readSeries] : []
    const levels = READ_LEVELS
    const reads = await measureDurable(readers, { ...options, settleMs: REST_AFTER_READS_MS, levels })
    const costs = wanted(COSTS) ? await measureCosts(scratch) : undefined
    const failover = wanted(FAILOVER) ? await measureFailover(scratch) : undefined
    const restart = wanted(RESTART) ? await measureRestart({ rounds, scratch, rests }) : []
    const groups = wanted(GROUPS) ? await measureGroups(rests) : []
    const figures: RaftFigures = {
      bench: 'raft',
      ...{
        machine,
        command,
        seconds,
        rounds,
        core,
        durable,
        reads,
        costs,
        restart,
        failover,
        groups,
        skipped,
      },
      etcdVersion: writers.includes(etcdSeries) || readers.length > 0 ? etcd : undefined,
      ratios: ratiosOf(durable),
      otherLoad: rests.otherLoad,
    }
    return { figures: { ...figures, goals: raftGoals(figures) }, markdown: formatRaftReport(figures) }
  },
}

function reasonsToSkip({ fileSystem }: Machine, lacksEtcd: boolean): string[] {
  const reasons: string[] = []
  if (lacksEtcd) reasons.push(`etcd and the ratio to it, since etcd is not installed (${HOW_TO_GET_ETCD})`)
  if (fileSystem === 'tmpfs') {
    reasons.push('durability, since the scratch directory is in memory (choose another with --scratch)')
  }
  for (const reason of reasons) progress(`skipped: ${reason}`)
  return reasons
}
