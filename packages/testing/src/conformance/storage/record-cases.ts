import { expectEqual, expectRejection, expectTrue } from '../expectations.ts'
import { append, entry, NOTHING, plain, type StorageCase } from './storage-bench.ts'
import type { LogEntry } from './storage-factory.ts'

const MEANING =
  'It means, in this order: set term and vote; drop every entry from `firstIndex` on, or every entry there is when `replacesLog` is set; append `entries` at `firstIndex`.'
const AFTER_REJECTION =
  'After a rejection the record may or may not be there, and the storage accepts nothing more until it is opened anew.'

/** What becomes of records. */
export const RECORD_CASES: readonly StorageCase[] = [
  {
    name: 'entries are appended, replaced and cut as records say',
    clause: MEANING,
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x', 'y', 'z'))
      await store.persist({
        ...append(7, 2),
        entries: [entry(7, 'new'), entry(7, '', 'noop'), entry(7, 'w')],
      })
      await store.persist(append(8, 4))
      await store.persist(append(8, 4, 'last'))
      await store.persist(append(8, 5, 'cut'))
      await store.persist(append(9, 5))
      await store.close()
      const entries = [entry(1, 'x'), entry(7, 'new'), entry(7, '', 'noop'), entry(8, 'last')]
      await bench.expectStored({ term: 9, vote: '', firstIndex: 1, entries }, 'the log')
    },
  },
  {
    name: 'a record with firstIndex 0 changes term and vote alone',
    clause:
      'Where `entries` begin, and from where on older entries are dropped; 0 when the log does not change.',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x', 'y'))
      await store.persist({ term: 9, vote: 'c', firstIndex: 0, entries: [] })
      await store.close()
      const entries = [entry(1, 'x'), entry(1, 'y')]
      await bench.expectStored({ term: 9, vote: 'c', firstIndex: 1, entries }, 'the log')
    },
  },
  {
    name: 'a vote comes back, whatever characters it has, until it is withdrawn',
    clause: 'Whom this node voted for in `term`; empty string for nobody.',
    check: async (bench) => {
      for (const [at, vote] of ['b', 'Ünïcode \u{1f333}', ''].entries()) {
        const store = await bench.opened()
        await store.persist({ term: at + 1, vote, firstIndex: 0, entries: [] })
        await store.close()
        await bench.expectStored(
          { ...NOTHING, term: at + 1, vote },
          `what is stored after a vote for '${vote}'`,
        )
      }
    },
  },
  {
    name: 'entries of every kind and size come back byte by byte',
    clause: 'Opaque to the core.',
    check: async (bench) => {
      const entries: LogEntry[] = [0, 1, 7, 8, 9, 511, 512, 4096, 9000].map((size, at) => {
        const data = Uint8Array.from({ length: size }, (_, byte) => (byte * 5 + at) & 0xff)
        return { term: 1, kind: (['command', 'noop', 'configuration'] as const)[at % 3] ?? 'noop', data }
      })
      entries.push({ term: 1, kind: 'command', data: new Uint8Array(2000) })
      const store = await bench.opened()
      await store.persist({ term: 1, vote: '', firstIndex: 1, entries })
      await store.close()
      await bench.expectStored({ term: 1, vote: '', firstIndex: 1, entries }, 'the log')
    },
  },
  {
    name: 'the largest terms that the types allow come back',
    clause: "Raft's logical clock: grows with every election (Raft section 5.1).",
    check: async (bench) => {
      const term = Number.MAX_SAFE_INTEGER
      const entries = [entry(2 ** 28, 'x'), entry(2 ** 32, 'y'), entry(term, 'z')]
      const store = await bench.opened()
      await store.persist({ term, vote: 'v', firstIndex: 1, entries })
      await store.close()
      await bench.expectStored({ term, vote: 'v', firstIndex: 1, entries }, 'the log')
    },
  },
  {
    name: 'many records come back as one log',
    clause: 'Every entry of the log.',
    check: async (bench) => {
      const store = await bench.opened()
      const contents = Array.from({ length: 120 }, (_, at) => `entry ${at} `.repeat(1 + (at % 20)))
      for (const [at, content] of contents.entries()) await store.persist(append(2, at + 1, content))
      await store.close()
      const found = await bench.stored()
      expectEqual(plain(found), plain(append(2, 1, ...contents)), 'the log')
    },
  },
  {
    name: "what open returned is the caller's own",
    clause: 'What a node finds in its storage when it starts.',
    check: async (bench) => {
      const first = await bench.opened()
      await first.persist(append(1, 1, 'x'))
      await first.close()
      const found = await bench.stored()
      // As a node does that goes on with it.
      const mine = found.entries as LogEntry[]
      mine.length = 0
      mine.push(entry(5, 'never persisted'))
      await bench.expectStored(append(1, 1, 'x'), 'the log, after a reader changed what it had been given')
    },
  },
  {
    name: 'a record above maxRecordBytes is not taken, and one below is',
    clause: 'Largest record that it takes, in bytes as it stores them.',
    needs: 'limit',
    check: async (bench) => {
      const store = await bench.opened()
      const { maxRecordBytes } = store
      expectTrue(
        maxRecordBytes !== undefined,
        'the storage has no maxRecordBytes, though the factory says so',
      )
      await store.persist(append(1, 1, 'x'.repeat(Math.floor(maxRecordBytes / 2))))
      const tooLarge = append(1, 2, 'x'.repeat(maxRecordBytes + 1))
      await expectRejection(store.persist(tooLarge), [], 'persist of a record above maxRecordBytes')
      await store.close()
      expectEqual((await bench.stored()).entries.length, 1, 'entries in the log')
    },
  },
  {
    name: 'after a write failed nothing is taken until the storage is opened anew',
    clause: AFTER_REJECTION,
    needs: 'failure',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x'))
      await bench.failNext()
      await expectRejection(store.persist(append(1, 2, 'failed')), [], 'persist where the write fails')
      await expectRejection(store.persist(append(1, 2, 'y')), [], 'persist after one that was rejected')
      await store.close()
      const again = await bench.make()
      const { entries } = await again.open({
        clusterId: 'bank',
        group: 'main',
        nodeId: 'a',
        voters: ['a', 'b', 'c'],
      })
      expectTrue(
        entries.length === 1 || entries.length === 2,
        `${entries.length} entries in the log instead of 1 or 2`,
      )
      await again.persist(append(2, entries.length + 1, 'later'))
    },
  },
]
