import { expect, it } from 'vitest'
import { createLocks, memoryBackend } from '../../src/index.ts'

it('a key for readers and writers: readers together, a writer alone', async () => {
  const locks = createLocks(memoryBackend())
  const config = locks.rw('config')
  const readers = [await config.read(), await config.read()]
  expect(await locks.tryAcquire('config')).toBeUndefined()
  await Promise.all(readers.map((reader) => reader.release()))
  const writer = await config.write()
  await expect(config.read({ wait: 1 })).rejects.toThrow(/LOCK_TIMEOUT/)
  await writer.release()
  const order: string[] = []
  await config.reading(async () => {
    const writing = config.writing(() => order.push('writer'))
    await config.read({ wait: 1 }).catch(() => order.push('no reader passes a writer'))
    order.push('reader ends')
    void writing
  })
  await config.writing((lock) => expect(lock.isHeld).toBe(true))
  expect(order).toEqual(['no reader passes a writer', 'reader ends', 'writer'])
})

it('a number of permits under one key', async () => {
  const locks = createLocks(memoryBackend())
  const smtp = locks.semaphore('smtp', 3)
  const two = await smtp.acquire({ permits: 2 })
  expect(await smtp.tryAcquire({ permits: 2 })).toBeUndefined()
  await smtp.using(async () => expect(await smtp.tryAcquire()).toBeUndefined())
  await two.release()
  expect(await smtp.tryAcquire({ permits: 3 })).toBeDefined()
  await expect(smtp.acquire({ permits: 4 })).rejects.toThrow(/LOCK_INVALID_OPTION\] permits/)
  expect(() => locks.semaphore('smtp', 0)).toThrow(/LOCK_INVALID_OPTION\] of/)
})

it('named locks exist only where the backend can', async () => {
  const { acquire, extend, release, close } = memoryBackend()
  const none = { fencing: false, shared: false, semaphore: false, owners: false, values: false } as const
  const locks = createLocks({ name: 'plain', capabilities: none, acquire, extend, release, close })
  const rw = (): void => {
    // @ts-expect-error: the type says so
    locks.rw('a')
  }
  const semaphore = (): void => {
    // @ts-expect-error: the type says so
    locks.semaphore('a', 2)
  }
  expect(rw).toThrow(/this backend has no shared locks/)
  expect(semaphore).toThrow(/this backend has no semaphores/)
})
