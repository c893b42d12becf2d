import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { decodeGroupsFrame, encodeGroupsFrame } from '../../../src/runtime/groups/groups-frame.ts'
import { groupNames } from './simulated-groups.ts'

describe('a frame of many groups', () => {
  it('comes back as it went, whatever the names', () => {
    const names = ['a', 'ab', '', 'ab', 'Gruppe ä', 'Gruppe ö', '\u{1f333}', '\u{1f334}x', 'x'.repeat(200)]
    const messages = names.map((group, at) => ({ group, frame: new Uint8Array(at * 7).fill(at) }))
    const frame = { life: 0xffffffff, era: 3, messages }
    expect(decodeGroupsFrame(encodeGroupsFrame(frame))).toEqual({ ok: true, value: frame })
  })

  it('that carries nothing is a sign of life of a few bytes', () => {
    expect(encodeGroupsFrame({ life: 0xffffffff, era: 0, messages: [] }).length).toBeLessThan(10)
  })

  it('spends few bytes on names that are alike', () => {
    const messages = groupNames(1000).map((group) => ({ group, frame: new Uint8Array(20) }))
    expect(encodeGroupsFrame({ life: 1, era: 0, messages }).length).toBeLessThan(1000 * (20 + 6))
  })

  it('of any bytes is a frame or is refused, and nothing is thrown', () => {
    const random = createRandom(1)
    const good = encodeGroupsFrame({ life: 5, era: 1, messages: [{ group: 'x', frame: new Uint8Array(9) }] })
    for (let times = 0; times < 3000; times++) {
      const bytes = good.slice(0, random.integer(0, good.length))
      if (bytes.length > 0) bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
      expect(typeof decodeGroupsFrame(bytes).ok).toBe('boolean')
    }
  })
})
