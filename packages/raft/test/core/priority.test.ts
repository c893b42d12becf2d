import { describe, expect, it } from 'vitest'
import { CoreCluster } from './core-cluster.ts'

/** Lets a leader send heartbeats for so long. */
function beat(c: CoreCluster, leader: string, ms: number, ids: string = c.ids.join('')): void {
  for (let i = 0; i < ms; i += 10) {
    c.tick(leader, 10)
    c.settle(ids)
  }
}

describe('priorities', () => {
  it('a leader hands over to a voter of higher priority that has kept up for three election timeouts', () => {
    const c = new CoreCluster('abc', { priorities: { c: 5 } })
    c.elect('a')
    beat(c, 'a', 290)
    expect(c.core('a').role).toBe('leader')
    beat(c, 'a', 30)
    expect(c.core('c')).toMatchObject({ role: 'leader', term: 2 })
  })

  it('to the highest of them', () => {
    const c = new CoreCluster('abcd', { priorities: { b: 5, c: 200, d: 7 } })
    c.elect('a')
    beat(c, 'a', 320)
    expect(c.core('c').role).toBe('leader')
  })

  it('not to an equal or lower one', () => {
    const c = new CoreCluster('abc', { priorities: { a: 5, b: 5, c: 4 } })
    c.elect('a')
    beat(c, 'a', 2000)
    expect(c.core('a')).toMatchObject({ role: 'leader', term: 1 })
  })

  it('not to one that fell silent or behind meanwhile: its time begins anew', () => {
    const c = new CoreCluster('abc', { priorities: { c: 5 } })
    c.elect('a')
    beat(c, 'a', 200)
    beat(c, 'a', 50, 'ab')
    beat(c, 'a', 280)
    expect(c.core('a').role).toBe('leader')
    beat(c, 'a', 50)
    expect(c.core('c').role).toBe('leader')
  })

  it('one that never takes over is offered the lead less and less often', () => {
    const c = new CoreCluster('abc', { priorities: { c: 5 } })
    c.elect('a')
    let offers = 0
    for (let ms = 0; ms < 20_000; ms += 10) {
      const before = c.core('a').transferTarget
      c.tick('a', 10)
      c.drop(({ type }) => type === 'timeout-now')
      c.settle()
      if (before === undefined && c.core('a').transferTarget === 'c') offers++
    }
    // After 3, 6, 12, 24, 48, 96 and 192 timeouts.
    expect(offers).toBe(7)
    expect(c.core('a')).toMatchObject({ role: 'leader', term: 1 })
  })

  it('do not keep anybody from being elected', () => {
    const c = new CoreCluster('abc', { priorities: { c: 255 } })
    c.elect('c')
    c.elect('a', 'ab')
    expect(c.core('a').role).toBe('leader')
  })

  it('one that stands for no election does not ask for the lead', () => {
    const c = new CoreCluster('abc', { priorities: { c: 5 } })
    c.elect('a')
    beat(c, 'a', 100)
    c.step('c', { type: 'candidacy', allowed: false })
    for (let i = 0; i < 200; i++) {
      beat(c, 'a', 10)
      expect(c.core('a')).toMatchObject({ role: 'leader', transferTarget: undefined })
    }
  })

  it('cost nothing where there are none', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.tick('a', 10)
    expect(c.deliver().map(({ type }) => type)).toEqual(['append-request', 'append-request'])
    expect(c.wire.map(({ type }) => type)).toEqual(['append-response', 'append-response'])
  })
})
