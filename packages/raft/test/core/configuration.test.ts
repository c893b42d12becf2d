import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { Configuration } from '../../src/core/configuration.ts'
import { quorumSize, toleratedFailures } from '../../src/index.ts'

describe('quorums', () => {
  it.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
    [7, 4, 3],
  ])('of %i voters: %i, tolerating %i failures', (voters, quorum, tolerated) => {
    expect(quorumSize(voters)).toBe(quorum)
    expect(toleratedFailures(voters)).toBe(tolerated)
  })

  it('reach what a sorted list says they reach', () => {
    const random = createRandom(1)
    for (let i = 0; i < 1000; i++) {
      const voters = 'abcdefg'.slice(0, random.integer(1, 7)).split('')
      const values = new Map(voters.map((voter) => [voter, random.integer(0, 9)]))
      const configuration = new Configuration(voters)
      const reached = configuration.reachedByQuorum((voter) => values.get(voter) ?? 0)
      const sorted = [...values.values()].sort((a, b) => b - a)
      expect(reached).toBe(sorted[quorumSize(voters.length) - 1])
      expect(configuration.isQuorum((voter) => (values.get(voter) ?? 0) >= reached)).toBe(true)
    }
  })
})
