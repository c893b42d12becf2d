import { createRandom } from '@colony/host'
import { mendEverything, type FaultStep, type PlainFault, type World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import { RaftError, type Raft } from '../../src/index.ts'
import { startCluster, type Node, type Register } from './simulated.ts'

const FIVE = ['a', 'b', 'c', 'd', 'e']
const SEEDS = 20
/** How often calls are looked through for deadlines. */
const SWEEP_MS = 50
/** Longer than anything here takes. */
const NO_HURRY_MS = 60_000
/**
 * Followers find out that their leader is gone after one to two election timeouts of 400 ms, and again when votes are split; then who leads now has to be known everywhere, and
 * changes of members need some rounds and retries.
 */
const ANSWERED_MS = 2000

/** A call that was under way when something happened, and how it ended. */
interface Call {
  readonly node: string
  readonly what: string
  readonly begunAt: number
  endedAt: number
  error: unknown
}

/** Every kind of call that can wait. */
const CALLS: Readonly<Record<string, (raft: Raft<Register>, timeoutMs: number) => Promise<unknown>>> = {
  propose: (raft, timeoutMs) => raft.propose({ add: 1 }, { timeoutMs }),
  'propose with a key': (raft, timeoutMs) =>
    raft.propose({ add: 1 }, { timeoutMs, idempotencyKey: `key of ${raft.id}` }),
  read: (raft, timeoutMs) => raft.read((machine) => machine.value, { timeoutMs }),
  'bounded read': (raft, timeoutMs) =>
    raft.read((machine) => machine.value, { timeoutMs, consistency: 'bounded', maxStalenessMs: 1 }),
  'read after': (raft, timeoutMs) =>
    raft.read((machine) => machine.value, { timeoutMs, after: raft.status().lastIndex + 1 }),
  transfer: (raft, timeoutMs) => raft.transferLeadership(undefined, { timeoutMs }),
  members: (raft, timeoutMs) => raft.members.add('f', undefined, { role: 'learner', timeoutMs }),
}

function begin(world: World<Raft<Register>>, node: Node, what: string, timeoutMs: number): Call {
  const { id, service } = node
  const call: Call = {
    ...{ node: id, what, begunAt: world.now, endedAt: Number.POSITIVE_INFINITY, error: undefined },
  }
  const work = service === undefined ? undefined : CALLS[what]?.(service, timeoutMs)
  const end = (error?: unknown): void => {
    call.endedAt = world.now
    call.error = error
  }
  work?.then(() => end(), end)
  return call
}

/** What is done to a cluster with calls under way, and for how long: after that all is mended. */
interface Trouble {
  readonly fault: (leader: string, others: readonly string[]) => PlainFault
  readonly lastsMs: number
  /** Who can't reach a majority, or be reached by one, until all is mended. */
  readonly away: (leader: string, others: readonly string[]) => readonly string[]
}

const AT = { at: 0 } as const
const TROUBLE: Readonly<Record<string, Trouble>> = {
  'kill -9 of the leader': {
    fault: (node) => ({ ...AT, do: 'crash', node, power: false }),
    lastsMs: 5000,
    away: () => [],
  },
  'kill -9 of a follower': {
    fault: (_, [node = '']) => ({ ...AT, do: 'crash', node, power: false }),
    lastsMs: 5000,
    away: () => [],
  },
  'SIGSTOP of the leader': {
    fault: (node) => ({ ...AT, do: 'pause', node }),
    lastsMs: 4000,
    away: (leader) => [leader],
  },
  'a leader cut off': {
    fault: (leader, others) => ({ ...AT, do: 'partition', groups: [[leader], others] }),
    lastsMs: 4000,
    away: (leader) => [leader],
  },
  'a leader with one follower cut off': {
    fault: (leader, [mate = '', ...rest]) => ({ ...AT, do: 'partition', groups: [[leader, mate], rest] }),
    lastsMs: 4000,
    away: (leader, [mate = '']) => [leader, mate],
  },
  'a leader that hears nobody': {
    fault: (leader, others) => ({ ...AT, do: 'cut', links: others.map((id) => [id, leader] as const) }),
    lastsMs: 4000,
    away: (leader) => [leader],
  },
  'a leader that nobody hears': {
    fault: (leader, others) => ({ ...AT, do: 'cut', links: others.map((id) => [leader, id] as const) }),
    lastsMs: 4000,
    away: (leader) => [leader],
  },
}

interface Seen {
  readonly world: World<Raft<Register>>
  /** Those of nodes that are up. */
  readonly calls: readonly Call[]
  readonly faultAt: number
  readonly mendedAt: number
  readonly away: readonly string[]
}

/** Every kind of call at every node, then the trouble in the middle of them, then its end, then so much time. */
async function during(
  { fault, lastsMs, away }: Trouble,
  seed: number,
  timeoutMs: number,
  afterMs: number,
): Promise<Seen> {
  const { world, leader, followers } = await startCluster(seed, FIVE)
  const random = createRandom(seed, 'calls')
  await world.run(random.integer(1, 200))
  // In half of the seeds nothing but proposals and reads, so that nobody else changes who leads.
  const kinds = Object.keys(CALLS).filter((what) => seed % 2 === 0 || OF_CLIENTS.includes(what))
  const calls = world.nodes.flatMap((node) => kinds.map((what) => begin(world, node, what, timeoutMs)))
  await world.run(random.float() * 3)
  const faultAt = world.now
  const others = followers.map(({ id }) => id)
  world.fault(fault(leader.id, others))
  await world.run(lastsMs)
  const mendedAt = world.now
  const mend = mendEverything(FIVE, world.now).filter((step: FaultStep) => step.do !== 'restart')
  for (const step of mend) world.fault(step)
  await world.run(afterMs)
  const ofLiving = calls.filter(({ node }) => world.node(node).state === 'up')
  return { world, calls: ofLiving, faultAt, mendedAt, away: away(leader.id, others) }
}

const OF_CLIENTS: readonly string[] = ['propose', 'propose with a key', 'read', 'bounded read', 'read after']

describe.each(Object.entries(TROUBLE))('calls under way at %s', (_, trouble) => {
  it('wait no longer than they were told to', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const timeoutMs = createRandom(seed, 'timeout').integer(100, 1500)
      const { calls, mendedAt, away } = await during(trouble, seed, timeoutMs, 2 * timeoutMs)
      const isStopped = trouble.fault('', []).do === 'pause'
      for (const { begunAt, endedAt, what, node } of calls) {
        // A process that is stopped looks at its clock when it goes on.
        const from =
          isStopped && away.includes(node) ? Math.max(mendedAt, begunAt + timeoutMs) : begunAt + timeoutMs
        expect(endedAt - from, `${what} at ${node}, seed ${seed}`).toBeLessThanOrEqual(SWEEP_MS + 5)
      }
    }
  })

  it('end as soon as somebody leads again, and what is said of them is true', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { world, calls, faultAt, mendedAt, away } = await during(trouble, seed, NO_HURRY_MS, 4000)
      for (const { endedAt, what, node } of calls) {
        const from = away.includes(node) ? mendedAt : faultAt
        expect(endedAt - from, `${what} at ${node}, seed ${seed}`).toBeLessThanOrEqual(ANSWERED_MS)
      }
      await expectTrue(world, calls, seed)
    }
  })
})

/** Every node holds what was said to be applied, perhaps what nobody knows, and nothing that was refused. */
async function expectTrue(world: World<Raft<Register>>, calls: readonly Call[], seed: number): Promise<void> {
  const writes = calls.filter(({ what }) => what.startsWith('propose'))
  const count = (outcome: string | undefined): number =>
    writes.filter(({ error }) => (error instanceof RaftError ? error.outcome : undefined) === outcome).length
  const [applied, unknown, rejected] = [count(undefined), count('unknown'), count('rejected')]
  expect(applied + unknown + rejected).toBe(writes.length)
  const reader = world.nodes.find(({ service }) => service?.status().membership === 'voter')
  const read = reader?.service?.read((machine) => machine.value)
  const { value = Number.NaN } = (await world.finish(read ?? Promise.resolve(undefined))) ?? {}
  // Those of a node that died ended with it: any of its two may have been applied.
  expect(value, `seed ${seed}`).toBeGreaterThanOrEqual(applied)
  expect(value, `seed ${seed}`).toBeLessThanOrEqual(2 * FIVE.length - rejected)
}
