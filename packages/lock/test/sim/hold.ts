import type { Clock, NodeId } from '@colony/host'
import type { Capabilities, Claim, Keys, Lock } from '../../src/index.ts'
import type { MutexHold } from './judge/mutex-history.ts'
import type { ClientService, Run } from './lock-run.ts'
import type { StoreWrite } from './store.ts'

/** One lock as it is planned: plain data. */
export interface HoldPlan {
  readonly claims: readonly Claim[]
  readonly ttl: number
  readonly wait: number
  readonly holdMs: number
  readonly autoExtend: boolean
  /** Never gives it back. */
  readonly forgets: boolean
  /** Gives up waiting after so many milliseconds. */
  readonly abortMs?: number
}

/** Who takes it: one process of a client. */
export interface Holder {
  readonly id: NodeId
  readonly incarnation: number
  readonly clock: Clock
}

type AnyLock = Lock<Capabilities> & { readonly fencingToken: bigint }

/** Between two writes of a holder, in milliseconds. */
const WRITE_EVERY_MS = 60

/** Takes a lock, writes to the store while it is held, and gives it back. */
export async function hold(
  run: Run,
  holder: Holder,
  service: ClientService,
  plan: HoldPlan,
): Promise<string> {
  const { world } = run
  const askedAt = world.now
  const lock = await acquire(run, holder, service, plan)
  const records = granted(run, holder, lock, plan, askedAt)
  lock.signal.addEventListener('abort', () => {
    for (const record of records.holds) record.endedAt = Math.min(record.endedAt, world.now)
  })
  const until = holder.clock.now() + plan.holdMs
  while (holder.clock.now() < until && lock.isHeld) {
    for (const { key } of plan.claims) write(service, records.scope + key, lock, records.name)
    await sleep(holder.clock, Math.min(WRITE_EVERY_MS, Math.max(1, until - holder.clock.now())))
  }
  if (!lock.isHeld) run.sometimes('a holder lost its lock')
  if (plan.forgets && !plan.autoExtend) return 'forgotten'
  for (const record of records.holds) record.releasingAt = world.now
  const { released } = await lock.release()
  if (released) for (const record of records.holds) record.releasedAt = world.now
  return released ? 'released' : 'over'
}

async function acquire(run: Run, holder: Holder, service: ClientService, plan: HoldPlan): Promise<AnyLock> {
  const { pending } = run.state
  const name = `${holder.id}/${holder.incarnation} at ${run.world.now} #${(lastPending += 1)}`
  const aborter = new AbortController()
  const timer =
    plan.abortMs === undefined
      ? undefined
      : holder.clock.after(plan.abortMs, () => aborter.abort(new Error('the client has given up')))
  pending.set(name, { node: holder.id, incarnation: holder.incarnation })
  try {
    const { ttl, wait, autoExtend } = plan
    const options = { ttl, wait, autoExtend, maxHold: 10_000, signal: aborter.signal }
    return (await service.locks.acquire(plan.claims.map(keyOf) as Keys<Capabilities>, options)) as AnyLock
  } finally {
    pending.delete(name)
    timer?.[Symbol.dispose]()
  }
}

let lastPending = 0

function keyOf({ key, shared, permits, limit }: Claim): unknown {
  if (shared) return { key, mode: 'shared' }
  return limit > 1 ? { key, permits, of: limit } : key
}

/** Notes the grant, and lets it be judged. */
function granted(
  run: Run,
  holder: Holder,
  lock: AnyLock,
  plan: HoldPlan,
  askedAt: number,
): { readonly name: string; readonly scope: string; readonly holds: readonly MutexHold[] } {
  const { world, state } = run
  const { promises, isLocal = false } = state.model
  const grantedAt = world.now
  const name = `${holder.id}/${holder.incarnation} at ${grantedAt} ms`
  const scope = isLocal ? `${holder.id}/${holder.incarnation} ` : ''
  const claims = plan.claims.map((claim) => ({ ...claim, key: scope + claim.key }))
  const token = promises.tokens ? lock.fencingToken : undefined
  const holds = claims
    .filter(({ shared, limit }) => !shared && limit === 1)
    .map(({ key }): MutexHold => {
      const never = Number.POSITIVE_INFINITY
      return { key, token, askedAt, grantedAt, releasingAt: never, releasedAt: never, endedAt: never }
    })
  state.holds.push(...holds.filter(({ key }) => !key.endsWith('rw')))
  const believer = {
    name,
    claims,
    believes: () => state.lives(holder) && lock.isHeld,
    over: () => {
      for (const record of holds) record.endedAt = Math.min(record.endedAt, world.now)
    },
  }
  const problem = state.believers.add(believer)
  if (problem !== undefined) {
    if (promises.exclusion) run.fail('locks exclude each other', problem)
    else run.sometimes('two believed to have a lock')
  }
  if (token !== undefined) {
    for (const { key } of claims) {
      const wrong = state.tokens.add({ name, key, askedAt, grantedAt, token })
      if (wrong !== undefined) run.fail('tokens grow', wrong)
    }
  }
  return { name, scope, holds }
}

/** A write that is under way while the holder goes on, as effects are: it may reach the store when the lock is over. */
function write(service: ClientService, key: string, lock: AnyLock, holder: string): void {
  const isFenced = service.backend.capabilities.fencing
  const request: StoreWrite = { key, holder, ...(isFenced && { token: `${lock.fencingToken}` }) }
  service.store.request(request).catch(() => undefined)
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}
