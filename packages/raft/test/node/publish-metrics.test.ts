import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryNetwork } from '@colony/host/memory'
import { createRaft, memoryStorage } from '../../src/index.ts'
import { publishMetrics, type PublishedMetrics } from '../../src/node/index.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

it('publishes what a node is and has counted, while somebody listens', async () => {
  const host = createMemoryNetwork().host()
  const machine = { apply: (value: number) => value }
  await using raft = await createRaft({ id: 'a', members: ['a'], host, storage: memoryStorage(), machine })
  await raft.propose(7)
  const heard: PublishedMetrics[] = []
  const listen = (message: unknown): void => void heard.push(message as PublishedMetrics)
  const asked = vi.spyOn(raft, 'metrics')
  using _publishing = publishMetrics(raft, { everyMs: 1000 })
  vi.advanceTimersByTime(3000)
  expect(asked).not.toHaveBeenCalled()
  subscribe('colony:raft.metrics', listen)
  vi.advanceTimersByTime(2000)
  unsubscribe('colony:raft.metrics', listen)
  expect(heard).toHaveLength(2)
  expect(heard[0]).toMatchObject({
    node: 'a',
    status: { role: 'leader', appliedIndex: 2 },
    metrics: { proposals: { applied: 1 }, electionsWon: 1 },
  })
})

it('ends when it is disposed of, and refuses an interval that can not be', () => {
  const raft = { id: 'a', status: vi.fn(), metrics: vi.fn() }
  const listen = (): void => {}
  subscribe('colony:raft.metrics', listen)
  publishMetrics(raft, { everyMs: 1000 })[Symbol.dispose]()
  vi.advanceTimersByTime(5000)
  unsubscribe('colony:raft.metrics', listen)
  expect(raft.metrics).not.toHaveBeenCalled()
  expect(() => publishMetrics(raft, { everyMs: 5 })).toThrow(
    /everyMs must be a number of milliseconds from 10/,
  )
})
