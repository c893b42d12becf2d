import { createLocks, FenceGuard, memoryBackend } from '@colony/lock'
import { expect, it } from 'vitest'

it('the steps of the README of @colony/lock do what it says', async () => {
  const locks = createLocks(memoryBackend())
  const seen = await locks.using(['account:1', 'account:2'], ({ signal, fencingToken }) => [
    fencingToken,
    signal.aborted,
  ])
  expect(seen).toEqual([1n, false])

  const transfer = locks.owner({ name: 'transfer-7', victim: 'fewest-locks' })
  await transfer.acquire('account:1')
  const other = locks.owner({ name: 'transfer-8' })
  await other.acquire('account:2')
  const waiting = transfer.acquire('account:2')
  await expect(other.acquire('account:1')).rejects.toMatchObject({ code: 'LOCK_DEADLOCK' })
  expect((await waiting).isHeld).toBe(true)
  await transfer.release()

  const guard = new FenceGuard()
  const late = await locks.acquire('disk')
  await late.release()
  await locks.using('disk', ({ fencingToken }) => guard.check('disk', fencingToken))
  expect(() => guard.check('disk', late.fencingToken)).toThrow(/LOCK_STALE_TOKEN/)

  const led: string[] = []
  const election = locks.elect('scheduler', ({ lock }) => void led.push(...lock.keys))
  await expect.poll(() => led.length).toBeGreaterThan(0)
  await election.stop()
  await locks.close()
})
