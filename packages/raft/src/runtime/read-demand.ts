import { requireDuration, requireInteger, requireOneOf } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import { RaftError } from '../errors.ts'
import { invalidOption } from './options.ts'
import type { ReadConsistency } from './consistency.ts'
import type { ReadOptions } from './raft.ts'

/** What a read has to be given before it may run. */
export interface ReadDemand {
  readonly consistency: ReadConsistency
  /** For `bounded`: how old the state may be. */
  readonly maxStalenessMs: number
  /** This node must have applied it. */
  readonly after: LogIndex
}

/** Every level, the strictest first. */
export const CONSISTENCIES: readonly ReadConsistency[] = ['linearizable', 'lease', 'bounded', 'local']
const MAX_STALENESS_MS = 2 ** 31 - 1
/** What nearly every read asks for. */
const DEFAULT: ReadDemand = { consistency: 'linearizable', maxStalenessMs: 0, after: 0 }

/**
 * Checks what a caller asks for.
 * @throws A {@link RaftError} with code `RAFT_INVALID_OPTION`, or `RAFT_NO_LEASES` where `leases` are not allowed.
 */
export function readDemand(options: ReadOptions, leases: boolean): ReadDemand {
  if (options.consistency === undefined && options.after === undefined) {
    if (options.maxStalenessMs !== undefined) throw stalenessWithout('linearizable')
    return DEFAULT
  }
  const { after = 0, maxStalenessMs } = options
  const consistency = requireOneOf(
    invalidOption,
    'consistency',
    options.consistency ?? 'linearizable',
    CONSISTENCIES,
  )
  requireInteger(invalidOption, 'after', after, 0, Number.MAX_SAFE_INTEGER)
  if (consistency === 'lease' && !leases) throw noLeases()
  if (consistency !== 'bounded') {
    if (maxStalenessMs !== undefined) throw stalenessWithout(consistency)
    return { consistency, maxStalenessMs: 0, after }
  }
  requireDuration(invalidOption, 'maxStalenessMs', maxStalenessMs, 1, MAX_STALENESS_MS)
  return { consistency, maxStalenessMs: maxStalenessMs ?? 0, after }
}

/** An age that is asked for and then not looked at would be believed in. */
function stalenessWithout(consistency: ReadConsistency): Error {
  return invalidOption(`maxStalenessMs goes with consistency 'bounded', not with '${consistency}'`)
}

function noLeases(): RaftError {
  const problem = "consistency 'lease' trusts clocks, and this node has no maxClockDrift that says how far"
  return new RaftError(
    'RAFT_NO_LEASES',
    `${problem}; give every member of the group the same one, or read with consistency 'linearizable'`,
  )
}
