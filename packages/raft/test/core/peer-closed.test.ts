import { describe, expect, it } from 'vitest'
import { CoreCluster } from './core-cluster.ts'

/** A tenth of the election timeout of the cluster. */
const HASTE_MS = 10

function led(ids: string): CoreCluster {
  const c = new CoreCluster(ids)
  c.elect('a')
  c.tick('a', 10)
  c.settle()
  return c
}

describe('a closed connection', () => {
  it('to the leader brings the election forward, and others that lost it too grant it', () => {
    const c = led('abc')
    const before = c.now
    for (const id of 'bc') c.step(id, { type: 'peer-closed', peer: 'a' })
    expect(c.member('b').wakeAt - before).toBeLessThanOrEqual(HASTE_MS)
    expect(c.member('b').wakeAt).toBeGreaterThan(before)
    c.now = c.member('b').wakeAt
    c.tick('b')
    c.settle('bc')
    expect(c.core('b').role).toBe('leader')
    expect(c.now - before).toBeLessThanOrEqual(HASTE_MS)
  })

  it('does not depose a leader that others hear', () => {
    const c = led('abc')
    c.step('b', { type: 'peer-closed', peer: 'a' })
    c.tick('b', HASTE_MS)
    expect(c.core('b').role).toBe('pre-candidate')
    c.settle()
    expect(c.core('a')).toMatchObject({ role: 'leader', term: 1 })
    c.tick('a', 10)
    c.settle()
    expect(c.core('b')).toMatchObject({ role: 'follower', leader: 'a', term: 1 })
  })

  it('is forgotten when the leader is heard again', () => {
    const c = led('abc')
    c.step('b', { type: 'peer-closed', peer: 'a' })
    c.tick('a')
    c.step('a', { type: 'read', id: 1 })
    c.settle()
    expect(c.member('b').wakeAt - c.now).toBeGreaterThanOrEqual(100)
    c.tick('b', HASTE_MS)
    expect(c.core('b').role).toBe('follower')
    c.step('c', { type: 'peer-closed', peer: 'a' })
    c.tick('c', HASTE_MS)
    c.settle('bc')
    expect(c.core('c').role).not.toBe('leader')
  })

  it('to another follower means nothing', () => {
    const c = led('abc')
    c.step('b', { type: 'peer-closed', peer: 'c' })
    expect(c.member('b').wakeAt - c.now).toBeGreaterThan(HASTE_MS)
  })

  it('to a follower means nothing to the leader, nor to who knows no leader', () => {
    const c = led('abc')
    c.step('a', { type: 'peer-closed', peer: 'b' })
    expect(c.core('a').role).toBe('leader')
    c.tick('b', 1000)
    c.drop()
    const { wakeAt } = c.member('b')
    c.step('b', { type: 'peer-closed', peer: 'a' })
    expect(c.member('b').wakeAt).toBe(wakeAt)
  })

  it('whoever grants another the election that it was about to ask for gives way', () => {
    const c = led('abc')
    for (const id of 'bc') c.step(id, { type: 'peer-closed', peer: 'a' })
    c.tick('b', HASTE_MS)
    c.deliver()
    c.tick('c', HASTE_MS)
    expect(c.core('c').role).toBe('follower')
    c.settle('bc')
    expect(c.core('b').role).toBe('leader')
  })

  it('of two that ask at the same moment only one goes on, so that the votes are not split', () => {
    const c = led('abc')
    for (const id of 'bc') c.step(id, { type: 'peer-closed', peer: 'a' })
    for (const id of 'bc') c.tick(id, HASTE_MS)
    expect(['b', 'c'].map((id) => c.core(id).role)).toEqual(['pre-candidate', 'pre-candidate'])
    c.settle('bc')
    expect(['b', 'c'].map((id) => c.core(id).role)).toEqual(['follower', 'leader'])
    expect(c.core('c').term).toBe(2)
  })

  it('elections that come of silence alone give way to nobody', () => {
    const c = led('abc')
    c.now += 1000
    for (const id of 'bc') c.tick(id)
    c.deliver()
    expect(c.core('b').role).toBe('pre-candidate')
  })
})
