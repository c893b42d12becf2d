import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { MemberStatus } from '../../../src/core/members/member.ts'
import { isAccused, outranks, type Standing } from '../../../src/core/members/precedence.ts'

const STATUSES: readonly MemberStatus[] = ['alive', 'suspect', 'failed', 'left']

function standing(status: MemberStatus, counter: number, epoch = 1): Standing {
  return { status, incarnation: { epoch, counter } }
}

describe('precedence', () => {
  it('is SWIM’s at the same incarnation: suspect over alive, failed over both, left over all', () => {
    const wins = STATUSES.map((news) =>
      STATUSES.map((known) => outranks(standing(news, 3), standing(known, 3))),
    )
    expect(wins).toEqual([
      [false, false, false, false],
      [true, false, false, false],
      [true, true, false, false],
      [true, true, true, false],
    ])
  })

  it('lets every newer word through and no older one, but that a goodbye is the last word', () => {
    for (const news of STATUSES) {
      for (const known of STATUSES) {
        expect(outranks(standing(news, 4), standing(known, 3))).toBe(known !== 'left' || news === 'left')
        const goodbye = news === 'left' && known !== 'left'
        expect(outranks(standing(news, 2), standing(known, 3))).toBe(goodbye)
      }
    }
  })

  it('lets every newer life through, whatever its counter, and no older one', () => {
    for (const news of STATUSES) {
      for (const known of STATUSES) {
        expect(outranks(standing(news, 0, 2), standing(known, 99, 1))).toBe(true)
        expect(outranks(standing(news, 99, 1), standing(known, 0, 2))).toBe(false)
      }
    }
  })

  it('comes to the same result in whatever order news is heard', () => {
    const random = createRandom(1)
    for (let round = 0; round < 500; round++) {
      const heard = Array.from({ length: 6 }, () =>
        standing(STATUSES[random.integer(0, 3)]!, random.integer(0, 2), random.integer(1, 2)),
      )
      const results = new Set<string>()
      for (let order = 0; order < 6; order++) {
        const [first, ...rest] = [...heard].sort(() => random.float() - 0.5)
        let known = first!
        for (const news of rest) if (outranks(news, known)) known = news
        results.add(JSON.stringify(known))
      }
      expect([...results]).toHaveLength(1)
    }
  })

  it('takes only complaints about the present word, or a later one, for accusations', () => {
    const own = { epoch: 1, counter: 3 }
    expect(isAccused(standing('suspect', 3), own)).toBe(true)
    expect(isAccused(standing('failed', 4), own)).toBe(true)
    expect(isAccused(standing('failed', 2), own)).toBe(false)
    expect(isAccused(standing('alive', 9), own)).toBe(false)
    expect(isAccused(standing('left', 9), own)).toBe(false)
  })
})
