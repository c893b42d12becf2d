import { expect, test } from 'vitest'
import { hashBytes, TraceHash } from '../../src/trace/trace-hash.ts'
import { createWorld } from '../../src/index.ts'
import { pingBoot } from '../world/ping-service.ts'

test('the hash depends on every bit and on the order', () => {
  const hashOf = (...words: readonly number[]): string => {
    const hash = new TraceHash()
    for (const word of words) hash.word(word)
    return hash.hex()
  }
  const seen = new Set<string>()
  for (let bit = 0; bit < 32; bit += 1)
    seen
      .add(hashOf(1 << bit))
      .add(hashOf(0, 1 << bit))
      .add(hashOf(1 << bit, 0))
  expect(seen.size).toBe(96)
  expect(hashOf(1, 2)).not.toBe(hashOf(2, 1))
  expect(hashOf()).not.toBe(hashOf(0))
})

test('bytes that differ anywhere, or in length, hash differently', () => {
  const seen = new Set<number>()
  for (let length = 0; length < 40; length += 1) {
    seen.add(hashBytes(new Uint8Array(length)))
    for (let place = 0; place < length; place += 1) {
      const bytes = new Uint8Array(length)
      bytes[place] = 1
      seen.add(hashBytes(bytes))
    }
  }
  expect(seen.size).toBe(40 + (39 * 40) / 2)
})

test('the tail holds the last lines, oldest first, and can be switched off without changing the hash', async () => {
  const run = async (lines: number): Promise<{ readonly hash: string; readonly tail: readonly string[] }> => {
    const ids = ['a', 'b']
    const world = createWorld({ seed: 1, nodes: ids, boot: pingBoot(ids), trace: { lines } })
    await world.run(500)
    world.note('the end')
    return { hash: world.traceHash, tail: world.traceTail }
  }
  const [none, few, many] = [await run(0), await run(5), await run(10_000)]
  expect(none.tail).toEqual([])
  expect(few.tail).toHaveLength(5)
  expect(few.tail).toEqual(many.tail.slice(-5))
  expect(few.tail.at(-1)).toMatch(/^ +500\.000 ms {2}note +the end$/)
  expect(many.tail.some((line) => /send +a→b +ping #[0-9a-f]+$/.test(line))).toBe(true)
  expect(new Set([none.hash, few.hash, many.hash]).size).toBe(1)
})

test('the hash of a world takes in every byte sent and the time of every event', async () => {
  const run = async (byte: number, sentAtMs: number): Promise<string> => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'] })
    await world.finish(Promise.all(world.nodes.map((node) => node.host.open(node.id))))
    world.schedule(sentAtMs, () => world.node('a').host.transport.send('b', 'x', Uint8Array.of(0, byte)))
    await world.run(100)
    return world.traceHash
  }
  const hashes = [await run(1, 5), await run(2, 5), await run(1, 5.001)]
  expect(new Set(hashes).size).toBe(3)
  expect(await run(1, 5)).toBe(hashes[0])
})
