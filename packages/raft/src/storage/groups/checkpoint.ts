import type { Checksum } from '@colony/host'
import type { SnapshotMeta } from '../../core/entry.ts'
import { foundingMembership } from '../../core/membership.ts'
import type { StoredSnapshot } from '../storage.ts'
import type { GroupFounding } from './group-record.ts'

/*
 * Where the shared log begins in the middle, a checkpoint stands for what came before: a snapshot of the log whose content says which groups there are. Of what else was in
 * front, nothing is needed: every group that needed a record there has it again further back. Two lines of text: the CRC of the second, and JSON, for people too.
 */

/** A group in a checkpoint. */
export interface CheckpointGroup extends GroupFounding {
  readonly number: number
}

/** What the shared log's own snapshot is called by: its members are nobody's. */
export function checkpointMeta(place: number, nodeId: string): SnapshotMeta {
  return { index: place, term: 1, membership: foundingMembership([nodeId]) }
}

/** The content of a checkpoint. */
export async function* checkpointContent(
  groups: readonly CheckpointGroup[],
  checksum: Checksum,
): AsyncGenerator<Uint8Array, void> {
  const body = JSON.stringify({ groups })
  yield new TextEncoder().encode(`${sum(body, checksum)}\n${body}`)
}

/** The groups in a checkpoint; `undefined` when it can't be read. */
export async function readCheckpoint(
  snapshot: StoredSnapshot,
  checksum: Checksum,
): Promise<readonly CheckpointGroup[] | undefined> {
  const bytes = await snapshot.read(0, snapshot.bytes)
  const text = new TextDecoder().decode(bytes)
  const cut = text.indexOf('\n')
  const body = text.slice(cut + 1)
  if (cut < 0 || text.slice(0, cut) !== sum(body, checksum)) return undefined
  const { groups } = JSON.parse(body) as { readonly groups: readonly CheckpointGroup[] }
  return groups
}

function sum(body: string, checksum: Checksum): string {
  return checksum(new TextEncoder().encode(body)).toString(16).padStart(8, '0')
}
