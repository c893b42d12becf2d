import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileEpoch } from '../../src/node/index.ts'

const ORIGIN_MS = Date.UTC(2025, 0, 1)

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'colony-epoch-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('the epoch in a file', () => {
  it('is the time of day, and is written before it is given', async () => {
    const path = join(directory, 'deep', 'below', 'epoch')
    const epoch = await fileEpoch(path, { wallNow: () => ORIGIN_MS + 5000.7 })()
    expect(epoch).toBe(5000)
    expect(await readFile(path, 'utf8')).toBe('5000\n')
    expect(await readdir(join(directory, 'deep', 'below'))).toEqual(['epoch'])
  })

  it('is greater in every life, also when the clock stands still or goes back', async () => {
    const path = join(directory, 'epoch')
    const times = [5000, 5000, 4000, 9000, 0]
    const epochs: number[] = []
    for (const time of times) epochs.push(await fileEpoch(path, { wallNow: () => ORIGIN_MS + time })())
    expect(epochs).toEqual([5000, 5001, 5002, 9000, 9001])
  })

  it('begins at 0 where the clock was never set', async () => {
    const next = fileEpoch(join(directory, 'epoch'), { wallNow: () => 0 })
    expect([await next(), await next()]).toEqual([0, 1])
  })

  it('takes the clock of the system by itself', async () => {
    const epoch = await fileEpoch(join(directory, 'epoch'))()
    expect(Math.abs(epoch - (Date.now() - ORIGIN_MS))).toBeLessThan(60_000)
  })

  it('is refused where the file holds something else, which is left as it is', async () => {
    const path = join(directory, 'epoch')
    for (const text of ['', 'hello\n', '-5\n', '12345678901234\n', '5.5', '1e9', `${2 ** 39}\n`]) {
      await writeFile(path, text)
      await expect(fileEpoch(path)()).rejects.toMatchObject({ code: 'GOSSIP_INVALID_OPTION' })
      expect(await readFile(path, 'utf8')).toBe(text)
    }
  })

  it('is refused where it cannot be written: no life begins that would be forgotten', async () => {
    await expect(fileEpoch(directory)()).rejects.toMatchObject({ code: 'EISDIR' })
    const path = join(directory, 'file')
    await writeFile(path, '')
    await expect(fileEpoch(join(path, 'epoch'))()).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(await readdir(directory)).toEqual(['file'])
  })
})
