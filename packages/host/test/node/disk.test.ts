import type * as Fs from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ColonyError } from '../../src/core/error.ts'
import { nodeDisk } from '../../src/node/disk.ts'

/** How many bytes the system takes at a time; what it says instead of writing. */
const system = vi.hoisted(() => ({
  atMost: Infinity,
  error: undefined as Error | undefined,
  /** Writes are kept here while it is there. */
  held: undefined as (() => void)[] | undefined,
  closed: 0,
}))

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof Fs>()
  type Done = (error: Error | null, count: number, bytes: Uint8Array) => void
  return {
    ...original,
    write: (fd: number, bytes: Uint8Array, from: number, length: number, position: number, done: Done) => {
      const write = (): void =>
        original.write(fd, bytes, from, Math.min(length, system.atMost), position, done)
      if (system.error !== undefined) done(system.error, 0, bytes)
      else if (system.held !== undefined) system.held.push(write)
      else write()
    },
    close: (fd: number, done: (error: Error | null) => void) => {
      system.closed++
      original.close(fd, done)
    },
    read: (fd: number, bytes: Uint8Array, from: number, length: number, position: number, done: Done) => {
      original.read(fd, bytes, from, Math.min(length, system.atMost), position, done)
    },
  }
})

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'colony-disk-'))
  system.atMost = Infinity
  system.error = undefined
  system.held = undefined
  system.closed = 0
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

// What all disks have in common is in disk-conformance.test.ts.
describe('the disk of Node', () => {
  test('writes and reads on when the system does only part of what it was asked for', async () => {
    const path = join(directory, 'a')
    const file = await nodeDisk().open(path, { create: true })
    const content = Uint8Array.from({ length: 1000 }, (_, at) => at % 256)
    system.atMost = 7
    await file.write(10, content)
    await file.writeDurable(2000, content)
    expect(await file.read(10, 1000)).toEqual(content)
    expect(await file.read(2900, 1000)).toEqual(content.subarray(900))
    await file.close()
    const written = await readFile(path)
    expect(Buffer.compare(written.subarray(2000), content)).toBe(0)
    expect(written).toHaveLength(3000)
  })

  test('does not write for ever when the system writes nothing', async () => {
    const file = await nodeDisk().open(join(directory, 'a'), { create: true })
    system.atMost = 0
    await expect(file.writeDurable(0, new Uint8Array(5))).rejects.toThrow('wrote nothing')
    await file.close()
  })

  test('an error of the system is the cause of ours, whose message names operation and file', async () => {
    const path = join(directory, 'a')
    const file = await nodeDisk().open(path, { create: true })
    system.error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const error: unknown = await file.writeDurable(0, new Uint8Array(5)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ColonyError)
    expect(error).toMatchObject({ code: 'HOST_DISK_FAILED', retryable: false, cause: { code: 'ENOSPC' } })
    expect(String(error)).toContain(`write ${path}: ENOSPC`)
    await file.close()
  })

  test('operations of one file may be under way together', async () => {
    const file = await nodeDisk().open(join(directory, 'a'), { create: true })
    const writes = Array.from({ length: 50 }, (_, index) => {
      const block = new Uint8Array(100).fill(index)
      return index % 2 === 0 ? file.write(index * 100, block) : file.writeDurable(index * 100, block)
    })
    const closed = file.close()
    await Promise.all(writes)
    await closed
    const content = await readFile(join(directory, 'a'))
    for (let index = 0; index < 50; index++) expect(content[index * 100 + 50]).toBe(index)
  })

  test("closes no descriptor that a write is under way on: its number may be another file's by then", async () => {
    const file = await nodeDisk().open(join(directory, 'a'), { create: true })
    const held: (() => void)[] = (system.held = [])
    const written = file.writeDurable(0, new Uint8Array(5))
    const closed = file.close()
    expect([held.length, system.closed]).toEqual([1, 0])
    for (const write of held) write()
    await Promise.all([written, closed])
    expect(system.closed).toBeGreaterThan(0)
  })

  test('makes directories along any path, and says what it cannot make', async () => {
    const disk = nodeDisk()
    await disk.makeDirectory(join(directory, 'x', '..', 'y', 'z'))
    expect(await disk.list(join(directory, 'y'))).toEqual(['z'])
    await expect(disk.makeDirectory(join(directory, 'a\0b'))).rejects.toMatchObject({
      code: 'HOST_DISK_FAILED',
    })
  })
})
