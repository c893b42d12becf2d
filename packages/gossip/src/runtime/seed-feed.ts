import type { CoreInput } from '../core/input.ts'
import type { ResolvedOptions } from './options.ts'
import type { Readiness } from './readiness.ts'
import type { Reports } from './reports.ts'
import type { SchemaShape } from './schema.ts'
import { SeedSearch } from './seeds.ts'

/** Who wants to hear of seeds. */
export interface SeedFeedParts {
  readonly feed: (input: CoreInput) => unknown
  readonly readiness: Readiness
  readonly reports: Reports
}

/** Begins to tell a core of seeds: once those of a list, again and again those that a function finds. */
export function feedSeeds(
  { seeds, host, seedIntervalMs }: Pick<ResolvedOptions<SchemaShape>, 'seeds' | 'host' | 'seedIntervalMs'>,
  { feed, readiness, reports }: SeedFeedParts,
): SeedSearch | undefined {
  if (typeof seeds !== 'function') {
    readiness.seeds(seeds.length)
    if (seeds.length > 0) feed({ type: 'seeds', seeds })
    return undefined
  }
  const search = new SeedSearch(seeds, {
    clock: host.clock,
    intervalMs: seedIntervalMs,
    found: (found) => {
      readiness.seeds(found.length)
      feed({ type: 'seeds', seeds: found })
    },
    failed: (error) => {
      readiness.searchFailed(error)
      reports.tell('seeds-failed', 'warn', { error })
    },
  })
  search.start()
  return search
}
