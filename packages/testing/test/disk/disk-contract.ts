import type { Disk } from '@colony/host'
import { expect, test } from 'vitest'

/** A disk and an empty directory on it. */
export interface DiskPlace {
  readonly disk: Disk
  readonly directory: string
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function text(read: Uint8Array): string {
  return new TextDecoder().decode(read)
}

/** What every {@link Disk} does while nothing fails: the simulated one must not behave better or worse than the real one. */
export function testDiskContract(place: () => Promise<DiskPlace>): void {
  test('files keep what is written, wherever it is written', async () => {
    const { disk, directory } = await place()
    const file = await disk.open(`${directory}/a`, { create: true })
    expect(await file.size()).toBe(0)
    await file.write(3, bytes('def'))
    await file.write(0, bytes('abc'))
    await file.writeDurable(8, bytes('ijk'))
    await file.sync()
    expect(await file.size()).toBe(11)
    expect(text(await file.read(0, 11))).toBe('abcdef\0\0ijk')
    expect(text(await file.read(9, 100))).toBe('jk')
    expect(await file.read(50, 5)).toHaveLength(0)
    expect(await file.read(0, 0)).toHaveLength(0)
    await file.close()
    const again = await disk.open(`${directory}/a`, { create: true })
    expect(text(await again.read(0, 3))).toBe('abc')
    await again.close()
  })

  test("the bytes of a write may be used again once it resolved, and read bytes are the reader's own", async () => {
    const { disk, directory } = await place()
    const file = await disk.open(`${directory}/a`, { create: true })
    const buffer = bytes('first')
    await file.write(0, buffer)
    buffer.fill(0)
    const read = await file.read(0, 5)
    expect(text(read)).toBe('first')
    read.fill(0)
    expect(text(await file.read(0, 5))).toBe('first')
    await file.close()
  })

  test('a large write is written whole', async () => {
    const { disk, directory } = await place()
    const file = await disk.open(`${directory}/a`, { create: true })
    const large = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251)
    await file.writeDurable(5, large)
    expect(Buffer.compare(await file.read(5, 400_000), large)).toBe(0)
    await file.close()
  })

  test('cutting and extending', async () => {
    const { disk, directory } = await place()
    const file = await disk.open(`${directory}/a`, { create: true })
    await file.write(0, bytes('abcdef'))
    await file.truncate(2)
    expect(await file.size()).toBe(2)
    await file.truncate(4)
    expect(text(await file.read(0, 10))).toBe('ab\0\0')
    await file.close()
  })

  test('names: listed in order, renamed over each other, removed', async () => {
    const { disk, directory } = await place()
    for (const name of ['b', 'a', 'c']) {
      const file = await disk.open(`${directory}/${name}`, { create: true })
      await file.write(0, bytes(name))
      await file.close()
    }
    await disk.makeDirectory(`${directory}/d`)
    expect(await disk.list(directory)).toEqual(['a', 'b', 'c', 'd'])
    await disk.rename(`${directory}/a`, `${directory}/c`)
    await disk.remove(`${directory}/b`)
    await disk.remove(`${directory}/never there`)
    await disk.syncDirectory(directory)
    expect(await disk.list(directory)).toEqual(['c', 'd'])
    const file = await disk.open(`${directory}/c`)
    expect(text(await file.read(0, 9))).toBe('a')
    await file.close()
  })

  test('an open file stays usable when its name goes to another', async () => {
    const { disk, directory } = await place()
    const file = await disk.open(`${directory}/a`, { create: true })
    await disk.rename(`${directory}/a`, `${directory}/b`)
    await file.writeDurable(0, bytes('x'))
    const again = await disk.open(`${directory}/b`)
    expect(text(await again.read(0, 9))).toBe('x')
    await file.close()
    await again.close()
  })

  test('directories: missing ones are empty, making one makes its parents, twice is fine', async () => {
    const { disk, directory } = await place()
    expect(await disk.list(`${directory}/x`)).toEqual([])
    await disk.makeDirectory(`${directory}/x/y/z/`)
    await disk.makeDirectory(`${directory}/x/y/z`)
    expect(await disk.list(`${directory}/x`)).toEqual(['y'])
    await disk.syncDirectory(`${directory}/x/y/z`)
  })

  test('what is missing is named by an error with the code of the system', async () => {
    const { disk, directory } = await place()
    const missing = [
      disk.open(`${directory}/a`),
      disk.open(`${directory}/x/a`, { create: true }),
      disk.rename(`${directory}/a`, `${directory}/b`),
      disk.syncDirectory(`${directory}/x`),
    ]
    for (const refused of missing) {
      await expect(refused).rejects.toMatchObject({ code: 'HOST_DISK_FAILED', cause: { code: 'ENOENT' } })
      await expect(refused).rejects.toThrow(directory)
    }
  })

  test('closing twice is fine; a closed file does nothing more; one that is busy is closed when it is done', async () => {
    const { disk, directory } = await place()
    const file = await disk.open(`${directory}/a`, { create: true })
    const written = file.write(0, bytes('abc'))
    await file.close()
    await written
    await file.close()
    await expect(file.write(0, bytes('x'))).rejects.toMatchObject({ code: 'HOST_DISK_FAILED' })
    await expect(file.sync()).rejects.toMatchObject({ code: 'HOST_DISK_FAILED' })
    const again = await disk.open(`${directory}/a`)
    expect(text(await again.read(0, 9))).toBe('abc')
    await again.close()
  })
}
