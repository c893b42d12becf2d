import type { Random } from '@colony/host'
import {
  checkLinearizable,
  type Conditions,
  mutexModel,
  type SimulatedNode,
  type Suite,
} from '@colony/testing'
import { createLocks } from '../../src/index.ts'
import type { BackendModel } from './backend-model.ts'
import { drawFaults } from './faults.ts'
import { mutexHistory } from './judge/mutex-history.ts'
import { ClientLinks } from './links/client-links.ts'
import { type ClientService, isClient, LockRun, nodesOf, type Run, STORE } from './lock-run.ts'
import { classify, lockWorkload, perform } from './operations.ts'
import { startStore } from './store.ts'

const DURATION_MS = 10_000
/** Longer than any lock of the workload lasts, with its extensions, and than servers take to notice that a client is gone. */
const DRAIN_MS = 20_000

/** States that every model reaches. */
const SOMETIMES = ['a holder lost its lock']

/** Three processes that take locks of a backend, on the unchanged `createLocks`, while everything goes wrong that the backend promises to survive. */
export function lockSuite(
  model: BackendModel,
  capabilities: Parameters<typeof lockWorkload>[0]['capabilities'],
): Suite<ClientService | undefined, LockRun> {
  return {
    name: model.name,
    nodes: nodesOf(model),
    durationMs: DURATION_MS,
    conditions: (random) => drawConditions(model, random),
    faults: (random, nodes, durationMs) => drawFaults(model, random, nodes, durationMs),
    state: (scenario, world) => new LockRun(model, scenario, world),
    boot: (node, run) => boot(model, node, run),
    workload: lockWorkload({ capabilities }),
    perform,
    classify,
    sometimes: [...SOMETIMES, ...(model.sometimes ?? [])],
    leastOk: model.leastOk ?? 5,
    quorum: false,
    progress: 2,
    serving: (_run, core) => core.filter(isClient),
    convergeWithinMs: 60_000,
    checks: {
      'every acquisition comes to an end': everythingEnds,
      'histories of mutexes with tokens are linearizable': historiesAreLinearizable,
      'nothing is left on the servers': nothingIsLeft,
    },
    world: { maxEvents: 400_000 },
  }
}

function drawConditions(model: BackendModel, random: Random): Conditions {
  return {
    ...(random.float() < 0.5 && { network: { meanLatencyMs: random.integer(2, 20) } }),
    settings: { ...model.settings?.(random.fork('model')) },
  }
}

/** Starts whatever runs on a node. */
async function boot(
  model: BackendModel,
  node: SimulatedNode<never>,
  run: Run,
): Promise<ClientService | undefined> {
  await node.host.open(node.id)
  if (node.id === STORE) {
    startStore(node, run)
    return undefined
  }
  if (!isClient(node.id)) {
    await model.server?.({ node, run })
    return undefined
  }
  const { clock, random } = node.host
  const links = new ClientLinks(node, run.world as never)
  const backend = await model.client({ node, run, links })
  const locks = createLocks(backend, { clock, random: random.fork('locks') })
  return { backend, locks, store: links.open(STORE) }
}

/** Every wait of the workload is finite, so nobody waits any more. */
async function everythingEnds({ world, state }: Run): Promise<void> {
  await world.run(DRAIN_MS)
  for (const [name, { node, incarnation }] of state.pending)
    if (state.lives({ id: node, incarnation })) throw new Error(`${name} still waits`)
}

function historiesAreLinearizable({ state, world }: Run): void {
  if (!state.model.promises.exclusion) return
  for (const hold of state.holds)
    if (hold.releasingAt > world.now) hold.endedAt = Math.min(hold.endedAt, world.now)
  const { verdict, witness } = checkLinearizable(mutexModel(), mutexHistory(state.holds))
  if (verdict === 'ok' || verdict === 'unknown') return
  throw new Error(`no order explains ${JSON.stringify(witness)}`)
}

function nothingIsLeft(run: Run): void {
  const left = run.state.model.leftovers?.(run) ?? []
  if (left.length > 0) throw new Error(`still there: ${left.join(', ')}`)
}
