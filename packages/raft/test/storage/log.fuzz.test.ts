import { crc32, createRandom, type Checksum, type Disk, type DiskFile } from '@colony/host'
import { fuzzDecoder, fuzzFromEnvironment } from '@colony/testing/fuzz'
import { describe, expect, test } from 'vitest'
import type { PersistRecord, StoredState } from '../../src/core/entry.ts'
import { MAX_PAYLOAD_BYTES, segmentName } from '../../src/storage/log/format.ts'
import { IDENTITY_NAME, readIdentity, writeIdentity } from '../../src/storage/log/identity-file.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import { RecordEncoder } from '../../src/storage/log/record-encoder.ts'
import { RecordReader } from '../../src/storage/log/record-reader.ts'
import { recover } from '../../src/storage/log/recovery.ts'
import { discontinuity } from '../../src/storage/replay.ts'
import { after, EMPTY, randomRecord } from './history.ts'
import { IDENTITY } from './identity.ts'
import { contents, quickDisk } from './quick-disk.ts'

const FILE = 'packages/raft/test/storage/log.fuzz.test.ts'
const settings = fuzzFromEnvironment({ inputs: 3000 })
const timeout = 20_000 + 5 * settings.inputs
const DIRECTORY = '/data'

/** With the real checksum hardly any mutation gets beyond it; without one, everything behind it is reached. */
const blind: Checksum = () => 0

/** A directory with one file of these bytes, which is all that recovery needs of a disk. */
function diskOf(name: string, bytes: Uint8Array): Disk {
  const file: Partial<DiskFile> = {
    size: async () => await Promise.resolve(bytes.byteLength),
    read: async (position, length) => await Promise.resolve(bytes.subarray(position, position + length)),
    close: async () => await Promise.resolve(),
  }
  const disk: Partial<Disk> = {
    open: async () => await Promise.resolve(file as DiskFile),
    list: async () => await Promise.resolve([name]),
  }
  return disk as Disk
}

function records(count: number): PersistRecord[] {
  const random = createRandom(3, 'fuzz')
  const made: PersistRecord[] = []
  for (let state = EMPTY; made.length < count; state = after(state, made.at(-1) as PersistRecord)) {
    made.push(randomRecord(state, random, 60))
  }
  return made
}

/** The first segment of a log with these records. */
async function segmentWith(
  checksum: Checksum,
  made: readonly PersistRecord[],
): Promise<[string, Uint8Array]> {
  const disk = quickDisk()
  const options = { disk, directory: DIRECTORY, segmentBytes: 4096, checksum }
  const storage = logStorage({ ...options, random: createRandom(1) })
  await storage.open(IDENTITY)
  for (const record of made) await storage.persist(record)
  await storage.close()
  const identity = await readIdentity(disk, DIRECTORY, checksum)
  const files = await contents(disk, DIRECTORY)
  return [identity?.incarnation ?? '', files.get(segmentName(1)) ?? new Uint8Array(0)]
}

describe.each<[string, Checksum]>([
  ['with the real checksum', crc32],
  ['behind the checksum', blind],
])('segments of any bytes, %s', (how, checksum) => {
  test('recovery', { timeout }, async () => {
    const made = records(12)
    const all = await Promise.all([0, 1, 4, 12].map((count) => segmentWith(checksum, made.slice(0, count))))
    const incarnation = all[0]?.[0] ?? ''
    const decode = async (bytes: Uint8Array): Promise<StoredState> => {
      const disk = diskOf(segmentName(1), bytes)
      const { state } = await recover({ disk, directory: DIRECTORY, incarnation, checksum }, [1])
      return { ...state, entries: [...state.entries] }
    }
    const place = { name: `raft recovery, ${how}`, file: FILE, test: `segments of any bytes, ${how}` }
    const corpus = all.map(([, bytes]) => bytes)
    const report = await fuzzDecoder({ ...settings, ...place, corpus, decode, maxBytes: 4200 })
    expect(Object.keys(report.refused)).toContain('RAFT_STORAGE_DAMAGED')
    expect(report.values).toBeGreaterThan(report.inputs / 20)
  })
})

test('records of any bytes', { timeout }, async () => {
  const encoder = new RecordEncoder(blind)
  const encode = (record: PersistRecord): Uint8Array | undefined => {
    // What cannot follow any log is refused by recovery, after decoding.
    if (discontinuity(record, Number.MAX_SAFE_INTEGER - 1) !== undefined) return undefined
    encoder.encode(record, MAX_PAYLOAD_BYTES)
    return encoder.place(record, { salt: 0, position: 0, number: 1 }).slice()
  }
  const decode = (bytes: Uint8Array): PersistRecord | undefined => {
    const reader = new RecordReader(bytes, 0, blind)
    const header = reader.header(0)
    if (header === undefined || !reader.intact(header)) return undefined
    const decoded = reader.decode(header)
    return 'record' in decoded ? decoded.record : undefined
  }
  const corpus = records(12).map((record) => encode(record) ?? new Uint8Array(0))
  const place = { name: 'raft records', file: FILE, test: 'records of any bytes' }
  const report = await fuzzDecoder({ ...settings, ...place, corpus, decode, encode })
  expect(report.values).toBeGreaterThan(report.inputs / 20)
})

describe.each<[string, Checksum]>([
  ['with the real checksum', crc32],
  ['behind the checksum', blind],
])('identity files of any bytes, %s', (how, checksum) => {
  test('reading', { timeout }, async () => {
    const disk = quickDisk()
    await disk.makeDirectory(DIRECTORY)
    const own = { identity: IDENTITY, incarnation: '00112233445566778899aabbccddeeff' }
    await writeIdentity(disk, DIRECTORY, own, checksum)
    const corpus = [(await contents(disk, DIRECTORY)).get(IDENTITY_NAME) ?? new Uint8Array(0)]
    const decode = async (bytes: Uint8Array): Promise<unknown> =>
      await readIdentity(diskOf(IDENTITY_NAME, bytes), DIRECTORY, checksum)
    const dictionary = ['null', '[]', '{}', '"x"', '1e999', '__proto__', 'colony-raft-log 1 00000000\n']
    const place = { name: `raft identity, ${how}`, file: FILE, test: `identity files of any bytes, ${how}` }
    const report = await fuzzDecoder({ ...settings, ...place, corpus, decode, dictionary })
    expect(Object.keys(report.refused)).toContain('RAFT_STORAGE_DAMAGED')
  })
})
