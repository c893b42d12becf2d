/* oxlint-disable unicorn/no-thenable -- what an armed fault does is called `then`, and is never a function */
import { describe, expect, test } from 'vitest'
import type { CorePort, PreviousEnd, SteppedCore } from '../../src/cores/stepped-core.ts'
import type { CoreCluster, CoreClusterOptions } from '../../src/cores/core-cluster.ts'
import { createCoreCluster } from '../../src/cores/core-cluster.ts'
import { generateFaults } from '../../src/faults/generate-faults.ts'

type Input =
  | { readonly is: 'ping'; readonly from: string; readonly number: number }
  | { readonly is: 'pong'; readonly from: string; readonly number: number }
  | { readonly is: 'tick' }
  | { readonly is: 'written'; readonly number: number }
  | { readonly is: 'request'; readonly to: string }

const TICK: Input = { is: 'tick' }

/** Pings the others every 10 ms, writes down each answer, and answers pings. */
class Pinger implements SteppedCore<Input> {
  readonly lives: string
  answers = 0
  written = 0
  ticks: number[] = []
  #number = 0
  readonly #port: CorePort<Input>
  readonly #peers: readonly string[]

  constructor(port: CorePort<Input>, peers: readonly string[]) {
    this.#port = port
    this.#peers = peers.filter((peer) => peer !== port.id)
    this.lives = `${port.life} ${port.previous}`
    port.wakeAt(port.now() + 10, TICK)
  }

  step(now: number, input: Input): void {
    const { id } = this.#port
    if (input.is === 'tick') {
      this.ticks.push(now)
      for (const peer of this.#peers) this.#send(peer)
      this.#port.wakeAt(now + 10, TICK)
    } else if (input.is === 'ping') {
      this.#port.send(input.from, { is: 'pong', from: id, number: input.number })
    } else if (input.is === 'pong') {
      this.answers += 1
      this.#port.later(1, { is: 'written', number: input.number })
    } else if (input.is === 'written') this.written += 1
    else this.#send(input.to)
  }

  #send(to: string): void {
    this.#number += 1
    this.#port.send(to, { is: 'ping', from: this.#port.id, number: this.#number })
  }
}

const ids = ['a', 'b', 'c']

function pingers(options: Partial<CoreClusterOptions<Input, Pinger>> = {}): CoreCluster<Input, Pinger> {
  return createCoreCluster<Input, Pinger>({
    seed: 1,
    nodes: ids,
    start: (port) => new Pinger(port, ids),
    ...options,
  })
}

describe('a cluster of cores', () => {
  test('runs without a promise: messages, writes and wake-ups come in simulated time', () => {
    const cluster = pingers()
    cluster.run(1000)
    expect(cluster.now).toBe(1000)
    for (const { core } of cluster.nodes) {
      expect(core.ticks.length).toBeGreaterThanOrEqual(99)
      expect(core.answers).toBeGreaterThan(190)
      expect(core.written).toBeGreaterThan(185)
      const gaps = core.ticks.slice(1).map((tick, place) => Math.round(tick - (core.ticks[place] ?? 0)))
      expect(new Set(gaps)).toEqual(new Set([10]))
    }
    expect(new Set(cluster.nodes.map(({ core }) => core.ticks[0])).size).toBe(3)
    expect(cluster.network.stats).toMatchObject({ lost: 0, refused: 0 })
  })

  test('the same seed gives the same trace, another seed or other messages another', () => {
    const hashOf = (options: Partial<CoreClusterOptions<Input, Pinger>>): string => {
      const cluster = pingers(options)
      cluster.apply(
        generateFaults({
          random: cluster.random.fork('faults'),
          nodes: ids,
          durationMs: 2000,
          weights: { crash: 1 },
        }),
      )
      cluster.run(3000)
      return cluster.traceHash
    }
    expect(hashOf({})).toBe(hashOf({}))
    expect(hashOf({})).not.toBe(hashOf({ seed: 2 }))
    const byContent = hashOf({ hashOf: (input) => ('number' in input ? input.number : 0) })
    expect(byContent).not.toBe(hashOf({}))
  })

  test('a deadline that is put off does not wake the core, one that comes nearer does', () => {
    const log: [number, number][] = []
    const cluster = createCoreCluster<number>({
      seed: 1,
      nodes: ['a'],
      start: (port) => {
        const begin = port.now()
        port.wakeAt(begin + 100, 1)
        return {
          step: (now, input) => {
            log.push([Math.round(now - begin), input])
            if (input === 10) port.wakeAt(begin + 200, 2)
            if (input === 11) port.wakeAt(begin + 150, 3)
            if (input === 12) port.wakeAt(Number.POSITIVE_INFINITY, 4)
            if (input === 3) port.wakeAt(begin + 180, 5)
          },
        }
      },
    })
    cluster.schedule(50, () => cluster.node('a').input(10))
    cluster.schedule(120, () => cluster.node('a').input(11))
    cluster.schedule(160, () => cluster.node('a').input(12))
    cluster.run(1000)
    expect(log).toEqual([
      [50, 10],
      [120, 11],
      [150, 3],
      [160, 12],
    ])
  })

  test('a clock that runs fast wakes its core early, a late timer wakes it late', () => {
    const times = (fault: (cluster: CoreCluster<Input, Pinger>) => void): number[] => {
      const cluster = pingers()
      const [a] = cluster.nodes
      fault(cluster)
      const woken: number[] = []
      let seen = a?.core.ticks.length ?? 0
      cluster.invariant('watch', () => {
        const count = a?.core.ticks.length ?? 0
        if (count > seen) woken.push(cluster.now)
        seen = count
      })
      cluster.run(100)
      return woken
    }
    const fast = times((cluster) => cluster.fault({ at: 0, do: 'clock', node: 'a', rate: 2 }))
    expect(fast.slice(0, 3).map(Math.round)).toEqual([5, 10, 15])
    const late = times((cluster) => cluster.fault({ at: 0, do: 'timers', node: 'a', slackMs: 9 }))
    expect(late.length).toBeGreaterThan(4)
    expect(late.length).toBeLessThan(10)
    const jump = times((cluster) => cluster.fault({ at: 0, do: 'clock', node: 'a', jumpMs: 9 }))
    expect(Math.round(jump[0] ?? 0)).toBe(1)
  })

  test('a life ends in each of its ways; what it asked for never comes, and what was on the way to it neither', () => {
    const cluster = pingers()
    const node = cluster.node('a')
    const ends: string[] = [node.core.lives]
    const cases: readonly (readonly [PreviousEnd, () => void])[] = [
      ['power', () => node.crash()],
      ['kill', () => node.crash({ power: false })],
      ['wipe', () => node.wipe()],
      [
        'wipe',
        () => {
          node.crash()
          node.wipe()
        },
      ],
    ]
    for (const [, end] of cases) {
      cluster.run(55)
      const { core } = node
      end()
      const before = [core.ticks.length, core.answers, core.written]
      cluster.run(50)
      expect([node.state, core.ticks.length, core.answers, core.written]).toEqual(['down', ...before])
      node.restart()
      expect(node.core).not.toBe(core)
      ends.push(node.core.lives)
    }
    expect(ends).toEqual(['1 first', '2 power', '3 kill', '4 wipe', '5 wipe'])
    expect(cluster.network.stats.down).toBeGreaterThan(10)
    cluster.run(100)
    expect(node.core.answers).toBeGreaterThan(5)
  })

  test('pauses, slow loops, partitions, roles and armed faults work as in a world', () => {
    const cluster = pingers({ roles: () => ({ first: 'a' }) })
    cluster.apply([
      { at: 100, do: 'pause', node: '@first', forMs: 100 },
      { at: 300, do: 'partition', groups: [['@first'], ids], forMs: 100 },
      { at: 500, do: 'loop', node: 'b', busyMs: 20, forMs: 100 },
      { at: 700, do: 'arm', point: 'here', then: { do: 'crash', node: '@here' } },
    ])
    const count = (): number => cluster.node('a').core.ticks.length
    cluster.run(150)
    const paused = count()
    expect(cluster.node('a').state).toBe('paused')
    cluster.run(49)
    expect(count()).toBe(paused)
    cluster.run(51)
    expect(count()).toBeGreaterThan(paused)
    cluster.run(100)
    expect(cluster.network.connected('a', 'b')).toBe(false)
    expect(cluster.network.connected('b', 'c')).toBe(true)
    cluster.run(450)
    cluster.reach('here', 'c')
    cluster.run(1)
    expect(cluster.nodes.map(({ state }) => state)).toEqual(['up', 'up', 'down'])
    expect(cluster.network.stats.cut).toBeGreaterThan(10)
  })

  test('narrow links refuse, and replay brings old messages to later lives', () => {
    const narrow = pingers({ bytesOf: () => 100, network: { bytesPerSecond: 1000, queueBytes: 300 } })
    narrow.run(1000)
    expect(narrow.network.stats.refused).toBeGreaterThan(100)
    const replaying = pingers({ network: { replay: 0.5 } })
    replaying.run(1000)
    const { replayed, sent, delivered } = replaying.network.stats
    expect(replayed / sent).toBeCloseTo(0.5, 1)
    expect(delivered).toBeGreaterThan(1.3 * sent)
  })

  test('invariants are looked at after every step, and failures carry the seed', () => {
    const cluster = pingers()
    cluster.invariant('few answers', () => cluster.node('b').core.answers < 10)
    expect(() => cluster.run(1000)).toThrow(/invariant broken: few answers\n\(seed 0x1, at .* ms/)
    expect(cluster.node('b').core.answers).toBe(10)
    expect(() => pingers().runUntil(() => false, { withinMs: 10 })).toThrow(
      /not reached within 10 simulated ms/,
    )
    const reached = pingers()
    reached.runUntil(() => reached.node('c').core.answers === 7)
    expect(reached.node('c').core.answers).toBe(7)
    expect(() => pingers({ maxEvents: 10 }).run(1000)).toThrow(/more than 10 events/)
    expect(() => pingers({ nodes: ['a', 'a'] })).toThrow(/such a node already/)
    expect(() => pingers().node('x')).toThrow(/no node 'x'/)
  })

  test('a request is the next thing that happens to a node, but not while it is paused, and never to one that is down', () => {
    const cluster = pingers()
    const node = cluster.node('a')
    node.pause()
    node.input({ is: 'request', to: 'b' })
    cluster.run(5)
    expect(cluster.network.stats.sent).toBe(0)
    node.resume()
    cluster.run(0)
    expect(cluster.network.stats.sent).toBe(1)
    node.crash()
    node.input({ is: 'request', to: 'b' })
    cluster.run(0)
    expect(cluster.network.stats.sent).toBe(1)
  })

  test('counts the states that it goes through', () => {
    const cluster = pingers({ states: { every: 1, fingerprint: () => Math.floor(cluster.now / 100) } })
    cluster.run(1000)
    expect(cluster.stats.states.size).toBeGreaterThanOrEqual(10)
    expect(cluster.stats.lines.deliver).toBe(cluster.network.stats.delivered)
  })
})
