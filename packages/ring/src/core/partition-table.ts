import { ownerArray } from './circle.ts'
import { best, limitOf, mix, score, scoreOf, WORD, type Candidates } from './rendezvous.ts'
import { capacity } from './weights.ts'

/** Of each partition, the candidate with the greatest score, and that score. */
export interface PartitionTable {
  /** Indexes of candidates. */
  readonly owners: Uint16Array | Uint32Array
  readonly scores: Float64Array
}

/** A table for these candidates, of which there is at least one. O(count × n). */
export function buildTable(candidates: Candidates, count: number): PartitionTable {
  const owners = ownerArray(count, candidates.weights.length)
  const scores = new Float64Array(count)
  for (let partition = 0; partition < count; partition++) {
    const owner = best(candidates, partition)
    owners[partition] = owner
    scores[partition] = scoreOf(candidates, owner, partition)
  }
  return { owners, scores }
}

/**
 * The same table as {@link buildTable} would make, from another's: `renumber[old index]` is a candidate's new index, or -1 when it went, `added`
 * are the new indexes of those that came; one whose weight changed is both. Only the partitions of those that went are ranked anew, and
 * against the others only those that came are held. O(count × added + n × the partitions of those that went).
 */
export function updateTable(
  table: PartitionTable,
  candidates: Candidates,
  renumber: Int32Array,
  added: readonly number[],
): PartitionTable {
  const count = table.owners.length
  const owners = ownerArray(count, candidates.weights.length)
  const scores = table.scores.slice()
  for (let partition = 0; partition < count; partition++) {
    const owner = renumber[table.owners[partition] as number] as number
    if (owner >= 0) {
      owners[partition] = owner
      continue
    }
    const next = best(candidates, partition)
    owners[partition] = next
    scores[partition] = scoreOf(candidates, next, partition)
  }
  for (const one of added) challenge(owners, scores, candidates, one)
  return { owners, scores }
}

/** Gives a candidate the partitions for which it scores more than their owners; on a tie the first in order keeps or takes it. */
function challenge(
  owners: Uint16Array | Uint32Array,
  scores: Float64Array,
  candidates: Candidates,
  one: number,
): void {
  const high = candidates.high[one] as number
  const low = candidates.low[one] as number
  const weight = candidates.weights[one] as number
  for (let partition = 0; partition < owners.length; partition++) {
    const highest = scores[partition] as number
    const bits = mix(partition, high, low)
    if (weight < limitOf(highest) * (WORD - bits)) continue
    const drawn = score(bits, high, weight)
    if (drawn < highest || (drawn === highest && (owners[partition] as number) <= one)) continue
    owners[partition] = one
    scores[partition] = drawn
  }
}

/**
 * Owners when nobody may have more than `ceil(maxLoad × count × part)` partitions. In the order of their numbers partitions take the first of their
 * ranking that has room; {@link shares} says why there always is one. O(count + n × the partitions that did not fit).
 */
export function boundedOwners(
  table: PartitionTable,
  candidates: Candidates,
  parts: Float64Array,
  maxLoad: number,
): Uint16Array | Uint32Array {
  const count = table.owners.length
  const room = Float64Array.from(parts, (part) => capacity(part, count, maxLoad))
  const full = Uint8Array.from(room, (places) => (places > 0 ? 0 : 1))
  const owners = table.owners.slice()
  for (let partition = 0; partition < count; partition++) {
    let owner = owners[partition] as number
    if (full[owner] === 1) {
      owner = best(candidates, partition, full)
      owners[partition] = owner
    }
    if ((room[owner] = (room[owner] as number) - 1) <= 0) full[owner] = 1
  }
  return owners
}
