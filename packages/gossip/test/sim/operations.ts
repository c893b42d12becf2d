import type { NodeId } from '@colony/host'
import type { ClientCall, Workload } from '@colony/testing'
import type { CoreEvent } from '../../src/core/core-event.ts'
import type { GossipRun } from './gossip-run.ts'
import type { GossipService } from './gossip-service.ts'

type Call = ClientCall<GossipService, GossipRun>

const KEYS = ['load', 'role', 'shards', 'zone']
/** Acknowledgements that a node waits for when it leaves. */
const GOODBYES = 2
const LEAVE_MS = 1500
const QUERY_MS = 800
/** How long a node that left stays away, in milliseconds. */
const AWAY_MS = 700

/** Clients that write state and shared values, send messages, ask questions, say goodbye, and remove who is gone. */
export const workload: Workload = {
  clients: 4,
  gapMs: [20, 250],
  timeoutMs: 12_000,
  next: (random, { count }) => {
    const key = KEYS[random.integer(0, KEYS.length - 1)] ?? 'load'
    const choice = random.float()
    if (choice < 0.35) return { f: 'set', key, value: `${count}` }
    if (choice < 0.5) return { f: 'delete', key }
    if (choice < 0.57)
      return { f: 'expire', key, value: { text: `${count}`, ttlMs: random.integer(50, 1500) } }
    if (choice < 0.72) return { f: 'share', key, value: random.float() < 0.2 ? null : `${count}` }
    if (choice < 0.86) return { f: 'broadcast', value: `m${count}` }
    if (choice < 0.96) return { f: 'ask', value: `q${count}` }
    return { f: choice < 0.98 ? 'leave' : 'remove' }
  },
}

/** What is to be said about an operation that came to nothing. */
class NotTaken extends Error {}

/** A refusal has told nobody anything; a node that is down has not even heard. */
export function classify(error: unknown): 'fail' | 'unknown' {
  return error instanceof NotTaken || String(error).includes('TESTING_NODE_DOWN') ? 'fail' : 'unknown'
}

/** Carries out one operation. */
export async function perform(call: Call): Promise<unknown> {
  const { f, key = '', value } = call.operation
  switch (f) {
    case 'set':
      return await feed(call, (service) => service.feed({ type: 'set', key, value: bytes(value as string) }))
    case 'delete':
      return await feed(call, (service) => service.feed({ type: 'set', key, value: undefined }))
    case 'expire': {
      const { text, ttlMs } = value as { readonly text: string; readonly ttlMs: number }
      return await feed(call, (service) => service.feed({ type: 'set', key, value: bytes(text), ttlMs }))
    }
    case 'share':
      return await share(call, key, value as string | null)
    case 'broadcast':
      return await broadcast(call, value as string)
    case 'ask':
      return await ask(call, value as string)
    case 'leave':
      return await leave(call)
    default:
      return await remove(call)
  }
}

async function feed({ node, run }: Call, task: (service: GossipService) => unknown): Promise<void> {
  await node.call((service) => {
    if (run.state.left.has(node.id)) throw new NotTaken('it has left')
    const refused = task(service)
    if (refused !== undefined) throw new NotTaken(JSON.stringify(refused))
  })
}

async function share(call: Call, key: string, value: string | null): Promise<void> {
  const { node, run } = call
  await feed(call, (service) => {
    run.state.onAsked(node.id, 'share', `${key} ${value ?? ''}`)
    return service.feed({ type: 'share', key, value: value === null ? undefined : bytes(value) })
  })
}

async function broadcast(call: Call, text: string): Promise<unknown> {
  const { node, run, position } = call
  return await node.call(async (service) => {
    if (run.state.left.has(node.id)) throw new NotTaken('it has left')
    run.state.onAsked(node.id, 'broadcast', `${position} ${text}`)
    const done = service.until((event) => deliveredOf(event, position))
    const refused = service.feed({ type: 'broadcast', id: position, topic: 't', payload: bytes(text) })
    if (refused !== undefined) throw new NotTaken(refused)
    return await done
  })
}

function deliveredOf(event: CoreEvent, id: number): number | undefined {
  return event.type === 'delivered' && event.id === id && event.done ? event.count : undefined
}

async function ask({ node, run, position }: Call, text: string): Promise<unknown> {
  return await node.call(async (service) => {
    if (run.state.left.has(node.id)) throw new NotTaken('it has left')
    const over = service.until((event) =>
      event.type === 'answer' && event.question === position && event.from === undefined ? true : undefined,
    )
    const input = { question: position, topic: 'q', payload: bytes(text), timeoutMs: QUERY_MS } as const
    const refused = service.feed({ type: 'query', ...input })
    if (refused !== undefined) throw new NotTaken(refused)
    return await over
  })
}

/** A node says goodbye, ends, and is started again a while later. */
async function leave({ node, run }: Call): Promise<unknown> {
  const { world, state } = run
  return await node.call(async (service) => {
    if (state.left.has(node.id)) throw new NotTaken('it has left')
    state.left.add(node.id)
    state.onAsked(node.id, 'leave', '')
    const gone = service.until((event) => (event.type === 'left' ? event.acknowledged : undefined))
    service.feed({ type: 'leave', acknowledgements: GOODBYES, timeoutMs: LEAVE_MS })
    const acknowledged = await gone
    const life = node.incarnation
    const isSame = (): boolean => node.incarnation === life
    // At its end, not within what it says: the process goes on for a while.
    world.schedule(50, () => {
      if (isSame()) node.crash({ power: false })
    })
    world.schedule(AWAY_MS, () => {
      if (isSame() && node.state === 'down') node.restart()
    })
    return acknowledged
  })
}

/** An operator removes one that is down. */
async function remove(call: Call): Promise<void> {
  const { node, run } = call
  const gone = run.state.nodes.find((id): id is NodeId => !run.state.isUp(id))
  if (gone === undefined || gone === node.id) throw new NotTaken('nobody is down')
  run.state.onAsked(node.id, 'remove', gone)
  await feed(call, (service) => service.feed({ type: 'remove', id: gone }))
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
