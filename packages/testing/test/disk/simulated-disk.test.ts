import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import { SimulatedDisk } from '../../src/disk/index.ts'

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function quickDisk(seed: number): SimulatedDisk {
  return new SimulatedDisk({ random: createRandom(seed), later: (_delayMs, task) => queueMicrotask(task) })
}

/** A disk whose operations complete when told to. */
function manualDisk(seed: number): { disk: SimulatedDisk; tasks: (() => void)[] } {
  const tasks: (() => void)[] = []
  return {
    disk: new SimulatedDisk({ random: createRandom(seed), later: (_delay, task) => tasks.push(task) }),
    tasks,
  }
}

const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1)

/** What a file holds after a crash, over many seeds. */
async function outcomes(prepare: (disk: SimulatedDisk) => Promise<void>): Promise<Set<string>> {
  const seen = new Set<string>()
  for (const seed of SEEDS) {
    const disk = quickDisk(seed)
    await disk.makeDirectory('/d')
    await prepare(disk)
    disk.crash()
    const left = disk.peek('/d/f')
    seen.add(left === undefined ? 'no file' : new TextDecoder().decode(left))
  }
  return seen
}

async function durableFile(disk: SimulatedDisk, content: Uint8Array): Promise<void> {
  const file = await disk.open('/d/f', { create: true })
  await file.write(0, content)
  await file.sync()
  await disk.syncDirectory('/d')
}

describe('a crash', () => {
  test('may keep or lose a name that was not synced, and the content that was not', async () => {
    const seen = await outcomes(async (disk) => {
      const file = await disk.open('/d/f', { create: true })
      await file.write(0, bytes('new'))
    })
    expect([...seen].sort()).toEqual(['', '\0\0\0', 'new', 'no file'])
  })

  test('never takes what was synced, name and content', async () => {
    expect([...(await outcomes(async (disk) => await durableFile(disk, bytes('old'))))]).toEqual(['old'])
  })

  test('takes the name of a synced file whose directory was not synced', async () => {
    const seen = await outcomes(async (disk) => {
      const file = await disk.open('/d/f', { create: true })
      await file.writeDurable(0, bytes('new'))
    })
    expect([...seen].sort()).toEqual(['new', 'no file'])
  })

  test('never takes a durable write; the bytes beside it, written before and not synced, it may', async () => {
    const seen = await outcomes(async (disk) => {
      await durableFile(disk, bytes('......'))
      const file = await disk.open('/d/f')
      await file.write(0, bytes('aaaaaa'))
      await file.writeDurable(2, bytes('BB'))
    })
    expect([...seen].sort()).toEqual(['..BB..', 'aaBBaa'])
  })

  test('tears pages at sectors, and keeps or loses each page whatever the order of writing', async () => {
    const patterns = await outcomes(async (disk) => {
      await durableFile(disk, new Uint8Array(8192).fill(0x2e))
      const file = await disk.open('/d/f')
      await file.write(0, new Uint8Array(8192).fill(0x41))
    })
    let torn = 0
    for (const pattern of patterns) {
      const sectors = pattern.match(/.{512}/g) ?? []
      // Whole sectors only.
      expect(sectors.every((sector) => sector === 'A'.repeat(512) || sector === '.'.repeat(512))).toBe(true)
      if (new Set(sectors.slice(0, 8)).size === 2) torn++
    }
    expect(torn).toBeGreaterThan(20)
    expect(patterns.has('.'.repeat(4096) + 'A'.repeat(4096))).toBe(true)
    expect(patterns.has('A'.repeat(4096) + '.'.repeat(4096))).toBe(true)
  })

  test('keeps the first few of the names that were not synced: never a later without an earlier', async () => {
    const seen = new Set<string>()
    for (const seed of SEEDS) {
      const disk = quickDisk(seed)
      await disk.makeDirectory('/d')
      for (const name of ['1', '2', '3']) await disk.open(`/d/${name}`, { create: true })
      await disk.rename('/d/1', '/d/4')
      disk.crash()
      seen.add((await disk.list('/d')).join(''))
    }
    expect([...seen].sort()).toEqual(['', '1', '12', '123', '234'])
  })

  test('replaces a file by a rename all at once', async () => {
    const seen = await outcomes(async (disk) => {
      await durableFile(disk, bytes('old'))
      const file = await disk.open('/d/g', { create: true })
      await file.writeDurable(0, bytes('new'))
      await disk.rename('/d/g', '/d/f')
    })
    expect([...seen].sort()).toEqual(['new', 'old'])
  })

  test('leaves what is under way without an answer, done in whole, in part or not at all', async () => {
    const seen = new Set<string>()
    for (const seed of SEEDS) {
      const { disk, tasks } = manualDisk(seed)
      const run = async <Result>(operation: Promise<Result>): Promise<Result> => {
        for (const task of tasks.splice(0)) task()
        return await operation
      }
      await run(disk.makeDirectory('/d'))
      const file = await run(disk.open('/d/f', { create: true }))
      await run(file.write(0, bytes('old')))
      await run(file.sync())
      await run(disk.syncDirectory('/d'))
      let answers = 0
      const answered = (): number => answers++
      void file.writeDurable(0, bytes('new')).then(answered, answered)
      expect(disk.pending.operations).toBe(1)
      disk.crash()
      // The dead process goes on asking.
      void file.sync().then(answered, answered)
      for (const task of tasks.splice(0)) task()
      await Promise.resolve()
      expect(answers).toBe(0)
      expect(disk.pending).toEqual({ operations: 0, writes: 0, names: 0 })
      seen.add(new TextDecoder().decode(disk.peek('/d/f')))
    }
    expect([...seen].sort()).toEqual(['new', 'old'])
  })
})

test('a kill leaves everything to be seen, and everything that was not synced to be lost by a later crash', async () => {
  const seen = new Set<string>()
  for (const seed of SEEDS) {
    const disk = quickDisk(seed)
    await disk.makeDirectory('/d')
    await durableFile(disk, bytes('old'))
    const file = await disk.open('/d/f')
    await file.write(0, bytes('new'))
    disk.kill()
    expect(new TextDecoder().decode(disk.peek('/d/f'))).toBe('new')
    expect(disk.pending.writes).toBe(1)
    disk.crash()
    seen.add(new TextDecoder().decode(disk.peek('/d/f')))
  }
  expect([...seen].sort()).toEqual(['new', 'old'])
})

test.each(['sync', 'writeDurable'] as const)(
  'a failed %s leaves in the cache what later syncs no longer save',
  async (kind) => {
    const seen = new Set<string>()
    for (const seed of SEEDS) {
      const disk = quickDisk(seed)
      await disk.makeDirectory('/d')
      await durableFile(disk, bytes('old'))
      const file = await disk.open('/d/f')
      disk.failNext(kind)
      if (kind === 'sync') await file.write(0, bytes('new'))
      const failing = kind === 'sync' ? file.sync() : file.writeDurable(0, bytes('new'))
      await expect(failing).rejects.toMatchObject({ code: 'HOST_DISK_FAILED', cause: { code: 'EIO' } })
      expect(new TextDecoder().decode(await file.read(0, 3))).toBe('new')
      await file.sync()
      disk.crash()
      seen.add(new TextDecoder().decode(disk.peek('/d/f')))
    }
    expect([...seen].sort()).toEqual(['new', 'old'])
  },
)

test('failures: the operation chosen, after as many as chosen, with the error chosen, once', async () => {
  const disk = quickDisk(1)
  await disk.makeDirectory('/d')
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' })
  disk.failNext('write', full, 1)
  const file = await disk.open('/d/f', { create: true })
  await file.write(0, bytes('a'))
  await expect(file.write(1, bytes('b'))).rejects.toMatchObject({ cause: full })
  await file.write(1, bytes('c'))
  expect(new TextDecoder().decode(disk.peek('/d/f'))).toBe('ac')
})

test('corruption changes one byte, now and after a crash', async () => {
  const disk = quickDisk(1)
  await disk.makeDirectory('/d')
  await durableFile(disk, bytes('aaa'))
  expect(disk.corrupt('/d/f', 1, 0x03)).toBe(true)
  expect(disk.corrupt('/d/f', 3)).toBe(false)
  expect(new TextDecoder().decode(disk.peek('/d/f'))).toBe('aba')
  disk.crash()
  expect(new TextDecoder().decode(disk.peek('/d/f'))).toBe('aba')
})

test('the same seed gives the same disk, byte for byte', async () => {
  const run = async (seed: number): Promise<string> => {
    const random = createRandom(seed, 'use')
    const disk = quickDisk(seed)
    const seen: string[] = []
    await disk.makeDirectory('/d')
    for (let count = 0; count < 100; count++) {
      const name = `/d/${random.integer(0, 2)}`
      const file = await disk.open(name, { create: true })
      const content = Uint8Array.from({ length: random.integer(1, 9000) }, () => random.integer(0, 255))
      if (random.integer(0, 2) === 0) await file.writeDurable(random.integer(0, 5000), content)
      else await file.write(random.integer(0, 5000), content)
      if (random.integer(0, 3) === 0) await file.sync()
      if (random.integer(0, 3) === 0) await disk.syncDirectory('/d')
      if (random.integer(0, 9) === 0) disk.crash()
      for (const each of await disk.list('/d'))
        seen.push(Buffer.from(disk.peek(`/d/${each}`) ?? []).toString('base64'))
    }
    return seen.join()
  }
  expect(await run(5)).toBe(await run(5))
  expect(await run(5)).not.toBe(await run(6))
})
