import { sameValue } from '../../check/value-key.ts'
import { expectEqual, expectTrue } from '../expectations.ts'
import { append, entry, OWNER, plain, type StorageCase } from './storage-bench.ts'
import type { LogRecord } from './storage-factory.ts'

const DURABLE = 'Makes a record durable, atomically: resolves only when it survives a crash of the machine.'
/** Turns of the promise queue after which the power is cut, while a record is under way. */
const MOMENTS: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24]

/** What is left when the power is cut. */
export const STORAGE_CRASH_CASES: readonly StorageCase[] = [
  {
    name: 'what was persisted survives a crash',
    clause: DURABLE,
    needs: 'crash',
    check: async (bench) => {
      const store = await bench.opened()
      await store.persist(append(1, 1, 'x'))
      await store.persist({ term: 4, vote: 'b', firstIndex: 2, entries: [entry(4, 'y'.repeat(6000))] })
      await bench.crash()
      const entries = [entry(1, 'x'), entry(4, 'y'.repeat(6000))]
      await bench.expectStored({ term: 4, vote: 'b', firstIndex: 1, entries }, 'the log after the crash')
    },
  },
  {
    name: 'whose storage it is survives a crash right after the first open',
    clause:
      'Takes hold of the storage and returns what it holds; on a fresh one, writes `identity` durably first.',
    needs: 'crash',
    check: async (bench) => {
      await bench.opened()
      await bench.crash()
      const store = await bench.make()
      const opening = store.open({ ...OWNER, nodeId: 'b' })
      const isRefused = await opening.then(
        () => false,
        () => true,
      )
      expectTrue(isRefused, 'another node could open it: the first owner was forgotten')
    },
  },
  {
    name: 'of a record that a crash interrupted, all is there or nothing',
    clause:
      'The one record that a node must make durable, atomically: after a crash either all of it is there or none.',
    needs: 'crash',
    check: async (bench) => {
      for (const [round, turns] of MOMENTS.entries()) {
        const { before, change, after } = interrupted(round)
        const store = await bench.opened()
        await store.persist(before)
        void store.persist(change).catch(() => undefined)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        await bench.crash()
        const found = plain(await bench.stored())
        const allowed = [before, after].map(plain)
        const whole = allowed.find((state) => sameValue(state, found)) ?? allowed[0]
        expectEqual(found, whole, `the log after a crash ${turns} turns into a record`)
      }
    },
  },
]

/** A record that changes everything at once, what it follows and what they make together; later rounds have higher terms. */
function interrupted(round: number): Readonly<Record<'before' | 'change' | 'after', LogRecord>> {
  const term = 2 * round + 2
  const kept = entry(term - 1, 'x')
  const entries = [entry(term, 'z'.repeat(9000)), entry(term, 'w')]
  return {
    before: { term: term - 1, vote: 'a', firstIndex: 1, entries: [kept, entry(term - 1, 'y')] },
    change: { term, vote: 'b', firstIndex: 2, entries },
    after: { term, vote: 'b', firstIndex: 1, entries: [kept, ...entries] },
  }
}
