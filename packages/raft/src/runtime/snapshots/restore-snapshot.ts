import { RaftError } from '../../errors.ts'
import type { StoredSnapshot } from '../../storage/storage.ts'
import { NOTHING_REMEMBERED, type Remembered } from '../remembered.ts'
import type { RememberedKey } from '../remembered-keys.ts'
import type { RememberedSession } from '../remembered-sessions.ts'
import type { AnyMachine } from '../machine.ts'
import type { Pace } from './pace.ts'
import type { SnapshotSum } from './snapshot-format.ts'
import { SnapshotParser } from './snapshot-parser.ts'

/** How much is read from the storage at a time. */
const READ_BYTES = 64 * 1024

/** What restoring a snapshot gives beside the machine's state. */
export interface RestoredSnapshot extends SnapshotSum {
  readonly remembered: Remembered
}

/**
 * Gives a machine the state that a stored snapshot holds, and reads all of it, whatever the machine does.
 * @throws A {@link RaftError}: `RAFT_STORAGE_DAMAGED` when the snapshot is not what was written, `RAFT_STORAGE_FAILED` when it can't be read,
 *   `RAFT_MACHINE_FAILED` when the machine can't take it.
 */
export async function restoreSnapshot(
  stored: StoredSnapshot,
  machine: AnyMachine,
  pace: Pace,
): Promise<RestoredSnapshot> {
  const keys: RememberedKey[] = []
  const sessions: RememberedSession[] = []
  let time: Pick<Remembered, 'time' | 'limits'> = NOTHING_REMEMBERED
  const parser = new SnapshotParser({
    time: (stated) => {
      time = stated
    },
    sessions: (some) => {
      for (const session of some) sessions.push(session)
    },
    keys: (some) => {
      for (const known of some) keys.push(known)
    },
    machine: (bytes) => pieces.push(bytes),
  })
  const pieces: Uint8Array[] = []
  const chunks = read(stored, parser, pieces, pace)
  try {
    // Without `return`: a machine that stops early must not keep the rest from being checked.
    await machine.restore?.({ [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) })
  } catch (cause) {
    if (cause instanceof RaftError) throw cause
    const { index } = stored.meta
    throw new RaftError(
      'RAFT_MACHINE_FAILED',
      `the machine could not restore the snapshot at index ${index}. This node stopped; its data is intact`,
      { cause },
    )
  }
  while ((await chunks.next()).done !== true);
  return { remembered: { ...time, keys, sessions }, ...parser.sum }
}

async function* read(
  stored: StoredSnapshot,
  parser: SnapshotParser,
  pieces: Uint8Array[],
  pace: Pace,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < stored.bytes;) {
    const bytes = await readPart(stored, offset)
    if (bytes.length === 0) break
    offset += bytes.length
    parser.push(bytes)
    if (parser.problem !== undefined) throw damaged(stored, parser.problem)
    if (pace.spent(bytes.length)) await pace.pause()
    yield* pieces.splice(0)
  }
  const problem = parser.end() ?? mismatch(stored, parser)
  if (problem !== undefined) throw damaged(stored, problem)
}

async function readPart(stored: StoredSnapshot, offset: number): Promise<Uint8Array> {
  try {
    return await stored.read(offset, READ_BYTES)
  } catch (cause) {
    if (cause instanceof RaftError) throw cause
    const what = `reading the snapshot at index ${stored.meta.index} failed: ${String(cause)}`
    throw new RaftError('RAFT_STORAGE_FAILED', what, { cause })
  }
}

function mismatch({ meta }: StoredSnapshot, { about }: SnapshotParser): string | undefined {
  if (about?.index === meta.index && about.term === meta.term) return undefined
  return `it is that of index ${about?.index} and term ${about?.term}`
}

function damaged({ meta }: StoredSnapshot, problem: string): RaftError {
  return new RaftError(
    'RAFT_STORAGE_DAMAGED',
    `The snapshot at index ${meta.index} is not what was written: ${problem}. The log before it is gone, so this node cannot go on from here. ` +
      'Replace this node by a new one with a new id; do not start it empty under its old id, for it has forgotten how it voted.',
  )
}
