import type { NodeId, Random } from '@colony/host'
import { createRandom } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import { pick, roundTime } from '../faults/episode.ts'
import type { FaultStep } from '../faults/fault-step.ts'
import { generateFaults } from '../faults/generate-faults.ts'
import type { Seed } from '../run/seed.ts'
import { requirePlainData } from './plain-data.ts'
import type { ClientOperation, Scenario } from './scenario.ts'
import type { Suite, Workload } from './suite.ts'

const DEFAULT_NODES: readonly NodeId[] = ['a', 'b', 'c']
const DEFAULT_DURATION_MS = 10_000
const DEFAULT_CLIENTS = 3
const DEFAULT_GAP_MS: readonly [number, number] = [10, 100]

/** Faults are drawn for longer than they are applied, so that some are in effect when the time is over and stay so around the core. */
const FAULTS_BEYOND_THE_END = 1.25

/**
 * Draws a whole run from a seed before anything happens: nodes, conditions, what every client does and when, what goes wrong. Each part and each client draws from
 * a stream of its own.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when the suite draws something out of range, or something that is not plain data.
 * @category Scenarios
 */
export function planScenario<Service, State>(suite: Suite<Service, State>, seed: Seed): Scenario {
  const random = createRandom(seed, 'plan')
  const durationMs = requireRange('durationMs', suite.durationMs ?? DEFAULT_DURATION_MS, 1, 1e9)
  const nodes = planNodes(suite, random.fork('nodes'))
  const { settings = {}, network, disk } = suite.conditions?.(random.fork('conditions'), nodes) ?? {}
  requirePlainData('settings', settings)
  return {
    v: 1,
    suite: suite.name,
    seed,
    nodes,
    durationMs,
    ...(network !== undefined && { network }),
    ...(disk !== undefined && { disk }),
    settings,
    operations: planOperations(suite.workload, random.fork('workload'), nodes, durationMs),
    faults: planFaults(suite, random.fork('faults'), nodes, durationMs),
  }
}

function planNodes<Service, State>({ nodes }: Suite<Service, State>, random: Random): readonly NodeId[] {
  const drawn = typeof nodes === 'function' ? nodes(random) : (nodes ?? DEFAULT_NODES)
  if (drawn.length > 0 && new Set(drawn).size === drawn.length && !drawn.includes('')) return [...drawn]
  throw new TestingError(
    'TESTING_INVALID_OPTION',
    `nodes must be different ids, at least one, not ${JSON.stringify(drawn)}`,
  )
}

function planFaults<Service, State>(
  { faults }: Suite<Service, State>,
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): readonly FaultStep[] {
  const steps =
    typeof faults === 'function'
      ? faults(random, nodes, durationMs)
      : generateFaults({ ...faults, random, nodes, durationMs: durationMs * FAULTS_BEYOND_THE_END })
  return steps.filter(({ at }) => at < durationMs).toSorted((left, right) => left.at - right.at)
}

/** One client while its operations are drawn: what, when and whom it asks are streams of their own. */
interface PlannedClient {
  readonly process: number
  readonly what: Random
  readonly when: Random
  readonly whom: Random
  at: number
}

function planOperations(
  workload: Workload,
  random: Random,
  nodes: readonly NodeId[],
  durationMs: number,
): ClientOperation[] {
  const [min, max] = workload.gapMs ?? DEFAULT_GAP_MS
  requireRange('workload.gapMs', min, 0.1, 1e9)
  requireRange('workload.gapMs', max, min, 1e9)
  const clients = planClients(workload, random)
  for (const client of clients) client.at = roundTime(max * client.when.float())
  const operations: ClientOperation[] = []
  for (;;) {
    const client = clients.reduce((first, other) => (other.at < first.at ? other : first))
    if (client.at >= durationMs) return operations
    operations.push(drawOperation(workload, client, operations.length, nodes))
    client.at = roundTime(client.at + min + (max - min) * client.when.float())
  }
}

function planClients({ clients = DEFAULT_CLIENTS }: Workload, random: Random): PlannedClient[] {
  const length = Math.floor(requireRange('workload.clients', clients, 1, 1000))
  return Array.from({ length }, (_, place) => {
    const client = random.fork(`client:${place + 1}`)
    return {
      process: place + 1,
      what: client.fork('what'),
      when: client.fork('when'),
      whom: client.fork('whom'),
      at: 0,
    }
  })
}

/** Draws what a client does next. */
export function drawOperation(
  workload: Workload,
  client: Pick<PlannedClient, 'process' | 'what' | 'whom' | 'at'>,
  count: number,
  nodes: readonly NodeId[],
): ClientOperation {
  const { process, at } = client
  const anyNode = pick(client.whom, nodes)
  const { f, key, value, node = anyNode } = workload.next(client.what, { process, count, nodes })
  if (value !== undefined) requirePlainData(`value of operation '${f}'`, value)
  return {
    at,
    process,
    f,
    ...(key !== undefined && { key }),
    ...(value !== undefined && { value }),
    node,
  }
}
