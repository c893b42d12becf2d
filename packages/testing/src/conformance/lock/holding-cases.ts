import { expectEqual, expectTrue } from '../expectations.ts'
import { type LockBench, type LockCase, mutex } from './lock-bench.ts'
import type { LockGrant, LockKeeper, LockLoss } from './lock-shape.ts'

const EXTENDED = 'When the attempt began that did it; `undefined` when the lock is gone.'
const NEVER = Number.POSITIVE_INFINITY

/** What a lock is, once somebody has it. */
export const HOLDING_CASES: readonly LockCase[] = [
  {
    name: 'a grant says when its attempt began',
    clause:
      'When the lease began to run at the earliest: the monotonic time before the first byte of the attempt that was granted was sent.',
    check: async (bench) => {
      const backend = await bench.make()
      await bench.sleep(1)
      const before = bench.clock.now()
      const { startedAt } = await bench.get(backend, 'job')
      expectBetween(startedAt, before, bench.clock.now(), 'the beginning of a lease')
    },
  },
  {
    name: 'a lease ends by itself, and not before its time',
    clause:
      "How long the lease is to last from the grant on, in milliseconds; `Infinity` where the backend's locks end with its session or process.",
    needs: 'leases',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const { startedAt } = await bench.get(one, 'job', { ttlMs: bench.leaseMs })
      await bench.get(other, 'job', { waitMs: NEVER })
      expectTrue(lasted(bench, one, startedAt), 'the lease lasted its time')
    },
  },
  {
    name: 'an extension lets a lease run anew',
    clause: 'Lets the lease of `grant` run for `ttlMs` from now.',
    needs: 'leases',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const grant = await bench.get(one, 'job', { ttlMs: bench.leaseMs })
      await bench.sleep(bench.leaseMs / 2)
      const extendedAt = await one.extend(grant, bench.leaseMs)
      // A machine that was too slow for this has shown nothing.
      if (extendedAt === undefined && bench.clock.now() - grant.startedAt > bench.leaseMs) return
      expectTrue(extendedAt !== undefined, 'a lock that is held is extended')
      await bench.get(other, 'job', { waitMs: NEVER })
      expectTrue(lasted(bench, one, extendedAt), 'the lease lasted its time from the extension on')
    },
  },
  {
    name: 'an extension says when its attempt began',
    clause: EXTENDED,
    check: async (bench) => {
      const backend = await bench.make()
      const grant = await bench.get(backend, 'job')
      await bench.sleep(5)
      const before = bench.clock.now()
      const extendedAt = await backend.extend(grant, 60_000)
      expectTrue(extendedAt !== undefined, 'a lock that is held is extended')
      expectBetween(extendedAt, before, bench.clock.now(), 'the time of an extension')
    },
  },
  {
    name: 'a lock that was given back is not extended',
    clause: EXTENDED,
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const grant = await bench.get(one, 'job')
      await one.release(grant)
      expectEqual(await one.extend(grant, 60_000), undefined, 'the extension of a lock that is gone')
      await bench.get(other, 'job', { waitMs: bench.deadlineMs / 2 })
      expectEqual(await one.extend(grant, 60_000), undefined, "the extension of what is another's")
    },
  },
  {
    name: 'a release gives the lock back',
    clause: "Gives the lock back, if it is this grant's still.",
    check: async (bench) => {
      const [one, other] = await bench.pair()
      await one.release(await bench.get(one, [mutex('a'), mutex('b')]))
      await bench.expectFree(other, [mutex('a'), mutex('b')])
    },
  },
  {
    name: 'a release says whether the lock was held',
    clause: 'Whether it was.',
    check: async (bench) => {
      const backend = await bench.make()
      const grant = await bench.get(backend, 'job')
      expectEqual(await backend.release(grant), true, 'the first release')
      expectEqual(await backend.release(grant), false, 'the second one')
    },
  },
  {
    name: "a release that comes late does not touch another's lock",
    clause: 'Never touches a lock of anybody else.',
    needs: 'leases',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const late = await bench.get(one, 'job', { ttlMs: bench.leaseMs })
      const held = await bench.get(other, 'job', { waitMs: NEVER })
      await one.release(late)
      await bench.expectBusy(one, 'job', "what is said to whoever wants another's lock")
      expectTrue(await other.release(held), 'whoever has the lock still has it')
    },
  },
  {
    name: 'nobody is told of a loss after a release, at no time',
    clause: 'At most once, and never after a release.',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const told: LockLoss[] = []
      const lost = (because: LockLoss): void => void told.push(because)
      const grant = await bench.get(one, 'job', { ttlMs: bench.leaseMs, lost })
      await one.release(grant)
      await bench.get(other, 'job', { waitMs: bench.deadlineMs / 2 })
      await bench.sleep(1.5 * bench.leaseMs)
      expectEqual(told, [], 'what was told of a lock that was given back')
    },
  },
  {
    name: 'the holder is told when its lock was taken away',
    clause: 'To be told when the backend finds out that the lock is gone.',
    needs: 'loss',
    check: async (bench) => {
      const backend = await bench.make()
      await new Promise<void>((resolve, reject) => {
        const told = new Promise<void>((tell) => {
          const asked = bench.get(backend, 'job', { lost: () => tell() })
          asked.then(() => bench.takeAway(backend)).catch(reject)
        })
        bench.within(() => told, 'word of the loss').then(resolve, reject)
      })
    },
  },
  {
    name: 'closing twice does no harm',
    clause: 'Idempotent.',
    check: async (bench) => {
      const backend = await bench.make()
      await backend.release(await bench.get(backend, 'job'))
      await backend.close()
      await backend.close()
    },
  },
  {
    name: 'each grant of a key has a greater token, whoever asks',
    clause: 'Every grant of a key has a token greater than all before it.',
    needs: 'fencing',
    check: async (bench) => {
      const backends = await bench.pair()
      let last: LockGrant | undefined
      for (let round = 0; round < 6; round++) {
        const backend = backends[round % 2 === 0 ? 0 : 1]
        const grant = await bench.get(backend, 'job', { waitMs: bench.deadlineMs / 2 })
        expectTrue(
          last === undefined || grant.token > last.token,
          `a token of ${grant.token} does not follow ${last?.token}`,
        )
        last = grant
        await backend.release(grant)
      }
    },
  },
  {
    name: 'a lock of several keys has a token greater than all of each',
    clause: 'With the capability `fencing`: greater than the token of every grant of these keys before.',
    needs: 'fencing',
    check: async (bench) => {
      const [one, other] = await bench.pair()
      const tokens: (number | bigint)[] = []
      for (const keys of [['a'], ['a'], ['b'], ['b'], ['b'], ['a', 'b'], ['a'], ['b']]) {
        const backend = tokens.length % 2 === 0 ? one : other
        const grant = await bench.get(backend, keys.map(mutex), { waitMs: bench.deadlineMs / 2 })
        tokens.push(grant.token)
        await backend.release(grant)
      }
      const [, a = 0, , , b = 0, both = 0, afterA = 0, afterB = 0] = tokens
      expectTrue(both > a && both > b, `a token of ${both} for both keys follows ${a} and ${b}`)
      expectTrue(
        afterA > both && afterB > both,
        `tokens of ${afterA} and ${afterB} follow ${both} for both keys`,
      )
    },
  },
]

function expectBetween(at: number, from: number, to: number, what: string): void {
  expectTrue(at >= from && at <= to, `${what} is between ${from} and ${to} on the clock, not ${at}`)
}

/** Whether a lease that began at a time has lasted, but for what clocks may run apart. */
function lasted(bench: LockBench, { driftRate = 0.01 }: LockKeeper, startedAt: number): boolean {
  return bench.clock.now() - startedAt >= bench.leaseMs * (1 - driftRate) - 2
}
