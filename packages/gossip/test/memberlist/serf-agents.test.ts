import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinSerf, SerfKeyring, type SerfNode, type SerfOptions } from '../../src/memberlist/index.ts'
import { eventually, MutableTransport } from './node/sockets.ts'
import { NO_SERF, SerfAgent, serfProgram, serfRequired } from './serf-agent.ts'

const NAMES = ['s1', 's2', 's3']
const LIMIT_MS = 150_000
/**
 * How long news may take. In a cluster as small as these an agent sends each piece twice only, and whoever is not among those two gets it
 * with the next exchange of everything, every 15 s with one of the others.
 */
const NEWS_MS = 45_000

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'colony-serf-'))
})
afterAll(async () => await rm(root, { recursive: true, force: true }))

/** Three agents of a test's own, and how to join them. They are ended with the test. */
class World implements AsyncDisposable {
  readonly agents: SerfAgent[]
  readonly #nodes: SerfNode[] = []

  constructor(agents: SerfAgent[]) {
    this.agents = agents
  }

  static async start(key?: string): Promise<World> {
    return new World(await SerfAgent.startMany(NAMES, await mkdtemp(join(root, 'agents-')), key))
  }

  /** A node of ours that joins through the first agent. */
  async join(options: Partial<SerfOptions> = {}): Promise<SerfNode> {
    const seeds = [this.agents[0]!.address]
    const node = await joinSerf({ name: 'colony', bind: '127.0.0.1:0', seeds, profile: 'local', ...options })
    this.#nodes.push(node)
    return node
  }

  /** Waits until all agents see a member so. */
  async shows(name: string, status: string, withinMs = NEWS_MS): Promise<void> {
    for (const agent of this.agents) {
      await eventually(
        () => agent.status(name),
        (seen) => seen === status,
        withinMs,
      )
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      ...this.#nodes.map((node) => node.close()),
      ...this.agents.map((a) => a[Symbol.asyncDispose]()),
    ])
  }
}

function statusOf(node: SerfNode, id: string): string {
  return node.members().find((member) => member.id === id)?.status ?? 'unknown'
}

const skipped = serfProgram === undefined && !serfRequired

// All at once: most of their time is spent waiting for timeouts of the protocol.
describe.skipIf(skipped)(
  `a node among real agents of Serf${skipped ? ` (${NO_SERF})` : ''}`,
  { concurrent: true },
  () => {
    it(
      'is a member for a minute of probes, with tags, events and queries, and leaves as one that has left',
      { timeout: LIMIT_MS },
      async () => {
        await using world = await World.start()
        const [first, second, third] = world.agents as [SerfAgent, SerfAgent, SerfAgent]
        const node = await world.join({ tags: { role: 'web', lang: 'ts' } })
        const begin = performance.now()
        const suspected: string[] = []
        node.on('suspect', ({ member, from }) => suspected.push(`${member.id} by ${from}`))
        node.on('failed', ({ member }) => suspected.push(`${member.id} failed`))

        // On an agent that was never contacted.
        const seen = await eventually(
          async () => (await third.members()).find(({ name }) => name === 'colony'),
          (member) => member?.status === 'alive',
          NEWS_MS,
        )
        expect(seen?.tags).toEqual({ role: 'web', lang: 'ts' })
        expect(
          node
            .members()
            .map(({ id }) => id)
            .sort(),
        ).toEqual(['colony', ...NAMES])

        node.setTags({ role: 'db' })
        await eventually(
          async () => (await second.members()).find(({ name }) => name === 'colony')?.tags['role'],
          (role) => role === 'db',
          NEWS_MS,
        )

        const heard: string[] = []
        node.on('event', ({ name, payload }) => heard.push(`${name} ${Buffer.from(payload).toString()}`))
        await third.command('event', 'deploy', 'v1')
        await eventually(
          () => heard,
          (events) => events.includes('deploy v1'),
          NEWS_MS,
        )
        node.event('hello', 'from colony')
        for (const agent of world.agents) {
          await eventually(
            () => agent.events(),
            (events) => events.includes('hello from colony'),
            NEWS_MS,
          )
        }

        node.on('query', ({ name, from, respond }) => respond(`${name} asked by ${from}`))
        await second.insist("Response from 'colony': what asked by s2", 'query', '-tag=role=d.', 'what')
        // Nobody who is asked has a handler for it, but all who are not would.
        expect(await node.query('nobody', '', { to: ['s1'], timeoutMs: 300 })).toEqual([])
        await first.insist('Successfully contacted all live nodes', 'reachability')

        while (performance.now() - begin < 60_000) {
          expect(await first.status('colony')).toBe('alive')
          await new Promise((resolve) => setTimeout(resolve, 2_000))
        }
        expect(suspected).toEqual([])
        expect(node.healthScore).toBe(0)
        expect(node.counts()['refuted']).toBeUndefined()
        expect(heard).toEqual(['deploy v1', 'hello from colony'])

        await node.leave()
        await world.shows('colony', 'left')
      },
    )

    it(
      'refutes a suspicion after it was deaf and mute for three seconds',
      { timeout: LIMIT_MS },
      async () => {
        await using world = await World.start()
        const transport = new MutableTransport()
        const node = await world.join({ transport })
        await world.shows('colony', 'alive')
        transport.muted = true
        await new Promise((resolve) => setTimeout(resolve, 3_200))
        transport.muted = false
        await eventually(
          () => node.counts()['refuted'] ?? 0,
          (count) => count > 0,
          NEWS_MS,
        )
        await world.shows('colony', 'alive')
        // And stays so.
        await new Promise((resolve) => setTimeout(resolve, 3_000))
        await world.shows('colony', 'alive', 1_000)
        await eventually(
          () => NAMES.map((name) => statusOf(node, name)),
          (all) => all.every((status) => status === 'alive'),
          NEWS_MS,
        )
      },
    )

    it('sees a killed agent as failed and a leaving one as left', { timeout: LIMIT_MS }, async () => {
      await using world = await World.start()
      const [, second, third] = world.agents as [SerfAgent, SerfAgent, SerfAgent]
      const node = await world.join()
      const news: string[] = []
      node.on('failed', ({ member }) => news.push(`${member.id} failed`))
      node.on('leave', ({ member }) => news.push(`${member.id} left`))
      await world.shows('colony', 'alive')
      await third.command('leave')
      await eventually(
        () => statusOf(node, 's3'),
        (status) => status === 'left',
        120_000,
      )
      second.signal('SIGKILL')
      await eventually(
        () => statusOf(node, 's2'),
        (status) => status === 'failed',
        40_000,
      )
      // An agent tells its intent in two datagrams; who misses both sees its farewell first, takes it for failed, and is put right by the others.
      expect(news.filter((line) => line.startsWith('s3')).at(-1)).toBe('s3 left')
      expect(news.filter((line) => line.startsWith('s2'))).toEqual(['s2 failed'])
      // An operator's word for it, which the agent that is left hears.
      node.remove('s2')
      await eventually(
        () => world.agents[0]!.status('s2'),
        (status) => status === 'left',
        NEWS_MS,
      )
      await eventually(
        () => statusOf(node, 's2'),
        (status) => status === 'left',
        1_000,
      )
    })

    it('does all that with encryption, and follows a change of keys', { timeout: LIMIT_MS }, async () => {
      const key = Buffer.alloc(32, 7).toString('base64')
      const next = Buffer.alloc(16, 9).toString('base64')
      await using world = await World.start(key)
      const [first, second] = world.agents as [SerfAgent, SerfAgent]
      for (const keys of [undefined, [next]]) {
        const joining = world.join({ name: 'stranger', joinTimeoutMs: 1_500, ...(keys && { keys }) })
        await expect(joining).rejects.toThrowError(expect.objectContaining({ code: 'GOSSIP_NOT_READY' }))
      }
      const keyring = new SerfKeyring([key])
      const node = await world.join({ keys: keyring, tags: { lang: 'ts' } })
      await world.shows('colony', 'alive')
      expect(await second.status('stranger')).toBe('unknown')

      const heard: string[] = []
      node.on('event', ({ name }) => heard.push(name))
      const changes: string[] = []
      node.on('keys', ({ change }) => changes.push(change))
      await second.command('event', 'before')
      node.event('ours', 'sealed')
      await eventually(
        () => heard,
        (events) => events.includes('before'),
        NEWS_MS,
      )
      await eventually(
        () => second.events(),
        (events) => events.includes('ours sealed'),
        NEWS_MS,
      )

      await first.insist('', 'keys', `-install=${next}`)
      await first.insist('', 'keys', `-use=${next}`)
      await first.insist('', 'keys', `-remove=${key}`)
      expect([...new Set(changes)]).toEqual(['install', 'use', 'remove'])
      expect(keyring.keys).toEqual([next])
      await first.insist(`${next}  [4/4]`, 'keys', '-list')
      node.event('after')
      await eventually(
        () => first.events(),
        (events) => events.some((event) => event.startsWith('after')),
        NEWS_MS,
      )
      await node.leave()
      await world.shows('colony', 'left')
    })

    it(
      'is no member, and has none, where it has a label and they have not',
      { timeout: LIMIT_MS },
      async () => {
        await using world = await World.start()
        const joining = world.join({ label: 'blue', joinTimeoutMs: 4_000 })
        await expect(joining).rejects.toThrowError(expect.objectContaining({ code: 'GOSSIP_NOT_READY' }))
        for (const agent of world.agents) expect(await agent.status('colony')).toBe('unknown')

        // An agent that is told to join a labelled node is not let in either.
        const labelled = await world.join({ label: 'blue', seeds: [] })
        await expect(world.agents[0]!.command('join', labelled.address)).rejects.toThrowError()
        expect(labelled.members().map(({ id }) => id)).toEqual(['colony'])
        expect(labelled.counts()['wrong-label']).toBeGreaterThan(0)
      },
    )
  },
)
