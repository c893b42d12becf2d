import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { type CoreOptions, resolveOptions } from '../../src/core/options.ts'
import { timingOf } from '../../src/core/profiles.ts'

describe('timing', () => {
  it('comes from a profile, with what is given in its place', () => {
    expect(timingOf('lan').probeIntervalMs).toBe(1_000)
    expect(timingOf('wan')).toMatchObject({ probeIntervalMs: 5_000, suspicionFactor: 6, gossipFanout: 4 })
    expect(timingOf('local')).toMatchObject({ probeTimeoutMs: 200, retransmitFactor: 2 })
    expect(timingOf('lan', { suspicionFactor: 5 })).toEqual({ ...timingOf('lan'), suspicionFactor: 5 })
    const nothing = { suspicionFactor: undefined } as unknown as { suspicionFactor: number }
    expect(timingOf('lan', nothing)).toEqual(timingOf('lan'))
  })

  it.each([
    [{ probeIntervalMs: 0 }, /timing\.probeIntervalMs/],
    [{ probeIntervalMs: Number.NaN }, /timing\.probeIntervalMs/],
    [{ indirectProbes: 1.5 }, /timing\.indirectProbes/],
    [{ suspicionFactor: 0 }, /timing\.suspicionFactor/],
    [{ maxSuspicionFactor: 0 }, /timing\.maxSuspicionFactor/],
    [{ gossipFanout: 0 }, /timing\.gossipFanout/],
    [{ retransmitFactor: 65 }, /timing\.retransmitFactor/],
    [{ probeTimeoutMs: 2_000 }, /probeTimeoutMs .* must not be above timing\.probeIntervalMs/],
    [{ minProbeTimeoutMs: 501 }, /minProbeTimeoutMs .* must not be above timing\.probeTimeoutMs/],
    [{ reconnectIntervalMs: 40_000 }, /must not be above timing\.maxReconnectIntervalMs/],
  ])('%o is refused', (overrides, message) => {
    expect(() => timingOf('lan', overrides)).toThrow(message)
  })

  it('of no such profile is refused', () => {
    expect(() => timingOf('moon' as 'lan')).toThrow(/profile must be one of/)
  })
})

describe('options', () => {
  const good: CoreOptions = {
    id: 'a',
    address: 'at-a',
    cluster: 'c',
    epoch: 1,
    random: createRandom(1),
    timing: timingOf('lan'),
  }

  it('have defaults', () => {
    expect(resolveOptions(good)).toMatchObject({
      zone: '',
      packetBytes: 1_400,
      streamBytes: 1_048_576,
      detector: 'swim',
      bandwidth: Infinity,
      maxMembers: 20_000,
      lifeguard: { probe: true, suspicion: true, buddy: true, quarantine: true },
    })
  })

  it.each([
    ['id', ''],
    ['address', ''],
    ['address', 'x'.repeat(513)],
    ['zone', 'z'.repeat(256)],
    ['cluster', ''],
    ['epoch', -1],
    ['epoch', 2 ** 40],
    ['packetBytes', 100],
    ['streamBytes', 100],
    ['detector', 'luck'],
    ['bandwidth', 10],
    ['maxMembers', 0],
  ])('%s: %s is refused, with its name', (option, value) => {
    const refused = { ...good, [option]: value }
    expect(() => resolveOptions(refused)).toThrow(
      expect.objectContaining({ code: 'GOSSIP_INVALID_OPTION' }) as Error,
    )
    expect(() => resolveOptions(refused)).toThrow(option)
  })
})
