import { expect, test } from 'vitest'
import { CallBatch, type CallPart } from '../../src/redis/call-batch.ts'
import { ManualClock } from '../runtime/manual-clock.ts'

/** A batch whose server answers with what it was asked, and what it was asked. */
function recorded(limit: number): { batch: CallBatch; clock: ManualClock; sent: string[][]; got: unknown[] } {
  const clock = new ManualClock()
  const sent: string[][] = []
  const got: unknown[] = []
  const send = async (keys: readonly string[]): Promise<readonly string[]> => {
    sent.push([...keys])
    return await Promise.resolve([...keys])
  }
  return { batch: new CallBatch(clock, send, limit), clock, sent, got }
}

function part(name: string, got: unknown[]): CallPart {
  return {
    ...{ keys: [name], args: [] },
    answered: (reply) => void got.push(reply),
    failed: (error) => void got.push(error),
  }
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `k${index}`)

test('what is asked for in one turn is one call, up to its limit', async () => {
  const { batch, clock, sent, got } = recorded(10)
  for (const name of names(16)) batch.add(part(name, got))
  await Promise.resolve()
  expect(sent).toEqual([names(16).slice(0, 10), names(16).slice(10)])
  await clock.run(0)
  expect(got).toEqual(names(16))
})

test('of much, one half waits until the other was written, and everything keeps its order', async () => {
  const { batch, clock, sent, got } = recorded(100)
  for (const name of names(40)) batch.add(part(name, got))
  await Promise.resolve()
  expect(sent).toEqual([names(40).slice(0, 20)])
  // Asked for meanwhile: it goes with the rest.
  batch.add(part('late', got))
  await clock.run(0)
  expect(sent.map(({ length }) => length)).toEqual([20, 11, 10])
  expect(sent.flat()).toEqual([...names(40), 'late'])
  expect(got).toEqual([...names(40), 'late'])
})

test('where each has a call of its own, as in a Cluster, none waits', async () => {
  const { batch, sent, got } = recorded(1)
  for (const name of names(40)) batch.add(part(name, got))
  await Promise.resolve()
  expect(sent).toEqual(names(40).map((name) => [name]))
})
