import { type Bench, progress } from '../bench.ts'
import { describeMachine } from '../measure/machine.ts'
import type { HashingRow } from './hashing.ts'
import { PEERS } from './peers.ts'
import { ratiosOf } from './ratios.ts'
import { formatRingReport, type RingFigures } from './report.ts'
import { measureRows, peerProcess } from './rows.ts'

const HASHING = 'hashing'
const SIZES = [10, 100, 1000]
const KEYS = 1_000_000
/** A length takes so little that more time finds no better figure. */
const HASHING_SECONDS = 0.3

/** Consistent hashing: colony's ring beside what npm has. */
export const ringBench: Bench = {
  summary: "lookups, changes, memory and balance of colony's ring beside its peers on npm.",
  parts: [...Object.keys(PEERS), HASHING],
  async run({ seconds, rounds, only, scratch, command }) {
    const wanted = (part: string): boolean => only.length === 0 || only.includes(part)
    const machine = describeMachine(scratch)
    const peers = Object.keys(PEERS).filter(wanted)
    const rows = await measureRows({ peers, sizes: SIZES, keys: KEYS, seconds: seconds / 4, rounds })
    const hashing = wanted(HASHING) ? await measureHashingAlone() : []
    const figures: RingFigures = {
      bench: 'ring',
      ...{ machine, command, seconds, rounds, keys: KEYS, rows, hashing },
      ratios: ratiosOf(rows),
    }
    return { figures, markdown: formatRingReport(figures) }
  },
}

async function measureHashingAlone(): Promise<HashingRow[]> {
  progress('the hash alone')
  await using worker = peerProcess()
  return await worker.call('hashing', HASHING_SECONDS)
}
