import type { Clock, Host, NodeId } from '@colony/host'
import type { SimulatedNode } from '../../src/index.ts'

/** A small service written as any application would be: promises, timers, request and answer. Counts answered pings. */
export interface PingService {
  readonly answered: () => number
  readonly asked: () => number
  readonly ping: (to: NodeId, timeoutMs: number) => Promise<boolean>
  readonly close: () => Promise<void>
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

export async function startPing(
  host: Host,
  id: NodeId,
  peers: readonly NodeId[],
  everyMs: number,
): Promise<PingService> {
  const { clock, transport } = host
  const lease = await host.open(id)
  const waiting = new Map<number, (answered: boolean) => void>()
  let next = 0
  let answered = 0
  let asked = 0
  let running = true
  transport.receive('ping', (from, frame) => {
    asked += 1
    transport.send(from, 'pong', frame)
  })
  transport.receive('pong', (_, frame) => {
    const settle = waiting.get(new DataView(frame.buffer, frame.byteOffset).getUint32(0))
    settle?.(true)
  })
  const ping = async (to: NodeId, timeoutMs: number): Promise<boolean> => {
    const number = (next += 1)
    const frame = new Uint8Array(16)
    new DataView(frame.buffer).setUint32(0, number)
    const answer = new Promise<boolean>((resolve) => waiting.set(number, resolve))
    using _timeout = clock.after(timeoutMs, () => waiting.get(number)?.(false))
    transport.send(to, 'ping', frame)
    const came = await answer
    waiting.delete(number)
    if (came) answered += 1
    return came
  }
  const loop = async (to: NodeId): Promise<void> => {
    while (running) {
      await ping(to, everyMs * 2)
      await sleep(clock, everyMs)
    }
  }
  for (const peer of peers) void loop(peer)
  const close = async (): Promise<void> => {
    running = false
    await lease[Symbol.asyncDispose]()
  }
  return { answered: () => answered, asked: () => asked, ping, close }
}

/** Boot function for a world in which every node pings every other. */
export function pingBoot(
  ids: readonly NodeId[],
  everyMs = 50,
): (node: SimulatedNode) => Promise<PingService> {
  return async (node) =>
    await startPing(
      node.host,
      node.id,
      ids.filter((id) => id !== node.id),
      everyMs,
    )
}
