/**
 * A counter that many clients increment: by optimistic updates, and under a lock. Each call to the backend takes about a millisecond, as over a network. Prints how both fare
 * with more and more clients. Run: `tsx docs/examples/src/lock-counter.ts [milliseconds for each measurement]`
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocks, type LockBackend, memoryBackend, type MemoryCapabilities } from '@colony/lock'

const measuredMs = Number(process.argv[2] ?? 1000)
const CLIENTS = [1, 2, 4, 8, 16, 32, 64]

/** The memory backend, a millisecond away. */
function distant(): LockBackend<MemoryCapabilities> & Required<Pick<LockBackend, 'values'>> {
  const memory = memoryBackend()
  const { values } = memory
  if (values === undefined) throw new Error('memory keeps values')
  return {
    ...{ name: 'distant', capabilities: memory.capabilities, driftRate: 0 },
    acquire: async (request) => (await sleep(1), await memory.acquire(request)),
    extend: async (grant, ttlMs) => (await sleep(1), await memory.extend(grant, ttlMs)),
    release: async (grant) => (await sleep(1), await memory.release(grant)),
    close: () => memory.close(),
    values: {
      read: async (key) => (await sleep(1), await values.read(key)),
      write: async (...written) => (await sleep(1), await values.write(...written)),
    },
  }
}

interface Figures {
  readonly perSecond: number
  readonly p99Ms: number
  readonly attempts: number
}

interface Counter {
  readonly n: number
}

/** Many clients increment the counter until the time is over; nothing may be lost of it. */
async function measure(clients: number, way: 'optimistic' | 'lock'): Promise<Figures> {
  const backend = distant()
  const locks = createLocks(backend)
  const took: number[] = []
  let attempts = 0

  // #region ways
  const optimistic = async (): Promise<void> => {
    await locks.update<Counter>('counter', (current) => {
      attempts++
      return { n: (current?.n ?? 0) + 1 }
    })
  }
  const underLock = async (): Promise<void> => {
    await locks.using('counter', async () => {
      attempts++
      const current = await backend.values.read('counter')
      const { n } = JSON.parse(current?.text ?? '{"n":0}') as Counter
      await backend.values.write('counter', current?.version, JSON.stringify({ n: n + 1 }))
    })
  }
  // #endregion ways

  const increment = way === 'lock' ? underLock : optimistic
  const startedAt = performance.now()
  const client = async (): Promise<void> => {
    while (performance.now() - startedAt < measuredMs) {
      const from = performance.now()
      await increment()
      took.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - startedAt) / 1000
  const counted = await backend.values.read('counter')
  if (counted?.text !== JSON.stringify({ n: took.length })) throw new Error(`lost: ${counted?.text}`)
  const sorted = took.toSorted((one, other) => one - other)
  const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0
  return { perSecond: took.length / seconds, p99Ms, attempts: attempts / took.length }
}

console.log('| clients | optimistic: updates/s | p99 ms | attempts each | lock: updates/s | p99 ms |')
console.log('| ------: | --------------------: | -----: | ------------: | --------------: | -----: |')
for (const clients of CLIENTS) {
  const updates = await measure(clients, 'optimistic')
  const locked = await measure(clients, 'lock')
  const cells = [
    ...[clients, updates.perSecond.toFixed(0), updates.p99Ms.toFixed(0), updates.attempts.toFixed(1)],
    ...[locked.perSecond.toFixed(0), locked.p99Ms.toFixed(0)],
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
console.log('no update was lost')
