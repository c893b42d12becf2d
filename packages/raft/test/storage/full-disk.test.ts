import { describe, expect, test } from 'vitest'
import type { PersistRecord } from '../../src/core/entry.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import { IDENTITY } from './identity.ts'
import { quickDisk } from './quick-disk.ts'

const OPTIONS = { directory: '/data', segmentBytes: 4096 }

function entry(index: number, bytes = 1000): PersistRecord {
  const entries = [{ term: 1, kind: 'command' as const, data: new Uint8Array(bytes).fill(index) }]
  return { term: 1, vote: '', firstIndex: index, entries }
}

/** A log whose disk got full, and the index of the entry that it had no room for. */
async function filled() {
  const disk = quickDisk()
  const storage = logStorage({ ...OPTIONS, disk })
  await storage.open(IDENTITY)
  await storage.persist(entry(1))
  disk.configure({ freeBytes: 0 })
  for (let index = 2; ; index++) {
    const error = await storage.persist(entry(index)).catch((cause: unknown) => cause)
    if (error !== undefined) return { disk, storage, index, error }
  }
}

describe('a full disk', () => {
  test('is told from one that failed: the record can be tried again', async () => {
    const { error, disk, storage, index } = await filled()
    expect(error).toMatchObject({ code: 'RAFT_STORAGE_FULL', retryable: true })
    // What was made of a segment is out of the way.
    expect((await disk.list('/data')).filter((name) => name.endsWith('.tmp'))).toEqual([])
    await expect(storage.persist(entry(index))).rejects.toMatchObject({ code: 'RAFT_STORAGE_FULL' })
    disk.configure({ freeBytes: null })
    await storage.persist(entry(index))
    await storage.persist(entry(index + 1))
    await storage.close()
    expect((await storage.open(IDENTITY)).entries).toHaveLength(index + 1)
    await storage.close()
  })

  test('has room for terms and votes', async () => {
    const { storage, disk, index } = await filled()
    for (const term of [2, 3, 4]) await storage.persist({ term, vote: 'a', firstIndex: 0, entries: [] })
    disk.crash()
    const again = logStorage({ ...OPTIONS, disk })
    const found = await again.open(IDENTITY)
    expect(found).toMatchObject({ term: 4, vote: 'a' })
    expect(found.entries).toHaveLength(index - 1)
    await again.close()
  })

  test('and for a record of any size there is again room for terms and votes behind it', async () => {
    const disk = quickDisk()
    const storage = logStorage({ ...OPTIONS, disk })
    await storage.open(IDENTITY)
    for (const [at, bytes] of [4096, 3500, 4000, 8100, 12_200].entries()) {
      disk.configure({ freeBytes: null })
      await storage.persist(entry(at + 1, bytes))
      disk.configure({ freeBytes: 0 })
      await storage.persist({ term: 2 + at, vote: '', firstIndex: 0, entries: [] })
    }
    await storage.close()
  })

  test('where the write itself failed, nothing is tried again', async () => {
    const disk = quickDisk()
    const storage = logStorage({ ...OPTIONS, disk })
    await storage.open(IDENTITY)
    disk.failNext('writeDurable', Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
    await expect(storage.persist(entry(1))).rejects.toMatchObject({ code: 'RAFT_STORAGE_FAILED' })
    await expect(storage.persist(entry(1))).rejects.toMatchObject({ code: 'RAFT_STORAGE_FAILED' })
    await storage.close()
  })
})
