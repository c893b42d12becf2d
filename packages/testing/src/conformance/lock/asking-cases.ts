import { expectEqual, expectTrue } from '../expectations.ts'
import { type LockBench, type LockCase, mutex, requestOf } from './lock-bench.ts'
import type { LockGrant, LockKeeper } from './lock-shape.ts'

const ABORTED = "When the signal aborts, it rejects with the signal's reason, and leaves nothing behind."
/** Turns of the event loop after which a wait is aborted: before, while and after a fast backend answers. */
const TURNS = 12

/** How a lock is asked for and waited for. */
export const ASKING_CASES: readonly LockCase[] = [
  {
    name: 'it can do what it is claimed to do',
    clause: 'What it can do; constant.',
    check: async (bench) => {
      const { capabilities } = await bench.make()
      for (const ability of ['fencing', 'shared', 'semaphore', 'owners', 'values'] as const)
        expectEqual(capabilities[ability], bench.supports.includes(ability), `the capability '${ability}'`)
    },
  },
  {
    name: 'a key that is held is refused to whoever does not wait, and another one is not',
    clause: 'How long to wait for it, in milliseconds; 0: not at all.',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      await bench.get(one, 'job')
      await bench.expectBusy(other, 'job', 'what another process gets')
      await bench.expectBusy(one, 'job', 'what the same process gets')
      await bench.get(other, 'another job')
    },
  },
  {
    name: 'whoever waits gets the key when it is given back',
    clause: 'Asks for a lock, and waits for it as long as wanted.',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const held = await bench.get(one, 'job')
      const waiting = Promise.all([
        bench.get(other, 'job', { waitMs: Number.POSITIVE_INFINITY }),
        releaseSoon(bench, one, held),
      ])
      const [granted] = await waiting
      expectTrue(await other.release(granted), 'the lock that was waited for is held')
    },
  },
  {
    name: 'a wait is over when it is, and not before',
    clause: 'Somebody else has it, and the time to wait is over.',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      await bench.get(one, 'job')
      const begun = bench.clock.now()
      const waitMs = bench.deadlineMs / 8
      const answer = await bench.ask(other, 'job', { waitMs })
      expectEqual(answer, { refused: 'busy' }, 'what came of waiting')
      // A timer may come early by what its clock is rounded to.
      expectTrue(bench.clock.now() - begun >= waitMs - 2, 'it waited as long as wanted')
    },
  },
  {
    name: 'a wait that is aborted rejects with the reason',
    clause: ABORTED,
    check: async (bench) => {
      const [one, other] = await bench.pair()
      await bench.get(one, 'job')
      const aborter = new AbortController()
      const reason = new Error('not wanted any more')
      const asked = outcomeOf(other, aborter.signal)
      await bench.sleep(bench.deadlineMs / 16)
      aborter.abort(reason)
      const came = await bench.within(async () => await asked, 'the end of a wait that was aborted')
      expectTrue(came === reason, `the reason is what it rejects with, not ${String(came)}`)
    },
  },
  {
    name: 'a wait that was aborted leaves no lock behind, whenever that was',
    clause: 'A grant that comes all the same has to be given back.',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      for (let turns = 0; turns < TURNS; turns++) {
        const aborter = new AbortController()
        const reason = new Error('not wanted any more')
        const asked = outcomeOf(other, aborter.signal)
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        aborter.abort(reason)
        const came = await bench.within(async () => await asked, 'the end of a wait that was aborted')
        // Granted before the signal aborted: a lock like any other.
        if (came !== reason) await other.release(came as LockGrant)
        await bench.expectFree(one, 'job')
      }
    },
  },
  {
    name: 'a wait that is over leaves no place in the queue behind',
    clause: ABORTED,
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const held = await bench.get(one, 'job')
      const aborter = new AbortController()
      const asked = outcomeOf(other, aborter.signal)
      await bench.sleep(bench.deadlineMs / 16)
      aborter.abort(new Error('not wanted any more'))
      await bench.within(async () => await asked, 'the end of a wait that was aborted')
      await one.release(held)
      await bench.expectFree(one, 'job')
    },
  },
  {
    name: 'several keys are taken together or not at all',
    clause: 'Sorted by key, each key once: all of them or none.',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const held = await bench.get(one, 'b')
      const all = [mutex('a'), mutex('b'), mutex('c')]
      await bench.expectBusy(other, all, 'what is said to whoever wants three keys of which one is held')
      await bench.expectFree(one, 'a')
      await bench.expectFree(one, 'c')
      await one.release(held)
      await bench.get(other, all, { waitMs: bench.deadlineMs / 2 })
      for (const { key } of all) await bench.expectBusy(one, key, `what is said to whoever wants '${key}'`)
    },
  },
]

async function releaseSoon(bench: LockBench, backend: LockKeeper, grant: LockGrant): Promise<void> {
  await bench.sleep(bench.deadlineMs / 16)
  await backend.release(grant)
}

/** What comes of waiting for the job: an answer, or what it rejects with. */
async function outcomeOf(backend: LockKeeper, signal: AbortSignal): Promise<unknown> {
  try {
    return await backend.acquire(requestOf('job', { waitMs: Number.POSITIVE_INFINITY, signal }))
  } catch (error) {
    return error
  }
}
