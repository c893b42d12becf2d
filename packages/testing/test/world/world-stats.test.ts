/* oxlint-disable unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function */
import { expect, test } from 'vitest'
import { createWorld } from '../../src/world/world.ts'
import { pingBoot } from './ping-service.ts'

test('a world counts its events and faults by kind, and the states that it went through', async () => {
  const ids = ['a', 'b']
  let level = 0
  let looks = 0
  const world = createWorld({
    seed: 1,
    nodes: ids,
    boot: pingBoot(ids),
    states: { every: 7, fingerprint: () => ((looks += 1), `level ${level % 5}`) },
  })
  const raise = (): void => {
    level += 1
    world.schedule(10, raise)
  }
  raise()
  world.apply([
    { at: 500, do: 'pause', node: 'a', forMs: 10 },
    { at: 600, do: 'pause', node: 'b', forMs: 10 },
    { at: 700, do: 'heal' },
    { at: 800, do: 'arm', point: 'p', then: { do: 'heal' } },
  ])
  await world.run(1000)
  const { events, lines, faults, states, looks: told } = world.stats
  expect(faults).toEqual({ pause: 2, resume: 2, heal: 1, arm: 1 })
  expect(states).toEqual(new Set([0, 1, 2, 3, 4].map((each) => `level ${each}`)))
  expect(told).toBe(looks)
  expect(told).toBe(Math.ceil(events / 7))
  expect([lines.send, lines.deliver]).toEqual([world.network.stats.sent, world.network.stats.delivered])
  expect(lines.note).toBe(0)
})

test('states are not looked at unless that is asked for, and no more are kept than allowed', async () => {
  const plain = createWorld({ seed: 1 })
  await plain.run(10)
  expect([plain.stats.looks, plain.stats.states.size]).toEqual([0, 0])
  let state = 0
  const world = createWorld({ seed: 1, states: { every: 1, most: 3, fingerprint: () => (state += 1) } })
  for (let at = 1; at < 10; at += 1) world.schedule(at, () => undefined)
  await world.run(20)
  expect([...world.stats.states]).toEqual([1, 2, 3])
  expect(world.stats.looks).toBeGreaterThan(8)
  expect(() => createWorld({ seed: 1, states: { every: 0, fingerprint: () => 1 } })).toThrow(/states\.every/)
})
