import type { SimulatedNode } from '@colony/testing'
import { FenceGuard, LockError } from '../../src/index.ts'
import { serveLinks } from './links/server-links.ts'
import { type Run, STORE } from './lock-run.ts'

/** What a holder asks the store to do. */
export interface StoreWrite {
  readonly key: string
  /** In decimal digits; absent where the backend has no tokens: then nothing is refused. */
  readonly token?: string
  /** Which lock. */
  readonly holder: string
}

/** Starts what locks are to protect: it lets a write pass if its token is as great as any that it has seen. */
export function startStore(node: SimulatedNode<never>, run: Run): void {
  const { state } = run
  let guard = state.disks.get(STORE) as FenceGuard | undefined
  if (guard === undefined) state.disks.set(STORE, (guard = new FenceGuard()))
  const guarding = guard
  serveLinks(node, run.world as never, {
    connected: (session) => session,
    asked: (_session, question) => write(run, guarding, question as StoreWrite),
  })
}

function write(run: Run, guard: FenceGuard, { key, token, holder }: StoreWrite): 'written' | 'refused' {
  if (token === undefined) return 'written'
  try {
    guard.check(key, BigInt(token))
  } catch (error) {
    if (!(error instanceof LockError) || error.code !== 'LOCK_STALE_TOKEN') throw error
    run.sometimes('a stale write was refused')
    return 'refused'
  }
  const { writers } = run.state
  const known = writers.get(key)
  if (known === undefined) {
    writers.set(key, { last: holder, earlier: new Set() })
  } else if (known.last !== holder) {
    if (known.earlier.has(holder))
      run.fail('writes of holders do not mix', `${holder} has written to '${key}' after ${known.last}`)
    known.earlier.add(known.last)
    known.last = holder
  }
  return 'written'
}
