import type { LogEnd, SnapshotMeta } from '../../core/entry.ts'
import { RaftError } from '../../errors.ts'
import { type LogPlace, recover, type Recovered } from './recovery.ts'
import { salvage } from './salvage.ts'

/** A log as a node can start with it. */
export interface ReadLog extends Recovered {
  /** Set when acknowledged entries are lost that have to be fetched from other nodes: where the log ended before. */
  readonly lost?: LogEnd | undefined
  /** What is damaged, when anything is that does no harm or can be mended by other nodes. */
  readonly damage?: RaftError
}

/**
 * Reads the log of a directory and changes nothing. What is not as it should be is read again before it is believed: a bit may have changed on the way from the
 * disk, and a torn tail is going to be overwritten. Damage that stays is passed by where that is safe.
 * @throws A {@link RaftError}: `RAFT_STORAGE_DAMAGED` when acknowledged data can't be read and a start would not be safe.
 */
export async function readLog(
  place: LogPlace,
  sequences: readonly number[],
  snapshot: SnapshotMeta | undefined,
): Promise<ReadLog> {
  const read = async (): Promise<Recovered> => await recover(place, sequences, snapshot?.index)
  try {
    const first = await read()
    return first.torn === undefined ? first : await read()
  } catch (error) {
    if (!isDamage(error)) throw error
  }
  try {
    return await read()
  } catch (error) {
    if (!isDamage(error)) throw error
    const salvaged = await salvage(place, sequences, snapshot)
    if (salvaged === undefined) throw error
    return { ...salvaged, damage: error }
  }
}

function isDamage(error: unknown): error is RaftError {
  return error instanceof RaftError && error.code === 'RAFT_STORAGE_DAMAGED'
}
