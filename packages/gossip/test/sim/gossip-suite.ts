import type { NodeId, Random } from '@colony/host'
import type { Conditions, SimulatedNode, Suite } from '@colony/testing'
import { GossipCore } from '../../src/core/gossip-core.ts'
import { converged } from './agreement.ts'
import { keepsDeletions } from './deletions.ts'
import { areWell, findEachOther, missesOne, staysAgreed } from './endings.ts'
import { drawFaults } from './faults.ts'
import { CLUSTER, GossipRun, type Run, STREAM_BYTES } from './gossip-run.ts'
import { GossipService } from './gossip-service.ts'
import { classify, perform, workload } from './operations.ts'
import { SOMETIMES } from './rules/facts.ts'
import { drawSettings } from './settings.ts'

const DURATION_MS = 12_000
/** Where epochs begin: 2025-01-01, 00:00 UTC. */
const EPOCH_ORIGIN_MS = 1_735_689_600_000

/**
 * Clusters of two to seven cores on the unchanged driver, ten times as quick as they would be on a local network, watched by every rule in `rules/` after every step; then everything is mended, and all
 * must agree within what the protocol promises.
 */
export const gossipSuite: Suite<GossipService, GossipRun> = {
  name: 'gossip',
  nodes: drawNodes,
  durationMs: DURATION_MS,
  conditions: drawConditions,
  faults: drawFaults,
  state: (scenario, world) => new GossipRun(scenario, world),
  boot,
  workload,
  perform,
  classify,
  sometimes: SOMETIMES,
  leastOk: 20,
  // There is no quorum: whoever is cut off is rightly missed, and one that hears and is not heard accuses for as long as it is so.
  quorum: false,
  progress: 1,
  convergeWithinMs: 30_000,
  converged: (run) => converged(run),
  checks: {
    'all agree to the end': staysAgreed,
    'all are well when nothing is wrong': areWell,
    'two parts that lost each other find each other': findEachOther,
    'what was deleted stays so': keepsDeletions,
    'one that dies is missed, and is back in its next life': missesOne,
  },
  world: { maxEvents: 400_000 },
}

function drawNodes(random: Random): readonly NodeId[] {
  const count = random.integer(2, 7)
  return Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index))
}

function drawConditions(random: Random): Conditions {
  return {
    ...(random.float() < 0.5 && { network: { meanLatencyMs: random.integer(2, 8) } }),
    settings: { ...drawSettings(random) },
  }
}

/** Starts a node in the next epoch after the one that its disk has kept, or in that of its clock where that is later. */
async function boot(node: SimulatedNode<never>, run: Run): Promise<GossipService> {
  const { id, host, disk, incarnation } = node
  const { settings, nodes } = run.state
  await host.open(id)
  // Directories are durable when they are made: no file is needed to keep a number.
  const kept = (await disk.list('lives')).map(Number)
  const isWiped = incarnation > 1 && kept.length === 0
  const behind = isWiped ? settings.wipedClockBehindMs : 0
  if (behind > 0) run.sometimes('a wiped node came back with an older clock')
  const wrongMs = id === nodes.at(-1) ? settings.wrongClockMs : 0
  const wall = Math.floor(node.wallNow() - EPOCH_ORIGIN_MS) - behind
  const epoch = Math.max(0, wall, ...kept.map((life) => life + 1))
  await disk.makeDirectory(`lives/${epoch}`)
  run.state.onBoot(run, id, incarnation)
  const core = new GossipCore(
    {
      id,
      address: id,
      cluster: CLUSTER,
      epoch,
      random: host.random.fork('gossip'),
      timing: settings.timing,
      detector: settings.detector,
      packetBytes: settings.packetBytes,
      streamBytes: STREAM_BYTES,
      wallOffsetMs: node.wallNow() + wrongMs - host.clock.now(),
      ...(settings.zones > 0 && { zone: `z${nodes.indexOf(id) % settings.zones}` }),
      ...(settings.bandwidth !== undefined && { bandwidth: settings.bandwidth }),
      onTransition: (who, before, after, why) => run.state.onChange(id, who, before, after, why),
    },
    host.clock.now(),
  )
  const service = new GossipService(
    host,
    id,
    core,
    settings.packetBytes,
    (stepped, step) => run.state.onStep(id, stepped, step),
    (cause) => run.world.fail(cause),
  )
  const others = nodes.filter((other) => other !== id)
  const seeds = settings.oneSeed && id !== nodes[0] ? nodes.slice(0, 1) : others
  service.feed({ type: 'seeds', seeds: seeds.map((address) => ({ address })) })
  return service
}
