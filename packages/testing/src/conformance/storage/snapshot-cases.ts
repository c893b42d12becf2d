import { expectBytes, expectEqual, expectRejection, expectTrue } from '../expectations.ts'
import { append, OWNER, plain, type StorageBench, type StorageCase } from './storage-bench.ts'
import type { LogSnapshot, LogStore, SnapshotMembership } from './storage-factory.ts'

const SAVES =
  'Saves a snapshot and resolves when it is durable; from then on it is the one that `open` and `openSnapshot` give, and older ones may be dropped.'
const ATOMIC =
  'Atomic: until it resolves, and for ever if it rejects or the machine crashes, the one before is there as it was.'
const UNHARMED =
  'A rejection harms nothing else: records are persisted, and later snapshots saved, as before.'
const READABLE = 'It stays readable until it is closed, also when newer ones take its place meanwhile.'
const FORGETS =
  'How many of them it does forget, and when, is its own business: at the next `open`, the log begins at `index` or earlier.'
const REPLACES =
  'It means, in this order: set term and vote; drop every entry from `firstIndex` on, or every entry there is when `replacesLog` is set; append `entries` at `firstIndex`.'

const MEMBERSHIP: SnapshotMembership = {
  voters: ['a', 'b'],
  outgoing: [],
  learners: ['c'],
  goal: undefined,
  addresses: new Map([['a', '10.0.0.1:7001']]),
}

/** Turns of the promise queue after which the power is cut, while a snapshot is being saved. */
const MOMENTS: readonly number[] = [0, 2, 5, 10, 20, 40, 80]

function meta(index: number, term: number): LogSnapshot {
  return { index, term, membership: MEMBERSHIP }
}

function content(bytes: number, salt: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (at * 7 + salt) & 0xff)
}

async function* inChunks(
  bytes: Uint8Array,
  failAt: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) {
    if (at >= failAt) throw new Error('no more of it')
    yield bytes.subarray(at, at + 1000)
    await Promise.resolve()
  }
}

async function save(
  store: LogStore,
  snapshot: LogSnapshot,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  await store.saveSnapshot?.(snapshot, chunks)
}

async function expectSnapshot(
  store: LogStore,
  snapshot: LogSnapshot,
  bytes: Uint8Array,
  what: string,
): Promise<void> {
  const stored = await store.openSnapshot?.()
  expectTrue(stored !== undefined, `${what}: there is none`)
  expectEqual(
    [stored.meta.index, stored.meta.term],
    [snapshot.index, snapshot.term],
    `${what}: index and term`,
  )
  const members = [
    stored.meta.membership.voters,
    stored.meta.membership.learners,
    [...stored.meta.membership.addresses],
  ]
  expectEqual(members, [['a', 'b'], ['c'], [['a', '10.0.0.1:7001']]], `${what}: membership`)
  expectEqual(stored.bytes, bytes.length, `${what}: length`)
  const found = new Uint8Array(stored.bytes)
  for (let at = 0; at < found.length; at += 700)
    found.set(await stored.read(at, Math.min(700, found.length - at)), at)
  expectBytes(found, bytes, `${what}: content`)
  await stored.close()
}

/** Opens a new process's storage and looks for a snapshot in it. */
async function expectStoredSnapshot(bench: StorageBench, index: number, bytes: Uint8Array): Promise<void> {
  const store = await bench.make()
  const found = await store.open(OWNER)
  expectEqual(found.snapshot?.index, index, 'index of the snapshot that open found')
  await expectSnapshot(store, meta(index, 1), bytes, 'the snapshot after a restart')
  await store.close()
}

/** What becomes of snapshots, in storages that have them. */
export const SNAPSHOT_CASES: readonly StorageCase[] = [
  {
    name: 'a snapshot comes back, and the newest is the one that counts',
    clause: SAVES,
    needs: 'snapshots',
    check: async (bench) => {
      const store = await bench.opened()
      expectTrue((await store.openSnapshot?.()) === undefined, 'a fresh storage has a snapshot')
      await store.persist(append(1, 1, 'x', 'y', 'z'))
      await save(store, meta(1, 1), inChunks(content(10, 1)))
      const newer = content(20_500, 2)
      await save(store, meta(2, 1), inChunks(newer))
      await expectSnapshot(store, meta(2, 1), newer, 'the newest snapshot')
      await store.close()
      await expectStoredSnapshot(bench, 2, newer)
      expectEqual((await bench.stored()).entries.length, 3, 'entries in the log')
    },
  },
  {
    name: 'a snapshot that is given up leaves the one before, and harms nothing',
    clause: UNHARMED,
    needs: 'snapshots',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x', 'y'))
      const first = content(3000, 1)
      await save(store, meta(1, 1), inChunks(first))
      const failing = save(store, meta(2, 1), inChunks(content(9000, 2), 4000))
      await expectRejection(failing, [], 'saving a snapshot whose chunks end with an error')
      await expectSnapshot(store, meta(1, 1), first, 'the snapshot before')
      await store.persist(append(1, 3, 'z'))
      const second = content(100, 3)
      await save(store, meta(3, 1), inChunks(second))
      await store.close()
      await expectStoredSnapshot(bench, 3, second)
    },
  },
  {
    name: 'a snapshot that is being read stays readable when a newer one is saved',
    clause: READABLE,
    needs: 'snapshots',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x', 'y'))
      const first = content(5000, 1)
      await save(store, meta(1, 1), inChunks(first))
      const reading = await store.openSnapshot?.()
      await save(store, meta(2, 1), inChunks(content(70, 2)))
      const read = await reading?.read(0, first.length)
      expectBytes(read ?? new Uint8Array(0), first, 'the older snapshot')
      await reading?.close()
    },
  },
  {
    name: 'what was forgotten may be gone, everything else is there',
    clause: FORGETS,
    needs: 'snapshots',
    check: async (bench) => {
      const store = await bench.opened()
      const contents = Array.from({ length: 60 }, (_, at) => `entry ${at} `.repeat(30))
      for (const [at, text] of contents.entries()) await store.persist(append(1, at + 1, text))
      await save(store, meta(50, 1), inChunks(content(100, 1)))
      await store.forgetLogBefore?.(41)
      await store.persist({ term: 3, vote: 'b', firstIndex: 61, entries: [] })
      await store.close()
      const found = await bench.stored()
      expectTrue(
        found.firstIndex <= 41,
        `the log begins at ${found.firstIndex}, though entries from 41 on are needed`,
      )
      const rest = append(1, found.firstIndex, ...contents.slice(found.firstIndex - 1))
      expectEqual(plain(found), plain({ ...rest, term: 3, vote: 'b' }), 'the log')
    },
  },
  {
    name: 'a snapshot can take the place of the whole log',
    clause: REPLACES,
    needs: 'snapshots',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x', 'y', 'z'))
      await save(store, meta(70, 4), inChunks(content(100, 1)))
      await store.persist({ ...append(4, 71), replacesLog: true })
      await store.persist(append(5, 71, 'first'))
      await store.forgetLogBefore?.(71)
      await store.close()
      await bench.expectStored(append(5, 71, 'first'), 'the log')
    },
  },
]

/** What is left of snapshots when the power is cut. */
export const SNAPSHOT_CRASH_CASES: readonly StorageCase[] = [
  {
    name: 'a snapshot that was saved survives a crash, and one that was being saved is whole or not there',
    clause: ATOMIC,
    needs: 'snapshots',
    check: async (bench) => {
      const first = content(6000, 1)
      const second = content(9000, 2)
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x', 'y'))
      await save(store, meta(1, 1), inChunks(first))
      await bench.crash()
      await expectStoredSnapshot(bench, 1, first)
      for (const turns of MOMENTS) {
        const next = await bench.opened()
        void save(next, meta(2, 1), inChunks(second)).catch(() => undefined)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        await bench.crash()
        const found = (await bench.stored()).snapshot?.index
        await expectStoredSnapshot(bench, found === 2 ? 2 : 1, found === 2 ? second : first)
        if (found === 2) return
      }
    },
  },
]
