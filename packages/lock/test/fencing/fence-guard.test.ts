import { expect, it } from 'vitest'
import { FenceGuard } from '../../src/index.ts'

it('a guard lets tokens pass that grow or stay, and refuses smaller ones', () => {
  const guard = new FenceGuard()
  guard.check('a', 3n)
  guard.check('a', 3n)
  guard.check('a', 5n)
  guard.check('b', 1n)
  expect(() => guard.check('a', 4n)).toThrow(/LOCK_STALE_TOKEN\] 'a' has seen token 5, and refuses 4/)
  expect(() => guard.check('a', 6 as never)).toThrow(/LOCK_INVALID_OPTION/)
})

it('a guard forgets the keys that were used longest ago, and no others', () => {
  const guard = new FenceGuard({ maxKeys: 2 })
  guard.check('a', 9n)
  guard.check('b', 9n)
  guard.check('a', 9n)
  guard.check('c', 9n)
  expect(() => guard.check('a', 1n)).toThrow(/STALE/)
  guard.check('b', 1n)
})
