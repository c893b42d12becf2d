import { AddressBook } from '@colony/host'
import { nodeHost, type UdpNodeHost } from '@colony/host/node'
import { type AnyShape, createGossip, type Gossip } from '@colony/gossip'
import { createKeyring } from '@colony/gossip/node'

/** What real nodes cost that nothing happens to. */
export interface NodesRow {
  /** With a keyring, without, or nothing but sockets. */
  readonly kind: 'plain' | 'sealed' | 'bare'
  readonly members: number
  /** Part of one processor that a node takes. */
  readonly processorShare: number
  readonly datagramsPerSecond: number
  readonly bytesPerSecond: number
  readonly joinMs: number
}

const KEY = new Uint8Array(32).fill(7)
const PATIENCE_MS = 120_000
const SETTLE_MS = 15_000

/** So many nodes in one process, each with its own UDP socket on loopback, the LAN's timing, and one seed. */
export async function measureNodes(members: number, seconds: number, sealed: boolean): Promise<NodesRow> {
  const started = performance.now()
  const hosts: UdpNodeHost[] = []
  const nodes: Gossip<AnyShape>[] = []
  for (let number = 1; number <= members; number++) {
    const host = nodeHost({
      clusterId: 'bench',
      listen: { host: '127.0.0.1', port: 0 },
      transport: 'udp',
      addresses: new AddressBook(),
    })
    hosts.push(host)
    const seed = hosts[0]?.transport.localAddress
    nodes.push(
      await createGossip({
        id: `n${number}`,
        host,
        ...(seed !== undefined && { seeds: [seed] }),
        ...(sealed && { keyring: createKeyring({ keys: [KEY] }) }),
      }),
    )
  }
  await Promise.all(nodes.map((node) => node.ready({ minPeers: members - 1, timeoutMs: PATIENCE_MS })))
  const joinMs = performance.now() - started
  await sleep(SETTLE_MS)
  const before = totals(hosts)
  const cpu = process.cpuUsage()
  const from = performance.now()
  await sleep(seconds * 1000)
  const elapsed = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const after = totals(hosts)
  const row: NodesRow = {
    ...{ kind: sealed ? 'sealed' : 'plain', members, joinMs },
    processorShare: (user + system) / 1e6 / elapsed / members,
    datagramsPerSecond: (after.datagrams - before.datagrams) / elapsed / members,
    bytesPerSecond: (after.bytes - before.bytes) / elapsed / members,
  }
  await Promise.all(nodes.map((node) => node.close()))
  return row
}

function totals(hosts: readonly UdpNodeHost[]): { readonly datagrams: number; readonly bytes: number } {
  let datagrams = 0
  let bytes = 0
  for (const { transport } of hosts) {
    const stats = transport.stats()
    datagrams += stats.datagramsSent
    bytes += stats.bytesSent
  }
  return { datagrams, bytes }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
