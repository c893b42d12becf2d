import { createWorld } from '@colony/testing'
import { jsonCodec } from '@colony/host'
import { expect, it } from 'vitest'
import { Applier } from '../../src/runtime/applier.ts'
import { ApplyQueue } from '../../src/runtime/apply-queue.ts'
import { encodeCommandEntry } from '../../src/runtime/command-entry.ts'

it('applies nothing that a restored snapshot contains, and everything behind it', () => {
  const applied: number[] = []
  const machine = { apply: (_command: number, { index }: { readonly index: number }) => applied.push(index) }
  const codec = jsonCodec<number>()
  const { clock } = createWorld({ seed: 1 })
  const queue = new ApplyQueue(new Applier(machine, codec, jsonCodec<number>()), clock, 0)
  const entries = (count: number) =>
    Array.from({ length: count }, () => ({
      ...{ term: 1, kind: 'command' as const },
      data: encodeCommandEntry(codec.encode(1), undefined),
    }))
  queue.push(entries(3), 1)
  queue.push(entries(4), 4)
  queue.push(entries(2), 8)
  queue.restored(5)
  expect(queue.applied).toBe(5)
  queue.run()
  expect(applied).toEqual([6, 7, 8, 9])
  queue.restored(20)
  queue.push(entries(1), 21)
  queue.run()
  expect([applied.at(-1), queue.applied]).toEqual([21, 21])
})
