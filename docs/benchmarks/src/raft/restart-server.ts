import { performance } from 'node:perf_hooks'
import { bytesCodec } from '@colony/host'
import { createMemoryNetwork } from '@colony/host/memory'
import { createRaft, type Raft, type StateMachine } from '@colony/raft'
import { fileStorage } from '@colony/raft/node'
import { serve } from '../measure/child.ts'
import type { Restarted } from './restart.ts'

/** A lone member on a log of its own, in its own process. */
export type RestartServer = typeof methods

type Counter = StateMachine<Uint8Array, number>

interface Place {
  readonly directory: string
  readonly entries: number
  readonly bytes: number
}

const OUTSTANDING = 4096
const KEYS = 10_000

const methods = {
  /** Puts so many commands into the log. */
  async fill({ directory, entries, bytes }: Place): Promise<void> {
    const raft = await start(directory)
    const command = new Uint8Array(bytes)
    for (let proposed = 0; proposed < entries; proposed += OUTSTANDING) {
      const count = Math.min(OUTSTANDING, entries - proposed)
      await Promise.all(Array.from({ length: count }, () => raft.propose(command)))
    }
    await raft.close()
  },

  /** Comes back, and measures itself. */
  async restart({ directory }: Place): Promise<Restarted> {
    const cpu = process.cpuUsage()
    const started = performance.now()
    const raft = await start(directory)
    const { index: applied } = await raft.read(() => undefined)
    const wallMs = performance.now() - started
    const { user, system } = process.cpuUsage(cpu)
    const residentBytes = process.memoryUsage().rss
    await raft.close()
    return { applied, wallMs, cpuMs: (user + system) / 1000, residentBytes }
  },
}

async function start(directory: string): Promise<Raft<Counter>> {
  const host = createMemoryNetwork().host()
  const storage = await fileStorage(directory)
  const values = new Map<number, Uint8Array>()
  const machine: Counter = {
    apply: (command, { index }) => values.set(index % KEYS, command.slice()).size,
  }
  return await createRaft({ id: 'a', members: ['a'], host, storage, machine, codec: bytesCodec })
}

serve(methods)
