import type { StorageFactory } from '@colony/testing/conformance'
import { segmentName } from '../../src/storage/log/format.ts'
import type { LogStorageOptions } from '../../src/storage/log/log-options.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import { memoryStorage } from '../../src/storage/memory-storage.ts'
import type { RaftStorage } from '../../src/storage/storage.ts'
import { quickDisk } from './quick-disk.ts'

/** A byte within the first record of a log, behind the headers of segment and record. */
export const FIRST_RECORD_BYTE = 100

/** Small ones: the suite fills segments, and goes to the largest record. */
export const LIMITS = { segmentBytes: 4096, maxRecordBytes: 65_536 }

/** Storages in memory: the same object for every process, since there is nothing else that outlives one. */
export const memoryStorages: StorageFactory = {
  supports: ['snapshots'],
  place: () => {
    const storage = memoryStorage()
    return { storage: () => storage }
  },
}

/** Storages on simulated disks, as `storageOn` makes them; every disk has a seed, and so crashes, of its own. */
export function onSimulatedDisks(
  storageOn: (options: LogStorageOptions) => Required<RaftStorage>,
): StorageFactory {
  let seed = 0
  return {
    supports: ['crash', 'failure', 'damage', 'limit', 'snapshots'],
    place: () => {
      const disk = quickDisk((seed += 1))
      const directory = '/data/a'
      return {
        storage: () => storageOn({ disk, directory, ...LIMITS }),
        crash: () => disk.crash(),
        failNext: () => disk.failNext('writeDurable'),
        damage: () => void disk.corrupt(`${directory}/${segmentName(1)}`, FIRST_RECORD_BYTE),
      }
    },
  }
}

/** Logs on simulated disks. */
export function simulatedLogs(): StorageFactory {
  return onSimulatedDisks(logStorage)
}
