import { describe, expect, onTestFinished, test } from 'vitest'
import type { FaultStep } from '../../../src/index.ts'
import {
  createProxyNetwork,
  createRealNemesis,
  machineClock,
  type ProcessState,
  type RealNode,
} from '../../../src/node/index.ts'

/** A node that only notes what is done to it. Its starts take until `ready` is called. */
class NotingNode implements RealNode {
  readonly done: string[] = []
  state: ProcessState = 'up'
  ready: () => void = () => {}
  isSlow = false

  async kill(): Promise<void> {
    this.done.push('kill')
    this.state = 'down'
    await Promise.resolve()
  }

  async restart(): Promise<void> {
    this.done.push('restart')
    if (this.isSlow) await new Promise<void>((resolve) => (this.ready = resolve))
    this.state = 'up'
    this.done.push('ready')
  }

  pause(): void {
    this.done.push('pause')
    this.state = 'paused'
  }

  resume(): void {
    this.done.push('resume')
    this.state = 'up'
  }

  async wipe(): Promise<void> {
    this.done.push('wipe')
    await Promise.resolve()
  }
}

const two = (): { a: NotingNode; b: NotingNode } => ({ a: new NotingNode(), b: new NotingNode() })

describe('a nemesis', () => {
  test('keeps its timetable, ends included, whatever the order of the list', async () => {
    const nodes = two()
    const nemesis = createRealNemesis({ nodes })
    const startedAtMs = machineClock.now()
    await nemesis.run(
      [
        { at: 60, do: 'crash', node: 'a' },
        { at: 20, do: 'pause', node: 'b', forMs: 60 },
        { at: 90, do: 'restart', node: 'a' },
      ],
      { startedAtMs },
    )
    const times = nemesis.steps.map(({ step, atMs }) => [step.do, step.at, atMs - startedAtMs] as const)
    expect(times.map(([kind, at]) => [kind, at])).toEqual([
      ['pause', 20],
      ['crash', 60],
      ['resume', 80],
      ['restart', 90],
    ])
    for (const [, at, real] of times) expect(real).toBeGreaterThanOrEqual(at)
    expect([nodes.a.done, nodes.b.done]).toEqual([
      ['kill', 'restart', 'ready'],
      ['pause', 'resume'],
    ])
  })

  test('does nothing where a step makes no sense, and says so', async () => {
    const nodes = two()
    const nemesis = createRealNemesis({ nodes, roles: () => ({ leader: undefined }) })
    const steps: FaultStep[] = [
      { at: 1, do: 'restart', node: 'a' },
      { at: 2, do: 'resume', node: 'a' },
      { at: 3, do: 'crash', node: '@leader' },
      { at: 4, do: 'partition', groups: [] },
      { at: 5, do: 'clock', node: 'a', jumpMs: 5 },
      // oxlint-disable-next-line unicorn/no-thenable -- the name of a field of a step; nobody awaits this
      { at: 6, do: 'arm', point: 'write', then: { do: 'crash', node: 'a' } },
    ]
    await nemesis.run(steps)
    expect(nodes.a.done).toEqual([])
    expect(nemesis.steps.map(({ skipped }) => skipped)).toEqual([
      expect.stringContaining('not down'),
      expect.stringContaining('not paused'),
      expect.stringContaining('nobody has that role'),
      expect.stringContaining('no network'),
      expect.stringContaining("'clock' cannot be done"),
      expect.stringContaining('reaches no points'),
    ])
  })

  test('finds who has a role when the time comes', async () => {
    const nodes = two()
    let leader = 'a'
    const nemesis = createRealNemesis({ nodes, roles: () => ({ leader }) })
    await nemesis.perform({ at: 0, do: 'pause', node: '@leader' })
    leader = 'b'
    await nemesis.perform({ at: 0, do: 'wipe', node: '@leader' })
    expect([nodes.a.done, nodes.b.done]).toEqual([['pause'], ['kill', 'wipe']])
    expect(nemesis.steps.map(({ step }) => step)).toMatchObject([{ node: 'a' }, { node: 'b' }])
  })

  test('does one thing after the other to one node, and waits for nobody else', async () => {
    const nodes = two()
    nodes.a.isSlow = true
    nodes.a.state = 'down'
    const nemesis = createRealNemesis({ nodes })
    const running = nemesis.run([
      { at: 0, do: 'restart', node: 'a' },
      { at: 1, do: 'crash', node: 'a' },
      { at: 2, do: 'crash', node: 'b' },
    ])
    await expect.poll(() => nodes.b.done).toEqual(['kill'])
    expect(nodes.a.done).toEqual(['restart'])
    nodes.a.ready()
    await running
    expect(nodes.a.done).toEqual(['restart', 'ready', 'kill'])
  })

  test('mends everything', async () => {
    const nodes = two()
    const network = await createProxyNetwork(['a', 'b'])
    onTestFinished(async () => await network.close())
    const nemesis = createRealNemesis({ nodes, network })
    await nemesis.run([
      { at: 0, do: 'cut', links: [['a', 'b']] },
      { at: 0, do: 'crash', node: 'a' },
      { at: 0, do: 'pause', node: 'b' },
    ])
    await nemesis.mend()
    expect([nodes.a.done.at(-1), nodes.b.done.at(-1)]).toEqual(['ready', 'resume'])
    expect([nodes.a.state, nodes.b.state]).toEqual(['up', 'up'])
  })

  test('can be ended early', async () => {
    const nodes = two()
    const abort = new AbortController()
    const running = createRealNemesis({ nodes }).run([{ at: 60_000, do: 'crash', node: 'a' }], {
      signal: abort.signal,
    })
    abort.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    expect(nodes.a.done).toEqual([])
  })

  test('passes on why a node could not be started, at once', async () => {
    const nodes = two()
    nodes.a.restart = async () => await Promise.reject(new Error('no port'))
    nodes.a.state = 'down'
    const nemesis = createRealNemesis({ nodes })
    const steps: FaultStep[] = [
      { at: 0, do: 'restart', node: 'a' },
      { at: 60_000, do: 'crash', node: 'b' },
    ]
    await expect(nemesis.run(steps)).rejects.toThrow('no port')
    expect(nodes.b.done).toEqual([])
  })

  test('refuses a timetable that names an unknown node, before it does anything', async () => {
    const nodes = two()
    const nemesis = createRealNemesis({ nodes })
    const steps: FaultStep[] = [
      { at: 0, do: 'crash', node: 'a' },
      { at: 0, do: 'crash', node: 'z' },
    ]
    await expect(nemesis.run(steps)).rejects.toMatchObject({ code: 'TESTING_INVALID_OPTION' })
    await expect(nemesis.run([{ at: -1, do: 'crash', node: 'a' }])).rejects.toThrow(/at of 'crash'/)
    expect(nodes.a.done).toEqual([])
  })
})
