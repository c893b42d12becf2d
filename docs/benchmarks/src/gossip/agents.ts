import { readFileSync } from 'node:fs'
import { besides, Worker } from '../measure/child.ts'
import { median } from '../measure/percentiles.ts'
import { processCpuMicros } from '../measure/process-cpu.ts'
import type { Agent } from './agent.ts'
import { startSerf } from './serf.ts'

/** Agents of one system, each a process, on loopback. */
export interface AgentsRow {
  readonly system: string
  readonly agents: number
  /** Until each agent knew all others, from the start of the first process. */
  readonly joinMs: number
  /** Part of one processor that an idle agent takes. */
  readonly processorShare: number
  readonly residentBytes: number
  /** From `kill -9` until the first of the others says failed, and until the last does. */
  readonly firstMs: number
  readonly lastMs: number
}

/** What the two systems have in common for this. */
interface Agents {
  readonly pids: readonly number[]
  readonly joinMs: number
  /** Kills the last agent; when each of the others has declared it failed, in milliseconds since 1970. */
  killLast(): Promise<readonly number[]>
  stop(): Promise<void>
}

const AGENTS = 5
const PATIENCE_MS = 60_000
const SETTLE_MS = 5000

/** Both systems, one after the other: `serf` only where it is installed. */
export async function measureAgents(seconds: number, withSerf: boolean): Promise<AgentsRow[]> {
  const rows = [await measure('colony', startColony, seconds)]
  if (withSerf) rows.push(await measure('serf', startSerfAgents, seconds))
  return rows
}

async function measure(system: string, start: () => Promise<Agents>, seconds: number): Promise<AgentsRow> {
  const agents = await start()
  try {
    await sleep(SETTLE_MS)
    const before = processCpuMicros(agents.pids)
    const started = performance.now()
    await sleep(seconds * 1000)
    const elapsed = (performance.now() - started) * 1000
    const processorShare = (processCpuMicros(agents.pids) - before) / elapsed / AGENTS
    const residentBytes = median(agents.pids.map(residentOf))
    const killedAt = Date.now()
    const told = (await agents.killLast()).map((at) => at - killedAt)
    return {
      ...{ system, agents: AGENTS, joinMs: agents.joinMs, processorShare, residentBytes },
      ...{ firstMs: Math.min(...told), lastMs: Math.max(...told) },
    }
  } finally {
    await agents.stop()
  }
}

async function startColony(): Promise<Agents> {
  const started = performance.now()
  const workers = Array.from({ length: AGENTS }, () => new Worker<Agent>(besides(import.meta.url, 'agent')))
  const seeds: string[] = []
  for (const [at, worker] of workers.entries()) {
    const address = await worker.call('start', { id: `c${at + 1}`, seeds })
    if (at === 0) seeds.push(address)
  }
  await Promise.all(workers.map((worker) => worker.call('ready', { peers: AGENTS - 1 })))
  const joinMs = performance.now() - started
  const victim = `c${AGENTS}`
  const [last, ...others] = workers.toReversed()
  return {
    pids: workers.map(({ pid }) => pid),
    joinMs,
    killLast: async () => {
      await last?.[Symbol.asyncDispose]()
      return await Promise.all(
        others.map((worker) => eventually(async () => await worker.call('failedAt', { id: victim }))),
      )
    },
    stop: async () => {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
    },
  }
}

async function startSerfAgents(): Promise<Agents> {
  const started = performance.now()
  const agents = await startSerf(AGENTS)
  const stop = async (): Promise<void> => {
    await Promise.all(agents.map((agent) => agent.process[Symbol.asyncDispose]()))
  }
  await eventually(() => Number(agents.every(({ joined }) => joined.size >= AGENTS))).catch(
    async (error: unknown) => {
      await stop()
      throw error
    },
  )
  const [last, ...others] = agents.toReversed()
  return {
    pids: agents.map(({ process }) => process.pid),
    joinMs: performance.now() - started,
    killLast: async () => {
      await last?.process[Symbol.asyncDispose]()
      return await Promise.all(
        others.map((agent) => eventually(() => agent.failures.get(last?.name ?? '') ?? 0)),
      )
    },
    stop,
  }
}

/** The first value that is not 0. */
async function eventually(look: () => number | Promise<number>): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    const value = await look()
    if (value > 0) return value
    await sleep(20)
  }
  throw new Error(`not within ${PATIENCE_MS} ms: ${look.toString()}`)
}

function residentOf(pid: number): number {
  const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
  return Number(pages) * 4096
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
