import { requireInteger } from '@colony/host'
import { invalidOption, LAST_FIRST_EPOCH, type ResolvedOptions } from './options.ts'
import type { SchemaShape } from './schema.ts'

/** 2025-01-01, 00:00 UTC: where epochs begin. */
const EPOCH_ORIGIN_MS = 1_735_689_600_000

/** Which life of the node begins. */
export async function findEpoch({
  epoch,
  wallNow,
}: Pick<ResolvedOptions<SchemaShape>, 'epoch' | 'wallNow'>): Promise<number> {
  if (typeof epoch === 'number') return epoch
  if (epoch !== undefined)
    return requireInteger(invalidOption, 'what epoch() gives', await epoch(), 0, LAST_FIRST_EPOCH)
  // A clock that stands before 2025 was never set: its life is the first, and the others will tell of later ones.
  return Math.min(Math.max(0, Math.floor(wallNow() - EPOCH_ORIGIN_MS)), LAST_FIRST_EPOCH)
}
