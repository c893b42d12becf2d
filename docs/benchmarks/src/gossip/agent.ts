import { nodeHost } from '@colony/host/node'
import { type AnyShape, createGossip, type Gossip } from '@colony/gossip'
import { serve } from '../measure/child.ts'

/** One node in a process of its own, as an agent of serf is one. */
export type Agent = typeof methods

let gossip: Gossip<AnyShape> | undefined
/** When each peer was declared failed, in milliseconds since 1970: what processes of one machine can compare. */
const failures = new Map<string, number>()

const methods = {
  /** Starts; where it listens. */
  async start({ id, seeds }: { readonly id: string; readonly seeds: readonly string[] }): Promise<string> {
    const host = nodeHost({ clusterId: 'bench', listen: { host: '127.0.0.1', port: 0 }, transport: 'udp' })
    gossip = await createGossip({ id, host, seeds })
    gossip.on('fail', ({ peer }) => void failures.set(peer.id, Date.now()))
    return host.transport.localAddress ?? ''
  },
  /** Waits until so many others are there. */
  async ready({ peers }: { readonly peers: number }): Promise<void> {
    await gossip?.ready({ minPeers: peers, timeoutMs: 60_000 })
  },
  /** When `id` was declared failed here; 0 while it was not. */
  failedAt: ({ id }: { readonly id: string }) => failures.get(id) ?? 0,
}

serve(methods)
