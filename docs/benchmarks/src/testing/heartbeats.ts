import { performance } from 'node:perf_hooks'
import FakeTimers from '@sinonjs/fake-timers'
import { createRandom } from '@colony/host'
import { createWorld } from '@colony/testing'

/** Simulated time of one way of running ordinary asynchronous code. */
export interface HeartbeatRow {
  readonly system: string
  readonly eventsPerSecond: number
  /** Simulated seconds in a second. */
  readonly timesReal: number
}

const NODES = ['a', 'b', 'c', 'd', 'e']
const BEAT_MS = 50
const SLICE_MS = 2000

/** Five nodes that send each other a heartbeat every 50 ms and handle it asynchronously: what both systems can run. */
export async function measureHeartbeats(seconds: number): Promise<HeartbeatRow[]> {
  return [
    await measure('colony', await onColony(), seconds),
    await measure('fake-timers', onFakeTimers(), seconds),
  ]
}

interface Beating {
  /** Lets so much simulated time pass. */
  run(ms: number): Promise<void>
  /** Timers and messages so far. */
  events(): number
}

async function measure(system: string, beating: Beating, seconds: number): Promise<HeartbeatRow> {
  await beating.run(SLICE_MS * 5)
  const before = beating.events()
  const started = performance.now()
  let slices = 0
  while (performance.now() - started < seconds * 1000) {
    await beating.run(SLICE_MS)
    slices++
  }
  const ms = performance.now() - started
  return {
    system,
    eventsPerSecond: Math.round(((beating.events() - before) / ms) * 1000),
    timesReal: Math.round((slices * SLICE_MS) / ms),
  }
}

/** What a node does with a heartbeat: something that takes a few promises. */
async function handle(heard: Map<string, number>, from: string, now: number): Promise<void> {
  await Promise.resolve()
  heard.set(from, now)
}

async function onColony(): Promise<Beating> {
  let events = 0
  const frame = new Uint8Array(16)
  const world = createWorld({
    seed: 1,
    nodes: NODES,
    network: { minLatencyMs: 1, meanLatencyMs: 5, loss: 0.01 },
    trace: { lines: 0 },
    boot: async ({ id, host }) => {
      await host.open(id)
      const heard = new Map<string, number>()
      host.transport.receive('beat', (from) => {
        events++
        void handle(heard, from, host.clock.now())
      })
      const beat = (): void => {
        events++
        for (const other of NODES) if (other !== id) host.transport.send(other, 'beat', frame)
        host.clock.after(BEAT_MS, beat)
      }
      beat()
    },
  })
  await world.booted()
  return { run: (ms) => world.run(ms), events: () => events }
}

function onFakeTimers(): Beating {
  let events = 0
  const random = createRandom(1)
  const clock = FakeTimers.createClock()
  for (const id of NODES) {
    const heard = new Map<string, number>()
    const receive = (from: string): void => {
      events++
      void handle(heard, from, clock.now)
    }
    const beat = (): void => {
      events++
      for (const other of NODES) {
        if (other !== id && random.float() >= 0.01)
          clock.setTimeout(() => receive(id), 1 + random.float() * 8)
      }
      clock.setTimeout(beat, BEAT_MS)
    }
    beat()
  }
  return { run: async (ms) => void (await clock.tickAsync(ms)), events: () => events }
}
