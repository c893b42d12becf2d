import type { StoredSnapshot } from '../storage/storage.ts'
import { encodeBackupHeader } from './backup-format.ts'

/** How much of a snapshot is read at a time. */
const READ_BYTES = 256 * 1024

/**
 * A backup of what a running node has applied: the content of its newest snapshot. Closes the snapshot.
 * @throws What reading it rejects with.
 */
export async function* backupOfSnapshot(
  whose: { readonly clusterId: string; readonly group: string },
  stored: StoredSnapshot,
): AsyncGenerator<Uint8Array, void> {
  try {
    const { meta: snapshot, bytes: snapshotBytes } = stored
    yield encodeBackupHeader({ ...whose, snapshot, snapshotBytes, entryBytes: 0, entryChecksum: 0 })
    yield* contentOf(stored)
  } finally {
    await stored.close()
  }
}

/** The content of a snapshot, in order. */
export async function* contentOf(stored: StoredSnapshot): AsyncGenerator<Uint8Array, void> {
  for (let offset = 0; offset < stored.bytes;) {
    const bytes = await stored.read(offset, READ_BYTES)
    if (bytes.length === 0) return
    offset += bytes.length
    yield bytes
  }
}
