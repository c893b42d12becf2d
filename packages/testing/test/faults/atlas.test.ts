/* oxlint-disable unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function */
import { createRandom } from '@colony/host'
import { describe, expect, test } from 'vitest'
import type { GeneratedFault } from '../../src/faults/atlas.ts'
import { FAULT_ATLAS } from '../../src/faults/atlas.ts'
import type { FaultStep } from '../../src/faults/fault-step.ts'
import type { GenerateFaultsOptions } from '../../src/faults/generate-faults.ts'
import { generateFaults } from '../../src/faults/generate-faults.ts'
import { createWorld } from '../../src/world/world.ts'

const nodes = ['a', 'b', 'c', 'd', 'e']
const KINDS = Object.keys(FAULT_ATLAS) as GeneratedFault[]
const DURATION = 20_000

function weights(on: (kind: GeneratedFault) => boolean): Partial<Record<GeneratedFault, number>> {
  return Object.fromEntries(KINDS.map((kind) => [kind, on(kind) ? 1 : 0]))
}

function generate(seed: number, options: Partial<GenerateFaultsOptions> = {}): readonly FaultStep[] {
  const random = createRandom(seed, 'faults')
  return generateFaults({
    random,
    nodes,
    durationMs: DURATION,
    roles: ['leader'],
    points: ['write', 'vote'],
    ...options,
  })
}

function only(kind: GeneratedFault, seeds = 10): FaultStep[] {
  return Array.from({ length: seeds }, (_, seed) =>
    generate(seed + 1, { weights: weights((each) => each === kind) }),
  )
    .flat()
    .filter(({ at }) => at < DURATION)
}

/** What a step looks like, without its numbers. */
function shapeOf(step: FaultStep): string {
  if (step.do === 'network' || step.do === 'disk')
    return `${step.do} ${Object.keys(step.change).sort().join(' ')}`
  if (step.do === 'arm') return `arm ${step.point} ${step.then.do}`
  return 'node' in step && step.node.startsWith('@') ? `${step.do} @` : step.do
}

describe('the fault atlas', () => {
  test('has what each kind draws', () => {
    const shapes = Object.fromEntries(
      KINDS.map((kind) => [kind, [...new Set(only(kind).map(shapeOf))].sort()]),
    )
    expect(shapes).toEqual({
      crash: ['crash', 'restart'],
      blackout: ['crash', 'restart'],
      pause: ['pause', 'resume'],
      partition: ['cut', 'heal', 'partition'],
      ring: ['cut', 'heal'],
      loss: ['network loss'],
      latency: ['network meanLatencyMs minLatencyMs'],
      jitter: ['network distribution'],
      bandwidth: ['network bytesPerSecond queueBytes'],
      duplicate: ['network duplicate'],
      replay: ['network replay'],
      reorder: ['network reorder reorderMs'],
      clock: ['clock'],
      skew: ['clock'],
      timers: ['timers'],
      loop: ['loop'],
      'slow-disk': ['disk slowdown'],
      hunt: ['crash @', 'cut', 'loop @', 'partition', 'pause @'],
      ambush: ['arm vote crash', 'arm vote pause', 'arm write crash', 'arm write pause'],
      wipe: ['restart', 'wipe'],
      'disk-failure': ['crash', 'disk syncFailure', 'disk writeFailure', 'restart'],
      'disk-full': ['crash', 'disk freeBytes', 'restart'],
      corruption: ['disk misdirection', 'disk readCorruption', 'disk rot'],
    })
  })

  test('draws by itself only what asks no more than to be crash-safe, and never what interfaces forbid', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 100; seed += 1) {
      for (const step of generate(seed)) if (step.at < DURATION) seen.add(shapeOf(step))
    }
    expect(seen.size).toBeGreaterThan(20)
    expect([...seen].filter((shape) => /wipe|Failure|freeBytes|rot|Corruption/.test(shape))).toEqual([])
    const everything = KINDS.flatMap((kind) => only(kind, 3))
    expect(JSON.stringify(everything)).not.toContain('shortRead')
  })

  test('says of each kind what must survive it', () => {
    for (const kind of KINDS) {
      expect(FAULT_ATLAS[kind].says.length, kind).toBeGreaterThan(10)
      expect([0, 0.5]).toContain(FAULT_ATLAS[kind].weight)
    }
  })

  test('loses or alters data on less than half of the nodes, always the same of a schedule', () => {
    const victims = new Set<string>()
    for (let seed = 1; seed <= 100; seed += 1) {
      const steps = generate(seed, { weights: weights((kind) => FAULT_ATLAS[kind].takes === 'data') })
      const hit = new Set(
        steps.flatMap((step) =>
          step.at < DURATION && (step.do === 'wipe' || step.do === 'disk') ? [step.node] : [],
        ),
      )
      expect(hit.size).toBeLessThanOrEqual(2)
      for (const node of hit) victims.add(node)
      const wiped = steps.flatMap((step) => (step.do === 'wipe' ? [step.node] : []))
      expect(new Set(wiped).size).toBe(wiped.length)
    }
    expect([...victims].sort()).toEqual(nodes)
    const pair = generate(1, {
      nodes: ['a', 'b'],
      weights: weights((kind) => FAULT_ATLAS[kind].takes === 'data'),
    })
    expect(pair.filter(({ at }) => at < DURATION)).toEqual([])
  })

  test('keeps within the number of nodes that may be down, roles, ambushes and disks included', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const takesNodes = weights((kind) => FAULT_ATLAS[kind].takes !== 'time')
      let [leader, most] = [0, 0]
      const world = createWorld({ seed, nodes, roles: () => ({ leader: nodes[leader % 5] }) })
      world.apply(generate(seed, { weights: takesNodes }))
      const failing = new Set<string>()
      world.invariant('few are down', () => {
        for (const { id, disk } of world.nodes) {
          const { writeFailure, syncFailure, freeBytes } = disk.settings
          const fails = writeFailure > 0 || syncFailure > 0 || freeBytes < Number.MAX_SAFE_INTEGER
          if (fails) failing.add(id)
          else failing.delete(id)
        }
        const out = world.nodes.filter(({ id, state }) => state !== 'up' || failing.has(id)).length
        most = Math.max(most, out)
        return out <= 2
      })
      const wander = (): void => {
        leader += 1
        world.reach(leader % 2 === 0 ? 'write' : 'vote', nodes[leader % 5] ?? 'a')
        world.schedule(37, wander)
      }
      wander()
      await world.run(DURATION + 1)
      expect(most).toBeGreaterThan(0)
      expect(world.nodes.map(({ state }) => state)).toEqual(nodes.map(() => 'up'))
    }
  })

  test('hunts and ambushes only whom and where it was told', () => {
    const none = generate(1, {
      roles: [],
      points: [],
      weights: weights((kind) => kind === 'hunt' || kind === 'ambush'),
    })
    expect(none.filter(({ at }) => at < DURATION)).toEqual([])
    const calm = Array.from({ length: 20 }, (_, seed) =>
      generate(seed, { maxDown: 0, weights: weights((kind) => kind === 'hunt' || kind === 'ambush') }),
    ).flat()
    expect(new Set(calm.filter(({ at }) => at < DURATION).map(shapeOf))).toEqual(
      new Set(['cut', 'loop @', 'partition']),
    )
  })

  test('ends with everything mended, whatever was on', async () => {
    const world = createWorld({ seed: 1, nodes: ['a', 'b'], roles: () => ({}) })
    world.apply([
      ...generate(3, { nodes: ['a', 'b'], maxDown: 2, weights: weights(() => true) }),
      { at: DURATION - 1, do: 'arm', point: 'p', then: { do: 'crash', node: 'a' } },
      { at: DURATION - 1, do: 'disk', node: 'a', change: { rot: 1, slowdown: 3 } },
      { at: DURATION - 1, do: 'loop', node: 'a', busyMs: 9 },
      { at: DURATION - 1, do: 'clock', node: 'a', skewMs: 999, rate: 2 },
    ])
    await world.run(DURATION + 1)
    world.reach('p', 'a')
    await world.run(10)
    const [a, b] = [world.node('a'), world.node('b')]
    expect([a.state, b.state]).toEqual(['up', 'up'])
    expect(a.disk.settings).toEqual(createWorld({ seed: 1, nodes: ['x'] }).node('x').disk.settings)
    expect(a.wallNow() - b.wallNow()).toBeCloseTo(0)
    const times: number[] = []
    for (const delay of [1, 1.001]) a.host.clock.after(delay, () => times.push(world.now))
    await world.run(20)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeLessThan(0.01)
  })
})
