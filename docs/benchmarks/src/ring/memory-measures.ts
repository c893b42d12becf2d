import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median } from '../measure/percentiles.ts'
import type { Peer, Placer } from './peer.ts'

const REPETITIONS = 7
/** Built before, so that code which the engine makes of what it sees is not counted as held by the instance. */
const WARM_UP_MS = 500
/** Few enough that what they allocate fits into the young generation several times over: nothing is collected while counting. */
const LOOKUPS = 10_000

/** Bytes that a built instance holds: the heap and what typed arrays have beside it. */
export function measureMemory(peer: Peer, ids: readonly string[]): number {
  const held: Placer[] = []
  const warm = performance.now() + WARM_UP_MS
  do peer.build(ids).owner('user:1')
  while (performance.now() < warm)
  const samples = Array.from({ length: REPETITIONS }, () => {
    const before = bytesInUse()
    const placer = peer.build(ids)
    // Some do their work at the first lookup.
    placer.owner('user:1')
    held.push(placer)
    const bytes = bytesInUse() - before
    held.pop()
    return bytes
  })
  return Math.max(0, median(samples))
}

/** Bytes that one lookup allocates, once it is compiled: the least of several counts, since the engine's own work allocates as well. */
export function measureAllocation(lookup: (key: string) => unknown, keys: readonly string[]): number {
  const some = keys.slice(0, LOOKUPS)
  const run = (): number => {
    let missing = 0
    for (let at = 0; at < some.length; at++) if (lookup(some[at] as string) === undefined) missing++
    return missing
  }
  let least = Infinity
  for (let repetition = 0; repetition < 100; repetition++) {
    if (repetition % 10 === 0) collect()
    const before = process.memoryUsage().heapUsed
    run()
    const after = process.memoryUsage().heapUsed
    // Less than before means that garbage was collected meanwhile.
    if (after >= before) least = Math.min(least, after - before)
  }
  const own = leastOf(() => undefined)
  return Math.max(0, least - own) / some.length
}

/** What asking costs by itself. */
function leastOf(run: () => void): number {
  let least = Infinity
  for (let repetition = 0; repetition < 100; repetition++) {
    const before = process.memoryUsage().heapUsed
    run()
    const after = process.memoryUsage().heapUsed
    if (after >= before) least = Math.min(least, after - before)
  }
  return least
}

function bytesInUse(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

let collector: (() => void) | undefined

function collect(): void {
  if (collector === undefined) {
    // The same as starting with --expose-gc, without anything having to be passed to the process.
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  // What weak references and finalisers kept goes with the second.
  collector()
  collector()
}
