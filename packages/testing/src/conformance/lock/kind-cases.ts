import { expectEqual, expectTrue } from '../expectations.ts'
import type { LockBench, LockCase } from './lock-bench.ts'
import type { LockClaim, LockKeeper, LockParty } from './lock-shape.ts'

const UNFIT =
  "The key cannot be had in this way: the owner has it already, or waits for it (`'reentrant'`); it is there with another number of permits (`'mismatch'`)."

/** Readers and writers, semaphores, owners. */
export const KIND_CASES: readonly LockCase[] = [
  {
    name: 'readers are there together, a writer alone',
    clause: 'Readers and writers.',
    needs: 'shared',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const first = await bench.get(one, READER)
      const second = await bench.get(other, READER)
      await bench.expectBusy(other, 'page', 'what is said to a writer while two read')
      await one.release(first)
      await bench.expectBusy(one, 'page', 'what is said to a writer while one reads')
      await other.release(second)
      await bench.get(one, 'page', { waitMs: bench.deadlineMs / 2 })
      await bench.expectBusy(other, READER, 'what is said to a reader while somebody writes')
    },
  },
  {
    name: 'permits of a semaphore are given until there are none',
    clause: 'Counting semaphores.',
    needs: 'semaphore',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const two = await bench.get(one, permits(2, 3))
      await bench.expectBusy(
        other,
        permits(2, 3),
        'what is said to whoever wants two of three, of which one is left',
      )
      await bench.get(other, permits(1, 3))
      await bench.expectBusy(
        one,
        permits(1, 3),
        'what is said to whoever wants one of three, of which none is left',
      )
      await one.release(two)
      await bench.get(other, permits(2, 3), { waitMs: bench.deadlineMs / 2 })
    },
  },
  {
    name: 'a semaphore that is in use has one number of permits',
    clause: UNFIT,
    needs: 'semaphore',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      await bench.get(one, permits(1, 3))
      await expectRefused(bench, other, permits(1, 4), 'mismatch')
    },
  },
  {
    name: 'an owner that has a key is not made to wait for itself',
    clause: UNFIT,
    needs: 'owners',
    check: async (bench) => {
      const backend = await bench.make()
      const owner = { name: 'anna', priority: 0 }
      await bench.get(backend, 'job', { owner })
      await expectRefused(bench, backend, permits(1, 1, 'job'), 'reentrant', owner)
    },
  },
  {
    name: 'who would wait for whoever waits for it is refused',
    clause: 'Waiting would be a deadlock, or has become one.',
    needs: 'owners',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const anna = { name: 'anna', priority: 0 }
      const boris = { name: 'boris', priority: 0 }
      await bench.get(one, 'a', { owner: anna })
      const ofBoris = await bench.get(other, 'b', { owner: boris })
      const waiting = bench.get(one, 'b', { owner: anna, waitMs: bench.deadlineMs })
      // Looked at below; must not count as unhandled before.
      waiting.catch(() => undefined)
      await bench.sleep(bench.deadlineMs / 16)
      const answer = await bench.ask(other, 'a', { owner: boris, waitMs: bench.deadlineMs / 2 })
      expectEqual('refused' in answer ? answer.refused : 'granted', 'deadlock', 'what closes the circle')
      await other.release(ofBoris)
      await waiting
    },
  },
  {
    name: 'owners that wait in no circle get what they wait for',
    clause: 'Owners with exact detection of deadlocks.',
    needs: 'owners',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const anna = { name: 'anna', priority: 0 }
      const boris = { name: 'boris', priority: 0 }
      const ofAnna = await bench.get(one, 'a', { owner: anna })
      await bench.get(other, 'b', { owner: boris })
      const waiting = bench.ask(other, 'a', { owner: boris, waitMs: bench.deadlineMs / 2 })
      await bench.sleep(bench.deadlineMs / 16)
      await bench.get(one, 'c', { owner: anna })
      await one.release(ofAnna)
      expectTrue(!('refused' in (await waiting)), 'an owner that waits in no circle is granted its key')
    },
  },
]

const READER: readonly LockClaim[] = [{ key: 'page', shared: true, permits: 1, limit: 1 }]

function permits(count: number, limit: number, key = 'pool'): readonly LockClaim[] {
  return [{ key, shared: false, permits: count, limit }]
}

async function expectRefused(
  bench: LockBench,
  backend: LockKeeper,
  claims: readonly LockClaim[],
  why: string,
  owner?: LockParty,
): Promise<void> {
  const waitMs = bench.deadlineMs / 8
  const answer = await bench.ask(backend, claims, { waitMs, ...(owner !== undefined && { owner }) })
  expectEqual('refused' in answer ? answer.refused : 'granted', why, 'the answer')
}
