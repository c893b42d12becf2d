import { expect, it } from 'vitest'
import { memoryBackend } from '../../src/index.ts'
import { ManualClock } from '../runtime/manual-clock.ts'

it('whoever asks memory with a signal that has aborted does not wait, and leaves nothing behind', async () => {
  const clock = new ManualClock()
  const memory = memoryBackend({ clock })
  const request = {
    ...{ claims: [{ key: 'a', shared: false, permits: 1, limit: 1 }], ttlMs: 1000, waitMs: 500 },
    ...{ signal: AbortSignal.abort('enough'), owner: undefined, victim: undefined, waitDie: false },
    lost: () => undefined,
  }
  const held = await memory.acquire({ ...request, signal: undefined })
  await expect(memory.acquire(request)).rejects.toBe('enough')
  if ('startedAt' in held) await memory.release(held)
  await clock.run(0)
  expect(clock.timers).toBe(0)
  expect(await memory.acquire({ ...request, signal: undefined, waitMs: 0 })).toMatchObject({ token: 2 })
})
