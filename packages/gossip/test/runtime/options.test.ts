import { describe, expect, it } from 'vitest'
import { findEpoch } from '../../src/runtime/epoch.ts'
import { resolveOptions, type GossipOptions } from '../../src/runtime/options.ts'
import { packetSizes } from '../../src/runtime/packet-sizes.ts'
import { ManualHost } from './manual-host.ts'

const host = new ManualHost()
const resolve = (options: object) => resolveOptions({ id: 'a', host, ...options } as GossipOptions)

describe('options', () => {
  it('have a default each', () => {
    expect(resolve({})).toMatchObject({
      ...{ id: 'a', zone: '', seeds: [], initial: {}, detector: 'swim', seedIntervalMs: 30_000 },
      timing: { probeIntervalMs: 1000, gossipIntervalMs: 200 },
    })
    expect(resolve({ profile: 'wan', advanced: { gossipFanout: 2 } }).timing).toMatchObject({
      ...{ probeIntervalMs: 5000, gossipFanout: 2 },
    })
    expect(resolve({}).schema.codecOf('anything')).toBeDefined()
  })

  it.each([
    [{ id: '' }, /id must be/],
    [{ cluster: 'x' }, /cluster is no option of createGossip; there are id, host/],
    [{ host: {} }, /host has no method open/],
    [{ address: '' }, /address/],
    [{ seeds: 'tcp://a:1' }, /seeds must be an array of addresses, or a function/],
    [{ seeds: [''] }, /the address of a seed/],
    [{ seeds: [{ address: 'x', id: '' }] }, /the id of a seed/],
    [{ seeds: Array.from({ length: 1025 }, (_, n) => `a${n}`) }, /at most 1024/],
    [{ state: {} }, /state has no method codecOf/],
    [{ profile: 'space' }, /profile must be one of/],
    [{ zone: 5 }, /zone/],
    [{ bandwidth: 100 }, /bandwidth/],
    [{ keyring: {} }, /keyring has no method bind/],
    [{ detector: 'guess' }, /detector/],
    [{ epoch: -1 }, /epoch/],
    [{ epoch: 'x' }, /epoch must be a function/],
    [{ admit: true }, /admit must be a function/],
    [{ merge: 1 }, /merge must be a function/],
    [{ advanced: { probes: 1 } }, /probes is no option/],
    [{ advanced: { probeIntervalMs: 0 } }, /probeIntervalMs/],
    [{ advanced: { seedIntervalMs: 1 } }, /seedIntervalMs/],
  ])('are refused at once when they cannot be: %o', (options, message) => {
    expect(() => resolve(options)).toThrow(message)
    expect(() => resolve(options)).toThrow(expect.objectContaining({ code: 'GOSSIP_INVALID_OPTION' }))
  })
})

describe('the epoch', () => {
  const now = Date.UTC(2026, 0, 1)
  const find = (options: object): Promise<number> =>
    findEpoch({ wallNow: () => now, epoch: undefined, ...options })

  it('is the time of day, a number, or what a function finds', async () => {
    expect(await find({})).toBe(365 * 86_400_000)
    expect(await find({ wallNow: () => 0 })).toBe(0)
    expect(await find({ epoch: 7 })).toBe(7)
    expect(await find({ epoch: () => Promise.resolve(8) })).toBe(8)
    await expect(find({ epoch: () => Promise.resolve(-1) })).rejects.toMatchObject({
      code: 'GOSSIP_INVALID_OPTION',
    })
  })
})

describe('packets', () => {
  it('are as large as any network takes, less what sealing adds', () => {
    const sizes = { ordered: false, reliable: false, maxFrameBytes: 1_048_576 }
    expect(packetSizes(sizes, 0)).toEqual({ packetBytes: 1400, streamBytes: 262_144 })
    expect(packetSizes({ ...sizes, datagramBytes: 1200 }, 40)).toEqual({
      packetBytes: 1160,
      streamBytes: 262_104,
    })
    expect(packetSizes({ ...sizes, maxFrameBytes: 1300 }, 0)).toEqual({
      packetBytes: 1300,
      streamBytes: 1300,
    })
    expect(() => packetSizes({ ...sizes, datagramBytes: 512 }, 0)).toThrow(/1000 bytes/)
  })
})
