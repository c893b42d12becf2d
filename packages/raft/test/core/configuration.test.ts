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

describe('joint quorums', () => {
  const joint = new Configuration(['b', 'c', 'd'], ['a', 'b', 'c'], ['x'])

  it.each([
    ['bc', true],
    ['ab', false],
    ['abd', true],
    ['acd', true],
    ['ad', false],
    ['cd', false],
    ['bd', false],
    ['abcd', true],
    ['axd', false],
  ])('need a majority of both: %s', (who, isQuorum) => {
    expect(joint.isQuorum((voter) => who.includes(voter))).toBe(isQuorum)
    expect(joint.reachedByQuorum((voter) => (who.includes(voter) ? 1 : 0))).toBe(isQuorum ? 1 : 0)
  })

  it('share a node with every quorum before and after', () => {
    const before = new Configuration(['a', 'b', 'c'])
    const after = new Configuration(['b', 'c', 'd'])
    const has = (bits: number) => (id: string) => ((bits >> 'abcd'.indexOf(id)) & 1) === 1
    for (let one = 0; one < 16; one++) {
      if (!joint.isQuorum(has(one))) continue
      for (let other = 0; other < 16; other++) {
        for (const configuration of [before, joint, after])
          if (configuration.isQuorum(has(other))) expect(one & other).not.toBe(0)
      }
    }
  })

  it('know who votes, who is a member and whom to ask', () => {
    expect(joint.electorate).toEqual(['a', 'b', 'c', 'd'])
    expect([...'abcdx?'].map((id) => joint.isVoter(id))).toEqual([true, true, true, true, false, false])
    expect([...'abcdx?'].map((id) => joint.isMember(id))).toEqual([true, true, true, true, true, false])
    expect(new Configuration(['a'], [], ['b']).isLoneVoter('a')).toBe(true)
    expect(new Configuration(['a'], ['b']).isLoneVoter('a')).toBe(false)
  })

  it('without any voter there is none', () => {
    const nobody = new Configuration([])
    expect(nobody.isQuorum(() => true)).toBe(false)
    expect(nobody.reachedByQuorum(() => 7)).toBe(0)
  })
})
