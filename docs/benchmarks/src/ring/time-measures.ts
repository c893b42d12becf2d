import { performance } from 'node:perf_hooks'
import { median } from '../measure/percentiles.ts'
import type { Peer, Placer } from './peer.ts'

/** Keys looked up at a stretch: they and the ring stay near the processor, and hashring's cache of 5000 answers never sees one twice. */
const CHUNK = 10_000
const CHUNKS = 16
const PASSES = 5

/** Time of one change, in milliseconds. */
export interface ChangeFigures {
  readonly buildMs: number
  readonly addMs: number
  readonly removeMs: number
}

/**
 * Nanoseconds of one lookup: chunks of keys are gone through several times in a row and the best pass of each counts, for what else the machine does
 * only ever adds. Goes on for `seconds`, and once through everything at least.
 */
export function timeLookups<Key>(
  lookup: (key: Key) => unknown,
  keys: readonly Key[],
  seconds: number,
): number {
  const chunks = chunksOf(keys)
  const best = new Float64Array(chunks.length).fill(Infinity)
  const until = performance.now() + seconds * 1000
  do {
    for (const [at, chunk] of chunks.entries()) {
      for (let pass = 0; pass < PASSES; pass++) {
        best[at] = Math.min(best[at] as number, timePass(lookup, chunk))
      }
    }
  } while (performance.now() < until)
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  return (best.reduce((sum, ms) => sum + ms, 0) / total) * 1e6
}

/** Milliseconds; the answers are counted so that no compiler leaves a lookup out. */
function timePass<Key>(lookup: (key: Key) => unknown, keys: readonly Key[]): number {
  let missing = 0
  const started = performance.now()
  for (let at = 0; at < keys.length; at++) if (lookup(keys[at] as Key) === undefined) missing++
  const ms = performance.now() - started
  return missing === keys.length ? Infinity : ms
}

/** Chunks from all over the keys. */
function chunksOf<Key>(keys: readonly Key[]): Key[][] {
  const stride = Math.max(CHUNK, Math.floor(keys.length / CHUNKS))
  const chunks: Key[][] = []
  for (let at = 0; at < keys.length && chunks.length < CHUNKS; at += stride)
    chunks.push(keys.slice(at, at + CHUNK))
  return chunks
}

/**
 * Medians of building, adding and removing, again and again for `seconds`. Each includes the first lookup after it: some put off the work until then.
 */
export function timeChanges(
  peer: Peer,
  ids: readonly string[],
  added: readonly string[],
  seconds: number,
): ChangeFigures {
  const builds: number[] = []
  const adds: number[] = []
  const removes: number[] = []
  const until = performance.now() + seconds * 1000
  do {
    let placer = timed(builds, () => peer.build(ids))
    for (const id of added) placer = timed(adds, () => placer.add(id))
    // What was added goes again, never the other way round: consistent-hash throws when a node is added after one was removed.
    for (const id of added) placer = timed(removes, () => placer.remove(id))
  } while (performance.now() < until)
  return { buildMs: median(builds), addMs: median(adds), removeMs: median(removes) }
}

function timed(samples: number[], change: () => Placer): Placer {
  const started = performance.now()
  const placer = change()
  placer.owner('user:1')
  samples.push(performance.now() - started)
  return placer
}
