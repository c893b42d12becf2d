import type { StorageFactory } from '@colony/testing/conformance'
import type { PersistRecord } from '../../../src/core/entry.ts'
import { groupLogStorage } from '../../../src/storage/groups/group-log-storage.ts'
import type { RaftGroupStorage } from '../../../src/storage/groups/group-storage.ts'
import { memoryGroupStorage } from '../../../src/storage/groups/memory-group-storage.ts'
import type { RaftStorage, StorageIdentity } from '../../../src/storage/storage.ts'
import { onSimulatedDisks } from '../storage-factories.ts'
import { IDENTITY } from '../identity.ts'

/** One group of a storage of many, as a storage of its own that is opened and closed with the whole; another group writes whenever it does. */
export function oneGroup(groups: RaftGroupStorage, name: string = IDENTITY.group): Required<RaftStorage> {
  const group = groups.group(name) as Required<RaftStorage>
  const other = groups.group('another')
  let otherIndex = 0
  let isOpen = false
  return {
    maxRecordBytes: group.maxRecordBytes,
    async open(identity: StorageIdentity) {
      await groups.open(identity)
      try {
        const state = await group.open(identity)
        const { firstIndex, entries } = await other.open({ ...identity, group: 'another' })
        otherIndex = firstIndex + entries.length
        isOpen = true
        return state
      } catch (error) {
        await groups.close()
        throw error
      }
    },
    async persist(record: PersistRecord) {
      const data = new Uint8Array([1, 2, 3])
      const entries = [{ term: 1, kind: 'command', data } as const]
      const mine = group.persist(record)
      // One that is refused says nothing about the other: it may be the first of the two, and fail for itself.
      const theirs = isOpen
        ? other.persist({ term: 1, vote: '', firstIndex: otherIndex++, entries })
        : Promise.resolve()
      await Promise.allSettled([mine, theirs])
      await mine
    },
    saveSnapshot: (meta, chunks) => group.saveSnapshot(meta, chunks),
    openSnapshot: () => group.openSnapshot(),
    forgetLogBefore: (index) => group.forgetLogBefore(index),
    async close() {
      isOpen = false
      await group.close()
      await other.close()
      await groups.close()
    },
  }
}

/** A group of a memory storage: the same object for every process. */
export const memoryGroups: StorageFactory = {
  supports: ['snapshots'],
  place: () => {
    const storage = oneGroup(memoryGroupStorage())
    return {
      storage: () => {
        const { maxRecordBytes: _, ...unlimited } = storage
        return unlimited
      },
    }
  },
}

/** A group of shared logs on simulated disks; every disk has a seed, and so crashes, of its own. */
export function simulatedGroupLogs(): StorageFactory {
  return onSimulatedDisks((options) => oneGroup(groupLogStorage(options)))
}
