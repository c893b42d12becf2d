import { describe, expect, test } from 'vitest'
import { CoreCluster } from './core-cluster.ts'

/** Three nodes under `a`, which hold `x` and `y` behind the no-op, all committed. */
function cluster(): CoreCluster {
  const c = new CoreCluster('abc')
  c.elect('a')
  c.propose('a', 'x', 'y')
  c.settle()
  c.tick('a', 20)
  c.settle()
  expect(c.core('b').commitIndex).toBe(3)
  return c
}

describe('a node that lost entries', () => {
  test('is sent them again by the leader that counted them', () => {
    const c = cluster()
    c.restartDamaged('b', 2)
    expect(c.log('b')).toBe('1:')
    expect(c.core('b').lost).toEqual({ index: 3, term: 1 })
    c.tick('a', 20)
    c.settle()
    expect(c.log('b')).toBe('1: 1:x 1:y')
    expect(c.core('b').lost).toBeUndefined()
  })

  test('does not count for entries that it lost, until it has them again', () => {
    const c = cluster()
    // `b` alone has taken `z`; nobody was told that it is committed.
    c.propose('a', 'z')
    c.persist('a')
    c.deliver(({ to }) => to === 'b')
    c.persist('b')
    c.drop()
    c.restartDamaged('b', 2)
    expect(c.core('a').commitIndex).toBe(3)
    c.tick('a', 20)
    // The refusal, and nothing of what it brings about.
    c.deliver(({ to }) => to === 'b')
    c.persist('b')
    c.deliver(({ from }) => from === 'b')
    c.drop()
    expect(c.core('a').commitIndex).toBe(3)
    c.tick('a', 20)
    c.settle('ab')
    expect(c.core('a').commitIndex).toBe(4)
    expect(c.log('b')).toBe('1: 1:x 1:y 1:z')
  })

  test('stands for no election', () => {
    const c = cluster()
    c.restartDamaged('b', 2)
    c.tick('b', 1000)
    expect(c.core('b').role).toBe('follower')
    expect(c.wire).toEqual([])
    c.step('b', { type: 'message', message: { type: 'timeout-now', from: 'a', to: 'b', term: 1 } })
    expect(c.core('b').role).toBe('follower')
  })

  test('elects nobody who lacks what it held, though it lacks it itself', () => {
    const c = new CoreCluster('abc')
    c.elect('a')
    c.settle()
    // Committed by `a` and `b`; `c` knows nothing of it.
    c.propose('a', 'x')
    c.settle('ab')
    expect(c.core('a').commitIndex).toBe(2)
    c.restartDamaged('b', 2)
    c.now += 1000
    c.tick('c')
    c.settle('bc')
    expect(c.core('c').role).not.toBe('leader')
  })

  test('elects whoever has what it held', () => {
    const c = cluster()
    c.restartDamaged('b', 1)
    c.now += 1000
    c.tick('c')
    c.settle('bc')
    expect(c.core('c').role).toBe('leader')
    c.tick('c', 20)
    c.settle('bc')
    expect(c.log('b')).toBe('1: 1:x 1:y 2:')
    expect(c.core('b').lost).toBeUndefined()
    c.now += 1000
    c.tick('b')
    expect(c.core('b').role).toBe('pre-candidate')
  })

  test('an acknowledgement of an earlier life does not keep it from being sent them', () => {
    const c = cluster()
    c.propose('a', 'z')
    c.settle('ab')
    c.tick('a', 20)
    c.deliver(({ to }) => to === 'b')
    const late = c.drop(({ from }) => from === 'b')
    expect(late).toMatchObject([{ type: 'append-response', index: 4 }])
    c.restartDamaged('b', 2)
    c.tick('a', 20)
    c.deliver(({ to }) => to === 'b')
    c.deliver(({ from }) => from === 'b')
    for (const message of late) c.step('a', { type: 'message', message })
    c.tick('a', 20)
    c.settle('ab')
    c.tick('a', 20)
    c.settle('ab')
    expect(c.log('b')).toBe('1: 1:x 1:y 1:z')
  })
})
