import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { DiskChange } from '../../src/disk/index.ts'
import { SimulatedDisk } from '../../src/disk/index.ts'

function quickDisk(seed = 1): SimulatedDisk {
  return new SimulatedDisk({ random: createRandom(seed), later: (_delay, task) => queueMicrotask(task) })
}

async function fileOn(disk: SimulatedDisk, size: number): ReturnType<SimulatedDisk['open']> {
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/f', { create: true })
  await file.write(0, pattern(size))
  await file.sync()
  await disk.syncDirectory('/d')
  return file
}

/** Bytes of which no two sectors are alike. */
function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, place) => (place >> 9) + 1 + (place % 7))
}

function codeOf(error: unknown): unknown {
  return ((error as Error).cause as { readonly code?: string }).code
}

async function rejected(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => 'no error', codeOf)
}

function differing(left: Uint8Array, right: Uint8Array): number[] {
  return [...left].flatMap((byte, place) => (byte === right[place] ? [] : [place]))
}

describe('a wiped disk', () => {
  test('is empty, and what was under way on it never ends', async () => {
    const disk = quickDisk()
    const file = await fileOn(disk, 100)
    let settled = 0
    void file.write(0, pattern(10)).then(() => (settled += 1))
    disk.wipe()
    void file.read(0, 10).then(() => (settled += 1))
    expect(await disk.list('/d')).toEqual([])
    expect(disk.peek('/d/f')).toBeUndefined()
    expect(settled).toBe(0)
  })
})

describe('a slow disk', () => {
  test('takes so many times as long, and no longer afterwards', async () => {
    const delays: number[] = []
    const disk = new SimulatedDisk({
      random: createRandom(1),
      latency: { list: [2, 2] },
      later: (delayMs, task) => {
        delays.push(delayMs)
        queueMicrotask(task)
      },
    })
    await disk.list('/')
    disk.configure({ slowdown: 50 })
    await disk.list('/')
    disk.configure({ slowdown: null })
    await disk.list('/')
    expect(delays).toEqual([2, 100, 2])
  })
})

describe('a full disk', () => {
  test('takes what fits, overwrites in place, and has room again for what was given back', async () => {
    const disk = quickDisk()
    const file = await fileOn(disk, 100)
    disk.configure({ freeBytes: 50 })
    expect(await rejected(file.write(100, pattern(80)))).toBe('ENOSPC')
    expect(await file.size()).toBe(150)
    expect(await rejected(file.writeDurable(150, pattern(1)))).toBe('ENOSPC')
    expect(await rejected(file.truncate(151))).toBe('ENOSPC')
    expect(await rejected(file.write(0, pattern(150)))).toBe('no error')
    await file.truncate(20)
    expect(await rejected(file.write(20, pattern(130)))).toBe('no error')
    const other = await disk.open('/d/g', { create: true })
    expect(await rejected(other.write(0, pattern(1)))).toBe('ENOSPC')
    await disk.remove('/d/f')
    expect(await rejected(other.write(0, pattern(150)))).toBe('no error')
    disk.configure({ freeBytes: null })
    expect(await rejected(other.write(0, pattern(10_000)))).toBe('no error')
  })
})

describe('a failing disk', () => {
  async function failures(
    change: DiskChange,
    act: (disk: SimulatedDisk) => Promise<unknown>,
  ): Promise<number> {
    const disk = quickDisk()
    await fileOn(disk, 10)
    disk.configure(change)
    let failed = 0
    for (let count = 0; count < 500; count += 1) if ((await rejected(act(disk))) === 'EIO') failed += 1
    return failed / 500
  }
  const write = async (disk: SimulatedDisk): Promise<void> =>
    await (await disk.open('/d/f')).write(0, pattern(5))
  const writeDurable = async (disk: SimulatedDisk): Promise<void> =>
    await (await disk.open('/d/f')).writeDurable(0, pattern(5))
  const sync = async (disk: SimulatedDisk): Promise<void> => await (await disk.open('/d/f')).sync()

  test('fails as often as it was told, and only in what it was told', async () => {
    expect(await failures({ writeFailure: 0.3 }, write)).toBeCloseTo(0.3, 1)
    expect(await failures({ writeFailure: 0.3 }, writeDurable)).toBeCloseTo(0.3, 1)
    expect(await failures({ writeFailure: 0.3 }, sync)).toBe(0)
    expect(await failures({ syncFailure: 0.3 }, sync)).toBeCloseTo(0.3, 1)
    expect(await failures({ syncFailure: 0.3 }, async (disk) => await disk.syncDirectory('/d'))).toBeCloseTo(
      0.3,
      1,
    )
    expect(await failures({ syncFailure: 0.3 }, write)).toBe(0)
  })

  test('may forget for good what a failed sync was to keep', async () => {
    let lost = 0
    for (let seed = 1; seed <= 50; seed += 1) {
      const disk = quickDisk(seed)
      const file = await fileOn(disk, 10)
      await file.write(0, Uint8Array.of(99))
      disk.configure({ syncFailure: 1 })
      expect(await rejected(file.sync())).toBe('EIO')
      disk.configure({ syncFailure: null })
      await file.sync()
      expect((await file.read(0, 1))[0]).toBe(99)
      disk.crash()
      if (disk.peek('/d/f')?.[0] !== 99) lost += 1
    }
    expect(lost).toBeGreaterThan(10)
    expect(lost).toBeLessThan(50)
  })
})

describe('an untrue disk', () => {
  test('gives back one wrong bit now and then, and the right one the next time', async () => {
    const disk = quickDisk()
    const file = await fileOn(disk, 1000)
    disk.configure({ readCorruption: 0.3 })
    let wrong = 0
    for (let count = 0; count < 300; count += 1) {
      const places = differing(await file.read(0, 2000), pattern(1000))
      expect(places.length).toBeLessThanOrEqual(1)
      wrong += places.length
    }
    expect(wrong / 300).toBeCloseTo(0.3, 1)
    disk.configure({ readCorruption: null })
    expect(await file.read(0, 1000)).toEqual(pattern(1000))
    expect(await file.read(1000, 10)).toEqual(new Uint8Array(0))
  })

  test('rots: what a read finds changed stays so, over a power failure too', async () => {
    const disk = quickDisk()
    const file = await fileOn(disk, 1000)
    disk.configure({ rot: 1 })
    await file.read(500, 10)
    disk.configure({ rot: null })
    const places = differing(await file.read(0, 1000), pattern(1000))
    expect(places).toHaveLength(1)
    expect(places[0]).toBeGreaterThanOrEqual(500)
    expect(places[0]).toBeLessThan(510)
    disk.crash()
    expect(differing(disk.peek('/d/f') ?? new Uint8Array(0), pattern(1000))).toEqual(places)
  })

  test.each(['write and sync', 'writeDurable'])(
    'misdirects: %s, seen after a power failure only',
    async (way) => {
      let misplaced = 0
      for (let seed = 1; seed <= 20; seed += 1) {
        const disk = quickDisk(seed)
        const file = await fileOn(disk, 8 * 512)
        disk.configure({ misdirection: 1 })
        const fresh = new Uint8Array(512).fill(255)
        if (way === 'writeDurable') await file.writeDurable(1024, fresh)
        else {
          await file.write(1024, fresh)
          await file.sync()
        }
        const intended = pattern(8 * 512)
        intended.set(fresh, 1024)
        expect(await file.read(0, 8 * 512)).toEqual(intended)
        disk.crash()
        const left = disk.peek('/d/f') ?? new Uint8Array(0)
        expect(left).toHaveLength(8 * 512)
        expect(left.filter((byte) => byte === 255)).toHaveLength(512)
        if (left[1024] !== 255) misplaced += 1
      }
      expect(misplaced).toBeGreaterThan(10)
    },
  )

  test('reads short when told to, but never nothing', async () => {
    const disk = quickDisk()
    const file = await fileOn(disk, 100)
    disk.configure({ shortRead: 1 })
    for (let count = 0; count < 100; count += 1) {
      const bytes = await file.read(10, 50)
      expect(bytes.length).toBeGreaterThan(0)
      expect(bytes.length).toBeLessThan(50)
      expect(bytes).toEqual(pattern(100).slice(10, 10 + bytes.length))
    }
    expect(await file.read(99, 50)).toHaveLength(1)
  })

  test('values out of range are refused', () => {
    expect(() => quickDisk().configure({ rot: 2 })).toThrow(/disk\.rot/)
    expect(() => quickDisk().configure({ slowdown: 0 })).toThrow(/disk\.slowdown/)
    expect(() => quickDisk().configure({ freeBytes: -1 })).toThrow(/disk\.freeBytes/)
  })
})

test('of one write of several pages, a power failure keeps any pages, and of a torn page any sectors', async () => {
  const [pages, sectors] = [new Set<string>(), new Set<string>()]
  for (let seed = 1; seed <= 400; seed += 1) {
    const disk = quickDisk(seed)
    const file = await fileOn(disk, 4 * 4096)
    await file.write(100, new Uint8Array(3 * 4096).fill(255))
    disk.crash()
    const left = disk.peek('/d/f') ?? new Uint8Array(0)
    const whole = [100, 4096, 8192, 12_288].map((from, place) => {
      const page = left.subarray(from, place === 3 ? 12_388 : (place + 1) * 4096)
      return page.every((byte) => byte === 255) ? 'x' : page.includes(255) ? 't' : '-'
    })
    pages.add(whole.join(''))
    const second = Array.from({ length: 8 }, (_, place) => (left[4096 + place * 512] === 255 ? 'x' : '-'))
    sectors.add(second.join(''))
  }
  // Every subset of the four pages that the write touches, whichever order they were written in.
  for (let subset = 0; subset < 16; subset += 1) {
    const wanted = [0, 1, 2, 3].map((bit) => ((subset >> bit) & 1 ? 'x' : '-')).join('')
    expect(pages).toContain(wanted)
  }
  expect([...sectors].filter((each) => /^-.*x.*-$/.test(each)).length).toBeGreaterThan(5)
})
