import { expect, it } from 'vitest'
import { type Capabilities, createLocks, type LockBackend } from '../../src/index.ts'

/** Grants whatever is asked for, and has no tokens. */
const backend: LockBackend<Capabilities & { readonly fencing: false }> = {
  name: 'tokenless',
  capabilities: { fencing: false, shared: false, semaphore: false, owners: false, values: false },
  acquire: () => ({ startedAt: performance.now(), token: 0 }),
  extend: () => performance.now(),
  release: () => true,
  close: () => Promise.resolve(),
}

it('a lock of a backend without fencing has no token, neither for the compiler nor when it runs', async () => {
  await using lock = await createLocks(backend).acquire('a')
  // @ts-expect-error The type has none.
  const untyped: { readonly fencingToken: bigint } = lock
  expect(() => untyped.fencingToken).toThrow("the backend 'tokenless' has no fencing tokens")
})
