import { createMemoryNetwork } from '@colony/host/memory'
import { describe, expect, it } from 'vitest'
import { createGossip, type FrameSealer, type Keyring } from '../../src/index.ts'
import { ManualHost } from './manual-host.ts'

/** A keyring that marks packets, and notes whom it was made for. */
function marking(bound: unknown[] = []): Keyring {
  const sealer: FrameSealer = {
    overheadBytes: 1,
    seal: (packet) => Uint8Array.of(0x5e, ...packet),
    open: (frame) => (frame[0] === 0x5e ? frame.subarray(1) : undefined),
  }
  return {
    bind: (...names) => {
      bound.push(names)
      return sealer
    },
  }
}

describe('createGossip', () => {
  it('leaves nothing open when it fails', async () => {
    const host = new ManualHost()
    const start = (options: object): Promise<unknown> =>
      createGossip({ id: 'self', host, wallNow: () => 0, ...options })
    const invalid = { code: 'GOSSIP_INVALID_OPTION' }
    await expect(start({ initial: { ['k'.repeat(300)]: 1 } })).rejects.toMatchObject(invalid)
    await expect(start({ initial: { k: 'x'.repeat(70_000) } })).rejects.toMatchObject({
      code: 'GOSSIP_TOO_LARGE',
    })
    await expect(start({ epoch: () => Promise.reject(new Error('no file')) })).rejects.toThrow('no file')
    await expect(start({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
    const controller = new AbortController()
    const epoch = (): Promise<number> => {
      controller.abort(new Error('meanwhile'))
      return Promise.resolve(1)
    }
    await expect(start({ epoch, signal: controller.signal })).rejects.toThrow('meanwhile')
    expect(host.leases).toBe(0)
    expect(host.transport.handler).toBeUndefined()
    expect(host.clock.alarms).toEqual([])
  })

  it('is where its transport says, unless it is told otherwise; without addresses it is its id', async () => {
    const host = new ManualHost()
    const here = await createGossip({ id: 'self', host, wallNow: () => 0 })
    expect([here.address, here.self.address]).toEqual(['self', 'self'])
    await here.close()
    host.addresses.set('self', 'mem://self')
    const book = await createGossip({ id: 'self', host, wallNow: () => 0 })
    expect(book.address).toBe('mem://self')
    await book.close()
    const told = await createGossip({
      id: 'self',
      host,
      wallNow: () => 0,
      address: 'mem://outside',
      epoch: 7,
    })
    expect(told.self).toMatchObject({ address: 'mem://outside', incarnation: { epoch: 7 } })
    await told.close()
    expect(host.leases).toBe(0)
  })

  it('seals what it sends with a keyring that knows cluster, node and life', async () => {
    const host = new ManualHost()
    const bound: unknown[] = []
    const keyring = marking(bound)
    const node = await createGossip({
      id: 'self',
      host,
      wallNow: () => 0,
      epoch: 9,
      seeds: ['mem://b'],
      keyring,
    })
    host.clock.run(2000)
    expect(bound).toEqual([['test', 'self', 9]])
    expect(host.transport.sent.length).toBeGreaterThan(0)
    expect(host.transport.sent.every(({ way, frame }) => way === 'contact' && frame[0] === 0x5e)).toBe(true)
    host.transport.deliver('b', Uint8Array.of(1, 2, 3))
    expect(node.metrics().dropped).toMatchObject({ sealed: 1 })
    await node.close()
  })

  it('runs on any host, in real time too, and is over with its block', async () => {
    const network = createMemoryNetwork()
    const start = (id: string) => createGossip({ id, host: network.host(), seeds: ['a'], profile: 'local' })
    const a = await start('a')
    {
      await using b = await start('b')
      expect(await b.ready()).toBe(1)
      expect(await a.ready()).toBe(1)
    }
    expect(a.peers.get('b')?.status).toBe('left')
    await a.close()
  })
})
