import { type Bench, progress } from '../bench.ts'
import { besides, type Methods, Worker } from '../measure/child.ts'
import { describeMachine } from '../measure/machine.ts'
import { Rests } from '../measure/rests.ts'
import { type AgentsRow, measureAgents } from './agents.ts'
import { formatGossipReport, type GossipFigures } from './report.ts'
import { HOW_TO_GET_SERF, serfVersion } from './serf.ts'
import type { SimulationServer } from './simulation-server.ts'

const PARTS = ['idle', 'nodes', 'join', 'detection', 'hour', 'agents', 'transport'] as const
const REST_MS = 2000
const HOUR_SECONDS = 3600
/** A thousand simulated nodes, or a hundred real ones, on a busy machine. */
const PATIENCE_MS = 1_800_000

/** Membership: what idling costs, how soon all know all, how soon a crash is known. */
export const gossipBench: Bench = {
  summary: 'what idling costs, how soon all know all and how soon a crash is known; beside serf.',
  parts: [...PARTS],
  async run({ seconds, only, scratch, command }) {
    const rests = new Rests()
    const wanted = async (part: (typeof PARTS)[number]): Promise<boolean> => {
      if (only.length > 0 && !only.includes(part)) return false
      await rests.rest(REST_MS)
      progress(part)
      return true
    }
    const machine = describeMachine(scratch)
    const figures: GossipFigures = {
      bench: 'gossip',
      ...{ machine, command, seconds },
      serf: serfVersion(),
      idle: (await wanted('idle')) ? await measureIdles() : [],
      nodes: (await wanted('nodes')) ? await measureAllNodes(seconds) : [],
      join: (await wanted('join')) ? await measureJoins() : [],
      detection: (await wanted('detection')) ? await measureDetections() : [],
      hour: (await wanted('hour')) ? [await call('hour', { members: 1000, seconds: HOUR_SECONDS })] : [],
      agents: (await wanted('agents')) ? await measureAllAgents(seconds) : [],
      ...((await wanted('transport')) ? await measureTransport(seconds) : { datagrams: [], sealing: [] }),
      otherLoad: rests.otherLoad,
    }
    return { figures, markdown: formatGossipReport(figures) }
  },
}

async function measureIdles(): Promise<GossipFigures['idle']> {
  return [
    await call('idle', { members: 10 }),
    await call('idle', { members: 100 }),
    await call('idle', { members: 1000 }),
  ]
}

async function measureAllNodes(seconds: number): Promise<GossipFigures['nodes']> {
  const options = { members: 100, seconds: 5 * seconds }
  return [
    await call('nodes', { ...options, sealed: false }),
    await call('nodes', { ...options, sealed: true }),
    await call('bareSockets', options),
  ]
}

async function measureJoins(): Promise<GossipFigures['join']> {
  return [
    await call('join', { members: 100, loss: 0, seeds: 10 }),
    await call('join', { members: 100, loss: 0.1, seeds: 10 }),
    await call('join', { members: 1000, loss: 0, seeds: 1 }),
  ]
}

async function measureDetections(): Promise<GossipFigures['detection']> {
  return [
    await call('detection', { members: 10, loss: 0, crashes: 5 }),
    await call('detection', { members: 100, loss: 0, crashes: 20 }),
    await call('detection', { members: 100, loss: 0.1, crashes: 20 }),
    await call('detection', { members: 100, loss: 0.3, crashes: 20 }),
    await call('detection', { members: 500, loss: 0, crashes: 5 }),
  ]
}

async function measureAllAgents(seconds: number): Promise<readonly AgentsRow[]> {
  if (serfVersion() === undefined) progress(`serf is not installed: ${HOW_TO_GET_SERF}`)
  return await measureAgents(5 * seconds, serfVersion() !== undefined)
}

async function measureTransport(seconds: number): Promise<Pick<GossipFigures, 'datagrams' | 'sealing'>> {
  const [small, large] = [
    { seconds, bytes: 40 },
    { seconds, bytes: 1200 },
  ]
  return {
    datagrams: [...(await call('datagrams', small)), ...(await call('datagrams', large))],
    sealing: [...(await call('sealing', small)), ...(await call('sealing', large))],
  }
}

/** Measures in a process of its own. */
async function call<Name extends keyof SimulationServer & string>(
  method: Name,
  argument: Parameters<SimulationServer[Name]>[0],
): Promise<Awaited<ReturnType<SimulationServer[Name]>>> {
  await using worker = new Worker<SimulationServer & Methods>(besides(import.meta.url, 'simulation-server'))
  return (await worker.call(method, argument as never, PATIENCE_MS)) as Awaited<
    ReturnType<SimulationServer[Name]>
  >
}
