import { expectEqual, expectRejection, expectTrue } from '../expectations.ts'
import { append, NOTHING, OWNER, plain, type StorageBench, type StorageCase } from './storage-bench.ts'
import type { LogOwner, LogRecord } from './storage-factory.ts'

const OWNED =
  "Written when the storage is first used; cluster, group and node are checked at every later start, so that data can't be mixed up."
const FOUNDED =
  'At later starts they are not compared, and those of the first time are given back as StoredState.founders.'
const THROWS =
  'A RaftError: `RAFT_STORAGE_LOCKED` when another process uses it, `RAFT_STORAGE_FOREIGN` when it holds data of another identity, ' +
  "`RAFT_STORAGE_DAMAGED` when acknowledged data in it can't be read, `RAFT_STORAGE_FAILED` otherwise."
const UNCHANGED = 'Nothing is changed in any of these cases.'

const FOREIGN: readonly Partial<LogOwner>[] = [{ clusterId: 'other' }, { group: 'other' }, { nodeId: 'b' }]

/** Who may open a storage, and what is found. */
export const OPENING_CASES: readonly StorageCase[] = [
  {
    name: 'a fresh storage holds nothing',
    clause: 'Last durable term; 0 on a fresh storage.',
    check: async (bench) => {
      const store = await bench.make()
      expectEqual(plain(await store.open(OWNER)), plain(NOTHING), 'what a fresh storage holds')
    },
  },
  {
    name: 'data of another cluster, group or node is refused',
    clause: OWNED,
    check: async (bench) => {
      await (await bench.opened()).close()
      for (const difference of FOREIGN) {
        const refused = await refusedOpen(bench, difference)
        expectTrue(refused, `opened under another identity: ${JSON.stringify(difference)}`)
      }
    },
  },
  {
    name: 'the founders of the first time are given back, whoever is named later',
    clause: FOUNDED,
    check: async (bench) => {
      await (await bench.opened()).close()
      const store = await bench.make()
      const { founders } = await store.open({ ...OWNER, voters: ['a', 'd'] })
      expectEqual(founders, OWNER.voters, 'the founders')
    },
  },
  {
    name: 'the refusal of foreign data says so',
    clause: THROWS,
    check: async (bench) => {
      await (await bench.opened()).close()
      const store = await bench.make()
      const foreign = { ...OWNER, clusterId: 'other' }
      // Whether it is refused at all is another case.
      const refused = store.open(foreign)
      const isRefused = await refused.then(
        () => false,
        () => true,
      )
      if (isRefused) await expectRejection(refused, ['RAFT_STORAGE_FOREIGN'], 'open under another cluster')
    },
  },
  {
    name: 'a refused open leaves everything to its owner',
    clause: UNCHANGED,
    check: async (bench) => {
      const owner = await bench.opened()
      await owner.persist(append(3, 1, 'x'))
      await owner.close()
      for (const difference of FOREIGN) await refusedOpen(bench, difference)
      await bench.expectStored(append(3, 1, 'x'), 'what the owner finds afterwards')
    },
  },
  {
    name: 'a storage is open once at a time',
    clause: THROWS,
    check: async (bench) => {
      const store = await bench.make()
      const both = await Promise.allSettled([store.open(OWNER), store.open(OWNER)])
      expectEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'two opens at once')
      await expectRejection(store.open(OWNER), ['RAFT_STORAGE_LOCKED'], 'open of an open storage')
      await store.persist(append(1, 1, 'x'))
    },
  },
  {
    name: 'a second process is refused while the first one is there',
    clause: THROWS,
    needs: 'lock',
    check: async (bench) => {
      const first = await bench.opened()
      const second = await bench.make()
      await expectRejection(second.open(OWNER), ['RAFT_STORAGE_LOCKED'], 'open by a second process')
      await second.close()
      await first.persist(append(1, 1, 'x'))
      await first.close()
      await bench.expectStored(append(1, 1, 'x'), 'what is found when the first one has left')
    },
  },
  {
    name: 'acknowledged data that is damaged is not passed over',
    clause: THROWS,
    needs: 'damage',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'the first record'))
      await store.persist(append(1, 2, 'the second record'))
      await store.close()
      await bench.damage()
      const opening = (await bench.make()).open(OWNER)
      const found = await opening.catch(() => undefined)
      if (found === undefined)
        await expectRejection(opening, ['RAFT_STORAGE_DAMAGED'], 'open of damaged data')
      else expectLost(found, 2)
    },
  },
  {
    name: 'a storage that was let go of can be opened by the same object and by another',
    clause: 'Lets go of the storage.',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x'))
      await store.close()
      expectEqual(plain(await store.open(OWNER)), plain(append(1, 1, 'x')), 'what the same object finds')
      await store.close()
      await bench.expectStored(append(1, 1, 'x'), 'what the next process finds')
    },
  },
  {
    name: 'closing again, or before opening, does nothing',
    clause: 'Idempotent; resolves when another process may open it.',
    check: async (bench) => {
      const store = await bench.make()
      await store.close()
      await store.open(OWNER)
      await Promise.all([store.close(), store.close()])
      await store.close()
    },
  },
]

/** Opens under another identity; whether that was refused. */
async function refusedOpen(bench: StorageBench, difference: Partial<LogOwner>): Promise<boolean> {
  const store = await bench.make()
  try {
    await store.open({ ...OWNER, ...difference })
    return false
  } catch {
    return true
  } finally {
    await store.close()
  }
}

/** A storage may open all the same if it says how far the log reached: the node then holds nothing for granted that it does not find. */
function expectLost({ lost, entries, term }: LogRecord, lastIndex: number): void {
  const isKnown = lost !== undefined && lost.index >= lastIndex && entries.length < lastIndex && term === 1
  expectTrue(isKnown, 'damaged data was passed over: nothing says how far the log reached')
}
