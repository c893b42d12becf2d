import { expect, test } from 'vitest'
import type { FaultStep } from '../../src/index.ts'
import { createWorld } from '../../src/index.ts'
import { pingBoot } from './ping-service.ts'

const ids = ['a', 'b', 'c', 'd', 'e']

const faults: readonly FaultStep[] = [
  { at: 200, do: 'crash', node: 'a' },
  { at: 300, do: 'pause', node: 'b' },
  {
    at: 350,
    do: 'partition',
    groups: [
      ['a', 'c'],
      ['b', 'd', 'e'],
    ],
  },
  { at: 400, do: 'network', change: { loss: 0.2, duplicate: 0.2, reorder: 0.2 } },
  { at: 500, do: 'restart', node: 'a' },
  { at: 600, do: 'resume', node: 'b' },
  { at: 700, do: 'heal' },
  { at: 800, do: 'clock', node: 'c', rate: 1.5, jumpMs: 100 },
  { at: 850, do: 'timers', node: 'd', slackMs: 10 },
]

async function hashOf(seed: number, everyMs = 7): Promise<string> {
  const world = createWorld({ seed, nodes: ids, boot: pingBoot(ids, everyMs) })
  world.apply(faults)
  await world.run(1500)
  return world.traceHash
}

test('the same seed gives the same trace, another seed another', async () => {
  const first = await hashOf(1)
  expect(first).toMatch(/^[0-9a-f]{16}$/)
  expect(await hashOf(1)).toBe(first)
  expect(await hashOf(2)).not.toBe(first)
})

test('a change of the code gives another trace', async () => {
  expect(await hashOf(1, 7)).not.toBe(await hashOf(1, 8))
})

test('how the run is cut into pieces does not matter', async () => {
  const world = createWorld({ seed: 1, nodes: ids, boot: pingBoot(ids, 7) })
  world.apply(faults)
  for (let piece = 0; piece < 150; piece += 1) await world.run(10)
  expect(world.traceHash).toBe(await hashOf(1))
})

test('the service goes on after all that', async () => {
  const world = createWorld({ seed: 5, nodes: ids, boot: pingBoot(ids, 7) })
  world.apply(faults)
  await world.run(1000)
  world.network.configure({ loss: null, duplicate: null, reorder: null })
  const before = world.nodes.map((node) => node.service?.answered() ?? 0)
  await world.run(1000)
  world.nodes.forEach((node, place) =>
    expect(node.service?.answered()).toBeGreaterThan((before[place] ?? 0) + 100),
  )
  expect(world.node('a').incarnation).toBe(2)
})
