import { crc32, createRandom } from '@colony/host'
import type { SimulatedDisk } from '@colony/testing'
import { describe, expect, test } from 'vitest'
import type { StoredState } from '../../src/core/entry.ts'
import { inspectLog, type LogInspection } from '../../src/recovery/inspect-log.ts'
import { repairLog } from '../../src/recovery/repair-log.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from '../../src/storage/log/format.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import { describeState, EMPTY } from '../storage/history.ts'
import { IDENTITY } from '../storage/identity.ts'
import { crashVariant, Machine } from '../storage/machine.ts'
import { contents, diskWith, quickDisk } from '../storage/quick-disk.ts'
import { DIRECTORY, writeHistory, writeSteadily } from './damaged-history.ts'

async function inspect(disk: SimulatedDisk): Promise<LogInspection> {
  return (await inspectLog(disk, DIRECTORY, crc32)).inspection
}

async function open(disk: SimulatedDisk): Promise<StoredState> {
  const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: 1024 })
  try {
    return await storage.open(IDENTITY)
  } finally {
    await storage.close()
  }
}

/** Name of the last segment with records, and where its last record begins. */
async function tailOf(disk: SimulatedDisk): Promise<{ name: string; last: number }> {
  const { log } = await inspectLog(disk, DIRECTORY, crc32)
  if (log === undefined) throw new Error('no log')
  const { sequence, lastWrite } = log.tail
  return { name: segmentName(sequence), last: Math.max(lastWrite, SEGMENT_HEADER_BYTES) }
}

describe('what is said of a log', () => {
  test('a directory without one', async () => {
    const disk = quickDisk()
    await disk.makeDirectory(DIRECTORY)
    expect(await inspect(disk)).toMatchObject({ verdict: 'empty', identity: undefined, segments: [] })
  })

  test('a sound one: whose it is, every segment and its records, term, vote and end', async () => {
    const disk = quickDisk()
    const [state = EMPTY] = await writeHistory(disk, 1)
    const found = await inspect(disk)
    expect(found.verdict).toBe('sound')
    expect(found.identity).toMatchObject({ nodeId: IDENTITY.nodeId, clusterId: IDENTITY.clusterId })
    expect(found.damage).toEqual([])
    const used = found.segments.filter(({ records }) => records > 0)
    expect(used.length).toBeGreaterThan(2)
    expect(used.reduce((sum, { records }) => sum + records, 0)).toBe(20)
    expect(used.at(-1)?.lastRecord).toBe(20)
    const end = { index: state.entries.length, term: state.entries.at(-1)?.term ?? 0 }
    expect(found.state).toMatchObject({
      term: state.term,
      vote: state.vote,
      firstIndex: 1,
      end,
      lost: undefined,
    })
  })

  test('damage in the middle: where it is, what the record held, and what a start would fetch', async () => {
    const disk = quickDisk()
    await writeSteadily(disk, 3)
    // Records of 360 bytes, the first one behind the header of the segment.
    const position = 40 + 360
    disk.corrupt(`${DIRECTORY}/${segmentName(1)}`, position + 100)
    const found = await inspect(disk)
    expect(found.verdict).toBe('damaged')
    const problem = 'record 2 of term 1, which held entries 2 to 2, is not what was written'
    expect(found.damage).toEqual([{ file: segmentName(1), position, bytes: 360, problem }])
    expect(found.reason).toContain('was written after it')
    expect(found.state).toMatchObject({ end: { index: 1, term: 1 }, lost: { index: 3, term: 1 } })
    expect(await open(disk)).toMatchObject({ lost: { index: 3, term: 1 } })
  })

  test('the identity is unreadable: a start is refused', async () => {
    const disk = quickDisk()
    await writeHistory(disk, 1)
    disk.corrupt(`${DIRECTORY}/identity`, 60)
    expect(await inspect(disk)).toMatchObject({ verdict: 'refused', identity: undefined })
  })

  test('looking changes nothing', async () => {
    for (const position of [0, 100, 300]) {
      const disk = quickDisk()
      await writeHistory(disk, 2)
      disk.corrupt(`${DIRECTORY}/${segmentName(3)}`, position)
      const before = await contents(disk, DIRECTORY)
      await inspect(disk)
      expect(await contents(disk, DIRECTORY)).toEqual(before)
    }
  })
})

describe('repair', () => {
  test('of a sound log does nothing', async () => {
    const disk = quickDisk()
    await writeHistory(disk, 1)
    const before = await contents(disk, DIRECTORY)
    expect(await repairLog(disk, DIRECTORY, crc32)).toMatchObject({ done: 'nothing', kept: [] })
    expect(await contents(disk, DIRECTORY)).toEqual(before)
  })

  test('cuts a torn tail and keeps a copy of it', async () => {
    const disk = quickDisk()
    const states = await writeHistory(disk, 1)
    const { name, last } = await tailOf(disk)
    disk.corrupt(`${DIRECTORY}/${name}`, last + 20)
    const torn = Buffer.from(disk.peek(`${DIRECTORY}/${name}`) ?? []).subarray(last)
    expect((await inspect(disk)).verdict).toBe('torn')
    const { done, kept } = await repairLog(disk, DIRECTORY, crc32)
    expect(done).toBe('cut')
    const copy = disk.peek(`${DIRECTORY}/${kept[0]}`) ?? new Uint8Array(0)
    expect(Buffer.compare(copy, torn.subarray(0, copy.length))).toBe(0)
    expect(torn.subarray(copy.length).some((byte) => byte !== 0)).toBe(false)
    expect(copy.length).toBeGreaterThan(48)
    expect((await inspect(disk)).verdict).toBe('sound')
    expect(describeState(await open(disk))).toBe(describeState(states[1] ?? EMPTY))
  })

  test('leaves what the next start fetches from other nodes', async () => {
    const disk = quickDisk()
    await writeHistory(disk, 1)
    disk.corrupt(`${DIRECTORY}/${segmentName(2)}`, 100)
    const before = await contents(disk, DIRECTORY)
    expect(await repairLog(disk, DIRECTORY, crc32, { retire: true })).toMatchObject({ done: 'nothing' })
    expect(await contents(disk, DIRECTORY)).toEqual(before)
  })

  test('gives up a log only when asked to, keeps every byte, and refuses its node from then on', async () => {
    const disk = quickDisk()
    await writeHistory(disk, 1)
    disk.corrupt(`${DIRECTORY}/identity`, 60)
    const before = await contents(disk, DIRECTORY)
    await expect(repairLog(disk, DIRECTORY, crc32)).rejects.toMatchObject({ code: 'RAFT_STORAGE_DAMAGED' })
    expect(await contents(disk, DIRECTORY)).toEqual(before)
    const { done, kept } = await repairLog(disk, DIRECTORY, crc32, { retire: true })
    expect(done).toBe('retired')
    const after = await contents(disk, DIRECTORY)
    for (const [name, bytes] of before) expect(after.get(`${name}.retired`), name).toEqual(bytes)
    expect([...kept].sort()).toEqual([...before.keys()].map((name) => `${name}.retired`).sort())
    await expect(open(disk)).rejects.toMatchObject({ code: 'RAFT_STORAGE_DAMAGED' })
    expect((await inspect(disk)).verdict).toBe('retired')
  })

  test('another node may use the directory of one that was given up', async () => {
    const disk = quickDisk()
    await writeHistory(disk, 1)
    await disk.remove(`${DIRECTORY}/${segmentName(2)}`)
    await repairLog(disk, DIRECTORY, crc32, { retire: true })
    await expect(open(disk)).rejects.toMatchObject({ code: 'RAFT_STORAGE_DAMAGED' })
    const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: 1024 })
    expect(await storage.open({ ...IDENTITY, nodeId: 'new' })).toMatchObject({ term: 0, entries: [] })
    await storage.close()
  })
})

describe('a crash at any moment of a repair', () => {
  test.each(['torn', 'retired'] as const)('%s: the next one ends it, and nothing is lost', async (kind) => {
    const source = quickDisk()
    const states = await writeHistory(source, 3, 7)
    const { name, last } = await tailOf(source)
    if (kind === 'torn') source.corrupt(`${DIRECTORY}/${name}`, last + 20)
    else await source.remove(`${DIRECTORY}/${segmentName(2)}`)
    const files = await contents(source, DIRECTORY)
    let isOver = false
    for (let steps = 1; !isOver; steps++) {
      for (let variant = 0; variant < 2; variant++) {
        const { disk, over } = await interrupted(files, steps, variant)
        isOver = over
        const verdict = (await inspect(disk)).verdict
        if (kind === 'torn') expect(['torn', 'sound'], String(steps)).toContain(verdict)
        else expect(['refused', 'retired'], String(steps)).toContain(verdict)
        await repairLog(disk, DIRECTORY, crc32, { retire: true })
        if (kind === 'torn') expect(describeState(await open(disk))).toBe(describeState(states[1] ?? EMPTY))
        else {
          await expect(open(disk)).rejects.toMatchObject({ code: 'RAFT_STORAGE_DAMAGED' })
          const kept = await contents(disk, DIRECTORY)
          for (const [file, bytes] of files) expect(kept.get(`${file}.retired`), file).toEqual(bytes)
        }
      }
    }
  })
})

/** The files after a power failure that came so many completions into a repair, on a disk that is quick again. */
async function interrupted(
  files: ReadonlyMap<string, Uint8Array>,
  steps: number,
  variant: number,
): Promise<{ readonly disk: SimulatedDisk; readonly over: boolean }> {
  const machine = new Machine(crashVariant(createRandom(5, 'repair'), variant))
  await machine.finish(install(machine.disk, files))
  let over = false
  repairLog(machine.disk, DIRECTORY, crc32, { retire: true }).then(
    () => (over = true),
    () => (over = true),
  )
  for (let step = 0; step < steps; step++) await machine.step()
  machine.crash()
  const left = new Map<string, Uint8Array>()
  for (const name of await machine.finish(machine.disk.list(DIRECTORY)))
    left.set(name, machine.disk.peek(`${DIRECTORY}/${name}`) ?? new Uint8Array(0))
  return { disk: await diskWith(DIRECTORY, left), over }
}

async function install(disk: SimulatedDisk, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await disk.makeDirectory(DIRECTORY)
  for (const [name, bytes] of files) {
    const file = await disk.open(`${DIRECTORY}/${name}`, { create: true })
    await file.writeDurable(0, bytes)
    await file.close()
  }
  await disk.syncDirectory(DIRECTORY)
}
