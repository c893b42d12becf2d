import type { Random } from '@colony/host'
import {
  type ClientCall,
  type ClientOperation,
  type DrawnFor,
  TestingError,
  type Workload,
} from '@colony/testing'
import type { Capabilities, Claim } from '../../src/index.ts'
import { hold, type HoldPlan } from './hold.ts'
import { type ClientService, isClient, type LockRun } from './lock-run.ts'

type Call = ClientCall<ClientService | undefined, LockRun>

const MUTEXES = ['m1', 'm2', 'm3']
/** How many permits the semaphores have. */
const PERMITS = 3

/** Clients that take locks, hold them for a while, and give them back, or do not. */
export function lockWorkload({ capabilities }: { readonly capabilities: Capabilities }): Workload {
  return {
    clients: 6,
    gapMs: [10, 300],
    timeoutMs: 20_000,
    next: (random, about) => {
      const node = drawClient(random, about)
      return { f: 'hold', value: { ...drawPlan(random, capabilities) }, ...(node !== undefined && { node }) }
    },
  }
}

function drawClient(random: Random, { nodes }: DrawnFor): string | undefined {
  const clients = nodes.filter(isClient)
  return clients.length === 0 ? undefined : clients[random.integer(0, clients.length - 1)]
}

function drawPlan(random: Random, capabilities: Capabilities): HoldPlan {
  const ttl = random.integer(200, 1500)
  return {
    claims: drawClaims(random, capabilities),
    ttl,
    // Half of them try once; nobody waits for ever, since a wait that does not end is a finding.
    wait: random.float() < 0.25 ? 0 : random.integer(1, 4000),
    // Some are held beyond their time.
    holdMs: random.float() < 0.7 ? random.integer(0, ttl) : random.integer(ttl, 3 * ttl),
    autoExtend: random.float() < 0.4,
    forgets: random.float() < 0.1,
    ...(random.float() < 0.15 && { abortMs: random.integer(0, 300) }),
  }
}

function drawClaims(random: Random, { shared, semaphore }: Capabilities): readonly Claim[] {
  const choice = random.float()
  if (shared && choice < 0.2) {
    return [{ key: 'rw', shared: random.float() < 0.6, permits: 1, limit: 1 }]
  }
  if (semaphore && choice > 0.8) {
    return [{ key: 'sem', shared: false, permits: random.integer(1, PERMITS), limit: PERMITS }]
  }
  const count = random.float() < 0.75 ? 1 : 2
  const first = random.integer(0, MUTEXES.length - 1)
  const keys = Array.from({ length: count }, (_, at) => MUTEXES[(first + at) % MUTEXES.length] ?? 'm1')
  return keys.toSorted().map((key) => ({ key, shared: false, permits: 1, limit: 1 }))
}

export async function perform({ run, node, operation }: Call): Promise<unknown> {
  if (!isClient(node.id)) throw new NoClient(`${node.id} takes no locks`)
  const { incarnation } = node
  return await node.call(async (service) => {
    if (service === undefined) throw new NoClient(`${node.id} takes no locks`)
    const holder = { id: node.id, incarnation, clock: node.host.clock }
    return await hold(run, holder, service, operation.value as HoldPlan)
  })
}

class NoClient extends Error {}

/** Histories of locks are made of what holders saw: an operation that came to nothing is not looked at. */
export function classify(error: unknown, _operation: ClientOperation): 'fail' | 'unknown' {
  return error instanceof TestingError && error.code === 'TESTING_NODE_CRASHED' ? 'unknown' : 'fail'
}
