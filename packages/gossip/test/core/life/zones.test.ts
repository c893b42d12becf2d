import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { BRIDGES, ZonePreference } from '../../../src/core/life/zones.ts'
import type { Member } from '../../../src/core/members/member.ts'

const ZONES = ['eu', 'us', 'ap']

function member(id: string, zone: string, status: Member['status'] = 'alive'): Member {
  return { id, address: id, incarnation: { epoch: 1, counter: 0 }, status, zone }
}

/** All members of three zones, as `self` sees them. */
function preference(self: string, size = 10): ZonePreference {
  const zones = new ZonePreference(self, self.slice(0, 2), createRandom(`zones:${self}`))
  for (const zone of ZONES) {
    for (let index = 0; index < size; index++)
      zones.memberChanged(undefined, member(`${zone}-${index}`, zone))
  }
  return zones
}

const bridgesOf = (zone: string, size = 10): string[] =>
  Array.from({ length: size }, (_, index) => `${zone}-${index}`).filter((id) => preference(id, size).isBridge)

describe('zones', () => {
  it('are no matter while there is one', () => {
    const zones = new ZonePreference('a', '', createRandom(1))
    zones.memberChanged(undefined, member('b', ''))
    expect(zones.active).toBe(false)
    zones.memberChanged(undefined, member('c', 'eu'))
    expect(zones.active).toBe(true)
    zones.memberChanged(member('c', 'eu'), undefined)
    expect(zones.active).toBe(false)
  })

  it('have the same few bridges in the eyes of all their members', () => {
    for (const zone of ZONES) expect(bridgesOf(zone).length).toBe(BRIDGES)
    expect(bridgesOf('eu', 2).length).toBe(2)
  })

  it('replace a bridge that is gone', () => {
    const [first] = bridgesOf('eu') as [string]
    const others = Array.from({ length: 10 }, (_, index) => `eu-${index}`).filter((id) => id !== first)
    const bridges = others.filter((id) => {
      const zones = preference(id)
      const before = zones.isBridge
      zones.memberChanged(member(first, 'eu'), member(first, 'eu', 'failed'))
      if (before) expect(zones.isBridge).toBe(true)
      return zones.isBridge
    })
    expect(bridges.length).toBe(BRIDGES)
  })

  it('keep most talk within themselves, bridges apart', () => {
    const bridges = new Set(bridgesOf('eu'))
    for (let index = 0; index < 10; index++) {
      const id = `eu-${index}`
      const zones = preference(id)
      let outside = 0
      for (let round = 0; round < 1000; round++) {
        const picked = zones.pick(3)
        expect(picked.length).toBe(3)
        expect(new Set(picked).size).toBe(3)
        outside += picked.filter((peer) => !peer.startsWith('eu')).length
      }
      if (bridges.has(id)) {
        expect(outside).toBeGreaterThanOrEqual(1000)
        expect(outside).toBeLessThan(1200)
      } else {
        expect(outside).toBeGreaterThan(20)
        expect(outside).toBeLessThan(200)
      }
    }
  })

  it('are all spoken to by each bridge in turn, also when one has nobody left', () => {
    const [bridge] = bridgesOf('eu') as [string]
    const zones = preference(bridge)
    const spoken = new Map<string, number>()
    const pick = (): void => {
      const zone = zones.pick(1)[0]?.slice(0, 2) ?? 'none'
      spoken.set(zone, (spoken.get(zone) ?? 0) + 1)
    }
    for (let round = 0; round < 100; round++) pick()
    expect(spoken).toEqual(
      new Map([
        ['us', 50],
        ['ap', 50],
      ]),
    )
    for (let index = 0; index < 10; index++) {
      zones.memberChanged(member(`us-${index}`, 'us'), member(`us-${index}`, 'us', 'failed'))
    }
    spoken.clear()
    for (let round = 0; round < 100; round++) pick()
    expect(spoken).toEqual(new Map([['ap', 100]]))
  })

  it('give all that there are when more are wanted, and nobody who is excepted', () => {
    const zones = preference('eu-0', 3)
    expect(zones.pick(100).toSorted()).toEqual(
      ZONES.flatMap((zone) => [0, 1, 2].map((index) => `${zone}-${index}`))
        .filter((id) => id !== 'eu-0')
        .toSorted(),
    )
    expect(zones.pick(100, (id) => id.startsWith('eu')).length).toBe(6)
    expect(zones.pick(5, () => true)).toEqual([])
  })

  it('follow a member that moves to another', () => {
    const zones = new ZonePreference('eu-0', 'eu', createRandom(1))
    zones.memberChanged(undefined, member('x', 'eu'))
    zones.memberChanged(member('x', 'eu'), member('x', 'us'))
    expect(zones.active).toBe(true)
    expect(zones.pick(2)).toEqual(['x'])
  })
})
