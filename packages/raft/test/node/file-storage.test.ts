import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeDisk } from '@colony/host/node'
import type { StoragePlace } from '@colony/testing/conformance'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileStorage } from '../../src/node/index.ts'
import { segmentName } from '../../src/storage/log/format.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import type { RaftStorage } from '../../src/storage/storage.ts'
import { IDENTITY } from '../storage/identity.ts'
import { entry, testStorageContract } from '../storage/storage-contract.ts'
import { FIRST_RECORD_BYTE, LIMITS } from '../storage/storage-factories.ts'

const HERE = dirname(fileURLToPath(import.meta.url))

let directory: string
let children: ChildProcess[] = []

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'colony-raft-')), 'node', 'a')
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  await rm(dirname(dirname(directory)), { recursive: true, force: true })
})

/** A second process that has the storage open. */
async function holder(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(HERE, 'hold-storage.ts'), directory], {
    cwd: HERE,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout ?? child, 'data')
  return child
}

/** A directory of its own for each case, and what uses it. */
async function place(storage: (path: string) => Promise<RaftStorage>): Promise<StoragePlace> {
  const path = await mkdtemp(join(tmpdir(), 'colony-raft-'))
  return {
    storage: async () => await storage(path),
    damage: async () => await damage(join(path, segmentName(1))),
    close: async () => await rm(path, { recursive: true, force: true }),
  }
}

/** Flips a bit of the first record. */
async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, FIRST_RECORD_BYTE)
  await file.write(Uint8Array.of((byte[0] ?? 0) ^ 1), 0, 1, FIRST_RECORD_BYTE)
  await file.close()
}

describe('the log on the disk of Node', () => {
  testStorageContract({
    supports: ['damage', 'limit', 'snapshots'],
    place: async () =>
      await place(async (path) => logStorage({ disk: nodeDisk(), directory: path, ...LIMITS })),
  })
})

describe('file storage', () => {
  testStorageContract({
    supports: ['lock', 'damage', 'limit', 'snapshots'],
    place: async () => await place(async (path) => await fileStorage(path, LIMITS)),
  })

  test('many segments of real files, opened again', async () => {
    const storage = await fileStorage(directory, { segmentBytes: 4096 })
    await storage.open(IDENTITY)
    for (let index = 1; index <= 200; index++) {
      await storage.persist({
        term: 1,
        vote: '',
        firstIndex: index,
        entries: [entry(1, `entry ${index} `.repeat(10))],
      })
    }
    await storage.close()
    const { entries } = await storage.open(IDENTITY)
    expect(entries).toHaveLength(200)
    expect(new TextDecoder().decode(entries[199]?.data)).toBe('entry 200 '.repeat(10))
    expect((await readdir(directory)).filter((name) => name.endsWith('.seg')).length).toBeGreaterThan(5)
    await storage.close()
  })

  test('one storage that is opened twice, at once or later: refused, and the first goes on', async () => {
    const storage = await fileStorage(directory)
    const first = storage.open(IDENTITY)
    await expect(storage.open(IDENTITY)).rejects.toThrow('is open already')
    await first
    await expect(storage.open(IDENTITY)).rejects.toThrow('is open already')
    await storage.close()
  })

  test('two in one process on one directory: the second is refused and told who has it', async () => {
    const first = await fileStorage(directory)
    const second = await fileStorage(`${directory}/../a`)
    await first.open(IDENTITY)
    const refused = second.open(IDENTITY)
    await expect(refused).rejects.toMatchObject({ code: 'RAFT_STORAGE_LOCKED', retryable: false })
    await expect(refused).rejects.toThrow(new RegExp(`${directory} .*process ${process.pid} \\(this one\\)`))
    await second.close()
    await first.persist({ term: 1, vote: '', firstIndex: 0, entries: [] })
    await first.close()
    expect((await second.open(IDENTITY)).term).toBe(1)
    await second.close()
  })

  test('a directory that another process has is refused; after kill -9 it is taken over with all it holds', async () => {
    const child = await holder()
    const storage = await fileStorage(directory)
    const refused = storage.open(IDENTITY)
    await expect(refused).rejects.toMatchObject({ code: 'RAFT_STORAGE_LOCKED' })
    await expect(refused).rejects.toThrow(new RegExp(`process ${child.pid} on host`))
    child.kill('SIGKILL')
    await once(child, 'exit')
    const { entries } = await storage.open(IDENTITY)
    expect(entries.map(({ data }) => new TextDecoder().decode(data))).toEqual([
      'written by a process that was killed',
    ])
    await storage.close()
    expect(await readdir(directory)).not.toContain('LOCK')
  })

  test('an open that fails gives the lock back', async () => {
    const storage = await fileStorage(directory)
    await storage.open(IDENTITY)
    await storage.close()
    const other = await fileStorage(directory)
    await expect(other.open({ ...IDENTITY, nodeId: 'b' })).rejects.toMatchObject({
      code: 'RAFT_STORAGE_FOREIGN',
    })
    await storage.open(IDENTITY)
    await storage.close()
  })

  test('a path that cannot be a directory, and options that are wrong', async () => {
    await expect(fileStorage('')).rejects.toMatchObject({ code: 'RAFT_INVALID_OPTION' })
    expect((await fileStorage(directory, { maxRecordBytes: 5000 })).maxRecordBytes).toBe(5000)
    await expect(fileStorage(directory, { segmentBytes: 5 })).rejects.toMatchObject({
      code: 'RAFT_INVALID_OPTION',
    })
    const file = join(dirname(dirname(directory)), 'file')
    await writeFile(file, '')
    const storage = await fileStorage(file)
    await expect(storage.open(IDENTITY)).rejects.toMatchObject({ code: 'RAFT_STORAGE_FAILED' })
  })
})
