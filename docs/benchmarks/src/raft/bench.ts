import { type Bench, progress } from '../bench.ts'
import { describeMachine } from '../measure/machine.ts'
import { colonySeries, embeddedSeries, readSeries } from './colony-series.ts'
import { measureCore } from './core.ts'
import { measureDurable } from './durable.ts'
import { etcdVersion, HOW_TO_GET_ETCD } from './etcd-cluster.ts'
import { etcdReadSeries, etcdSeries } from './etcd-series.ts'
import { formatRaftReport, type RaftFigures, ratiosOf } from './report.ts'
import { measureRestart } from './restart.ts'

const CORE = 'core'
const DURABLE = [etcdSeries, colonySeries, embeddedSeries]
const READS = 'reads'
const RESTART = 'restart'

/** Raft: the core alone, a durable cluster beside etcd, its reads, and a node that comes back. */
export const raftBench: Bench = {
  summary:
    'commits of the core alone, commits and reads of three durable processes beside etcd, and a restart.',
  parts: [CORE, ...DURABLE.map((series) => series.name), READS, RESTART],
  async run({ seconds, rounds, only, scratch, command }) {
    const wanted = (part: string): boolean => only.length === 0 || only.includes(part)
    const machine = describeMachine(scratch)
    const skipped: string[] = []
    const installed = etcdVersion()
    if ((wanted(etcdSeries.name) || wanted(READS)) && installed === undefined) {
      skipped.push(`etcd and the ratio to it, since etcd is not installed (${HOW_TO_GET_ETCD})`)
    }
    if (machine.fileSystem === 'tmpfs') {
      skipped.push('durability, since the scratch directory is in memory (choose another with --scratch)')
    }
    for (const reason of skipped) progress(`skipped: ${reason}`)
    const core = wanted(CORE) ? measureCore(seconds) : []
    const series = DURABLE.filter(
      ({ name }) => wanted(name) && (name !== etcdSeries.name || installed !== undefined),
    )
    const durable = await measureDurable(series, { seconds, rounds, scratch })
    const readers = wanted(READS) ? [...(installed === undefined ? [] : [etcdReadSeries]), ...readSeries] : []
    const reads = await measureDurable(readers, { seconds, rounds, scratch })
    const restart = wanted(RESTART) ? await measureRestart(rounds, scratch) : []
    const figures: RaftFigures = {
      bench: 'raft',
      ...{ machine, command, seconds, rounds, core, durable, reads, restart, skipped },
      etcdVersion: series.includes(etcdSeries) || readers.length > 0 ? installed : undefined,
      ratios: ratiosOf(durable),
    }
    return { figures, markdown: formatRaftReport(figures) }
  },
}
