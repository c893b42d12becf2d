import { crc32, createRandom, type ObservedEvent } from '@colony/host'
import { describe, expect, test } from 'vitest'
import { RaftError } from '../../src/errors.ts'
import { segmentName } from '../../src/storage/log/format.ts'
import type { LogStorageOptions } from '../../src/storage/log/log-options.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import type { RaftStorage } from '../../src/storage/storage.ts'
import { IDENTITY } from './identity.ts'
import { Machine } from './machine.ts'
import { contents, quickDisk } from './quick-disk.ts'
import { entry, testStorageContract } from './storage-contract.ts'
import { simulatedLogs } from './storage-factories.ts'

const DIRECTORY = '/data/a'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: said the system`), { code })
}

function onDisk(options: Partial<LogStorageOptions> = {}): RaftStorage {
  return logStorage({ disk: quickDisk(), directory: DIRECTORY, segmentBytes: 1024, ...options })
}

async function append(storage: RaftStorage, index: number, text = 'x'): Promise<void> {
  await storage.persist({ term: 1, vote: '', firstIndex: index, entries: [entry(1, text)] })
}

/** Appends from `index` on until a call fails, and returns what it failed with. */
async function appendUntilFailure(storage: RaftStorage, index: number): Promise<RaftError> {
  for (let next = index; next < index + 100; next++) {
    try {
      await append(storage, next, 'x'.repeat(100))
    } catch (error) {
      return error as RaftError
    }
  }
  throw new Error('nothing failed')
}

describe('log storage', () => {
  testStorageContract(simulatedLogs())

  test('the same bytes whichever CRC-32 is used', async () => {
    const disk = quickDisk()
    const first = onDisk({ disk, checksum: (bytes) => crc32(bytes.slice()) })
    await first.open(IDENTITY)
    await append(first, 1)
    await first.close()
    expect((await onDisk({ disk }).open(IDENTITY)).entries).toHaveLength(1)
  })

  test('a record larger than a segment gets one of its own, also as the very first, and sizes may change', async () => {
    const disk = quickDisk()
    for (const [index, segmentBytes] of [1024, 8192, 1024, 2048].entries()) {
      const storage = onDisk({ disk, segmentBytes })
      expect((await storage.open(IDENTITY)).entries).toHaveLength(index)
      await append(storage, index + 1, 'x'.repeat(5000))
      await storage.close()
    }
    const { entries } = await onDisk({ disk }).open(IDENTITY)
    expect(entries.map(({ data }) => data.byteLength)).toEqual([5000, 5000, 5000, 5000])
  })

  test('the largest record is told to whoever asks, so that no node writes a larger one', () => {
    expect(onDisk({ disk: quickDisk(), maxRecordBytes: 5000 }).maxRecordBytes).toBe(5000)
  })

  test('a record above maxRecordBytes is refused with nothing written; a lower limit still reads what a higher one wrote', async () => {
    const disk = quickDisk()
    const generous = onDisk({ disk, maxRecordBytes: 8192 })
    await generous.open(IDENTITY)
    await append(generous, 1, 'x'.repeat(6000))
    await generous.close()
    const strict = onDisk({ disk, maxRecordBytes: 1024 })
    expect((await strict.open(IDENTITY)).entries).toHaveLength(1)
    const before = await contents(disk, DIRECTORY)
    for (const size of [1024, 6000, 200_000]) {
      await expect(append(strict, 2, 'x'.repeat(size))).rejects.toMatchObject({ code: 'RAFT_STORAGE_FAILED' })
      await strict.close()
      await strict.open(IDENTITY)
    }
    expect(
      Buffer.compare(
        before.get(segmentName(1)) ?? Buffer.of(),
        disk.peek(`${DIRECTORY}/${segmentName(1)}`) ?? Buffer.of(),
      ),
    ).toBe(0)
  })

  test('one record at a time', async () => {
    const storage = onDisk()
    await storage.open(IDENTITY)
    const first = append(storage, 1)
    await expect(append(storage, 2)).rejects.toMatchObject({ code: 'RAFT_INVARIANT_BROKEN' })
    await first
    await append(storage, 2)
    await storage.close()
  })

  test('close waits for the record under way, and for the segment being made', async () => {
    const machine = new Machine(createRandom(1))
    const storage = onDisk({ disk: machine.disk })
    await machine.finish(storage.open(IDENTITY))
    const order: string[] = []
    const persisted = append(storage, 1).then(() => order.push('persisted'))
    const closed = storage
      .close()
      .then(() => order.push(`closed, ${machine.disk.pending.operations} under way`))
    await machine.finish(Promise.all([persisted, closed]))
    expect(order).toEqual(['persisted', 'closed, 0 under way'])
    expect((await machine.finish(onDisk({ disk: machine.disk }).open(IDENTITY))).entries).toHaveLength(1)
  })

  test.each(['EIO', 'ENOSPC'])(
    '%s from a write: an error that keeps the cause, and nothing more is accepted',
    async (code) => {
      const disk = quickDisk()
      const storage = onDisk({ disk })
      await storage.open(IDENTITY)
      await append(storage, 1)
      disk.failNext('writeDurable', systemError(code))
      const failed = append(storage, 2)
      await expect(failed).rejects.toMatchObject({
        code: 'RAFT_STORAGE_FAILED',
        retryable: false,
        cause: { code: 'HOST_DISK_FAILED', cause: { code } },
      })
      await expect(append(storage, 2)).rejects.toMatchObject({ code: 'RAFT_STORAGE_FAILED' })
      await storage.close()
      const { entries } = await storage.open(IDENTITY)
      expect([1, 2]).toContain(entries.length)
      await append(storage, entries.length + 1)
    },
  )

  test('what a failed write left in the cache is made durable before it is returned', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const disk = quickDisk(seed)
      const storage = onDisk({ disk, segmentBytes: 16384 })
      await storage.open(IDENTITY)
      disk.failNext('writeDurable')
      await expect(append(storage, 1, 'x'.repeat(9000))).rejects.toThrow('EIO')
      await storage.close()
      const seen = (await storage.open(IDENTITY)).entries.length
      disk.crash()
      expect((await onDisk({ disk }).open(IDENTITY)).entries.length, `seed ${seed}`).toBe(seen)
    }
  })

  test('no room for the next segment: told at once, tried again when it is needed, and then refused with nothing written, to be tried again', async () => {
    const disk = quickDisk()
    const events: ObservedEvent[] = []
    const storage = onDisk({ disk, observer: (event) => events.push(event) })
    await storage.open(IDENTITY)
    await storage.close()
    // Of the segments to come one is made, and the next fails twice: in the background, and when it is needed.
    disk.failNext('write', systemError('ENOSPC'), 1)
    disk.failNext('write', systemError('ENOSPC'))
    await storage.open(IDENTITY)
    const error = await appendUntilFailure(storage, 1)
    expect(events.map(({ type }) => type)).toEqual(['raft.storage-preparation-failed'])
    expect(error).toMatchObject({ code: 'RAFT_STORAGE_FULL' })
    await storage.close()
    const { entries } = await storage.open(IDENTITY)
    await append(storage, entries.length + 1, 'x'.repeat(900))
    await storage.close()
  })

  test('an operation that fails during open changes nothing that matters: the next open succeeds', async () => {
    const disk = quickDisk()
    const storage = onDisk({ disk })
    await storage.open(IDENTITY)
    for (let index = 1; index < 20; index++) await append(storage, index, 'x'.repeat(200))
    await storage.close()
    for (const kind of ['open', 'list', 'size', 'read', 'writeDurable', 'syncDirectory'] as const) {
      disk.failNext(kind)
      await expect(storage.open(IDENTITY), kind).rejects.toMatchObject({ code: 'RAFT_STORAGE_FAILED' })
      expect((await storage.open(IDENTITY)).entries, kind).toHaveLength(19)
      await storage.close()
    }
  })

  test('options are checked at once, and the message says what is allowed', () => {
    const disk = quickDisk()
    const wrong: [object, RegExp][] = [
      [{ segmentBytes: 1000 }, /segmentBytes .* 1024/],
      [{ segmentBytes: 1025 }, /segmentBytes .* multiple of 8/],
      [{ segmentBytes: 2 ** 31 }, /segmentBytes .* 1073741824/],
      [{ maxRecordBytes: 0 }, /maxRecordBytes .* 1024/],
      [{ directory: '' }, /directory/],
      [{ disk: {} }, /disk/],
      [{ segmentSize: 4096 }, /segmentSize is no option/],
    ]
    for (const [options, message] of wrong) {
      const make = (): unknown => logStorage({ disk, directory: DIRECTORY, ...options })
      expect(make).toThrow(RaftError)
      expect(make).toThrow(message)
    }
  })
})
