import { performance } from 'node:perf_hooks'
import { bytesCodec } from '@colony/host'
import { createMemoryNetwork } from '@colony/host/memory'
import { createRaft, type Raft } from '@colony/raft'
import { fileStorage } from '@colony/raft/node'
import { serve } from '../measure/child.ts'
import { encodePut } from './bench-protocol.ts'
import { type MapMachine, mapMachine } from './map-machine.ts'
import type { Restarted } from './restart.ts'
import { keyOf, KEYS, VALUE } from './workload.ts'

/** A lone member on a log of its own, in its own process. */
export type RestartServer = typeof methods

interface Place {
  readonly directory: string
  readonly entries: number
}

const OUTSTANDING = 4096

const methods = {
  /** Puts so many commands into the log. */
  async fill({ directory, entries }: Place): Promise<void> {
    const raft = await start(directory)
    const commands = Array.from({ length: KEYS }, (_, key) => encodePut(keyOf(key), VALUE))
    const next = (sequence: number): Uint8Array => commands[sequence % KEYS] ?? VALUE
    for (let proposed = 0; proposed < entries; proposed += OUTSTANDING) {
      const count = Math.min(OUTSTANDING, entries - proposed)
      await Promise.all(Array.from({ length: count }, (_, at) => raft.propose(next(proposed + at))))
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

async function start(directory: string): Promise<Raft<MapMachine>> {
  const host = createMemoryNetwork().host()
  const storage = await fileStorage(directory)
  return await createRaft({
    id: 'a',
    members: ['a'],
    host,
    storage,
    machine: mapMachine(),
    codec: bytesCodec,
  })
}

serve(methods)
