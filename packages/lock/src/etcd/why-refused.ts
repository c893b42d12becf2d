import type { Clock } from '@colony/host'
import type { GrantRequest, NotGranted } from '../backend.ts'
import { withDeadline } from './deadline.ts'
import type { EtcdClient, EtcdOperation } from './etcd-client.ts'
import { entriesOf, type Layout } from './layout.ts'
import type { Sessions } from './sessions.ts'

/** What the question needs of the backend. */
export interface AskedOf {
  readonly client: EtcdClient
  readonly clock: Clock
  readonly timeoutMs: number
  readonly layout: Layout
  readonly sessions: Sessions
}

const BUSY: NotGranted = { refused: 'busy' }

/** Why etcd has let nobody line up: somebody is in the way of who does not wait, or says another number of permits. `undefined`: it was that, and is over. */
export async function whyRefused(
  { client, clock, timeoutMs, layout, sessions }: AskedOf,
  { claims, waitMs }: GrantRequest,
): Promise<NotGranted | undefined> {
  // A mutex that is busy is not worth another question.
  if (waitMs === 0 && claims.every(({ limit }) => limit === 1)) return BUSY
  const unfit = claims.flatMap((claim) => layout.unfit(claim).map((keys) => ({ claim, keys })))
  const success = unfit.map(({ keys }): EtcdOperation => ({ type: 'range', ...keys, limit: 1 }))
  const { results } = await withDeadline(clock, timeoutMs, (signal) =>
    client.txn({ compare: [], success }, signal),
  )
  for (const [index, { claim }] of unfit.entries()) {
    const [place] = entriesOf(results, index)
    if (place === undefined) continue
    const session = sessions.owing(place.key)
    if (session === undefined) return { refused: 'mismatch', key: claim.key }
    // Whoever of this process had it has given it up: only its deletion is still under way.
    await session.delete([place.key])
    return undefined
  }
  return waitMs === 0 ? BUSY : undefined
}
