import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeHost, type UdpNodeHost } from '@colony/host/node'
import { afterEach, describe, expect, it } from 'vitest'
import { createGossip } from '../../src/index.ts'
import { createKeyring, dnsSeeds, fileEpoch, type RotatingKeyring } from '../../src/node/index.ts'

const [K1, K2] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array]

const open: { close(): Promise<unknown> }[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (owner) => await owner.close()))
})

async function member(id: string, key: Uint8Array, options: { seeds?: string[]; epochs?: string } = {}) {
  const host: UdpNodeHost = nodeHost({
    clusterId: 'sealed',
    listen: { host: '127.0.0.1', port: 0 },
    transport: 'udp',
  })
  const keyring: RotatingKeyring = createKeyring({ keys: [key] })
  const { seeds = [], epochs } = options
  const gossip = await createGossip({
    id,
    host,
    keyring,
    profile: 'local',
    seeds: seeds.length > 0 ? dnsSeeds(seeds[0] ?? '') : [],
    ...(epochs !== undefined && { epoch: fileEpoch(epochs) }),
  })
  open.push(gossip)
  const port = /\d+$/.exec(host.transport.localAddress ?? '')?.[0] ?? ''
  return { gossip, keyring, host, seed: `localhost:${port}` }
}

async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${condition.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('sealed nodes on UDP', () => {
  it('find each other through a name, and go on talking while the key is changed', async () => {
    const a = await member('a', K1)
    const others = [await member('b', K1, { seeds: [a.seed] }), await member('c', K1, { seeds: [a.seed] })]
    const all = [a, ...others]
    await Promise.all(all.map(async ({ gossip }) => await gossip.ready({ minPeers: 2, timeoutMs: 15_000 })))
    const steps: ((keyring: RotatingKeyring) => void)[] = [
      (keyring) => keyring.add(K2),
      (keyring) => keyring.use(K2),
      (keyring) => keyring.remove(K1),
    ]
    for (const [count, step] of steps.entries()) {
      for (const { keyring } of all) step(keyring)
      a.gossip.set('step', count)
      await eventually(() => others.every(({ gossip }) => gossip.peers.get('a')?.state['step'] === count))
    }
    expect(all.map(({ keyring }) => keyring.stats().forged)).toEqual([0, 0, 0])
    expect(all.every(({ host }) => host.transport.stats().datagramsSent > 0)).toBe(true)
  })

  it('hear nothing of one with another key', async () => {
    const a = await member('a', K1)
    const stranger = await member('x', K2, { seeds: [a.seed] })
    await eventually(() => a.keyring.stats().unknownKey > 0)
    expect([[...a.gossip.peers.all()].length, [...stranger.gossip.peers.all()].length]).toEqual([0, 0])
  })

  it('are known for new ones when they start again, epochs from a file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'colony-sealed-'))
    open.push({ close: async () => await rm(directory, { recursive: true, force: true }) })
    const a = await member('a', K1)
    const lives: unknown[] = []
    for (let life = 0; life < 2; life++) {
      const b = await member('b', K1, { seeds: [a.seed], epochs: join(directory, 'epoch') })
      b.gossip.set('life', life)
      await eventually(() => a.gossip.peers.get('b')?.state['life'] === life)
      lives.push(a.gossip.peers.get('b')?.incarnation.epoch)
      await b.gossip.close()
    }
    expect(Number(lives[1])).toBeGreaterThan(Number(lives[0]))
  })
})
