import { requireDuration, requireMethods, requireName, showValue, type Host, type NodeId } from '@colony/host'
import type { RaftGroupStorage } from '../../storage/groups/group-storage.ts'
import type { AnyMachine } from '../machine.ts'
import { invalidOption } from '../options.ts'
import type { RaftOptions } from '../raft-options.ts'

/**
 * How one node takes part in many groups. Durations in milliseconds. Everything is checked at once.
 * @category Node
 */
export interface RaftGroupsOptions {
  /** This node's id, the same in all of its groups. 1 to 255 bytes of UTF-8. */
  readonly id: NodeId
  /** The world to run on; left when all is closed. What all groups say to a node goes over one channel of its transport. */
  readonly host: Host
  /** Where all groups keep their terms, votes and logs: `await fileGroupStorage(directory)` of `@colony/raft/node`, or `memoryGroupStorage()`. Closed with the node. */
  readonly storage: RaftGroupStorage
  /** As {@link RaftOptions.electionTimeoutMs}, for all groups: give all nodes the same. */
  readonly electionTimeoutMs?: number
  /** As {@link RaftOptions.heartbeatIntervalMs}, for all groups; all of them speak at the same moments. */
  readonly heartbeatIntervalMs?: number
  /**
   * How long a group must have been idle before it is quiet: it then sends nothing and waits for nothing, and the nodes watch over each other once for all such groups. A command, a read,
   * a change of members, or a node that dies wakes it. Two heartbeat intervals to 2^31 - 1, or `false` for never; default two election timeouts.
   */
  readonly quietAfterMs?: number | false
}

/**
 * What `create` takes: the options of `createRaft`, but for those that all groups of a node share.
 * @category Node
 */
export interface GroupOptions<Machine extends AnyMachine> extends Omit<
  RaftOptions<Machine>,
  'id' | 'host' | 'storage' | 'electionTimeoutMs' | 'heartbeatIntervalMs' | 'group'
> {
  /** Name of the group, the same at all of its members. 1 to 200 bytes of UTF-8. */
  readonly group: string
}

/** Options with every default filled in. */
export interface ResolvedGroupsOptions extends Pick<RaftGroupsOptions, 'id' | 'host' | 'storage'> {
  readonly electionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly quietAfterMs: number
}

const OPTION_NAMES: readonly string[] = [
  'id',
  'host',
  'storage',
  'electionTimeoutMs',
  'heartbeatIntervalMs',
  'quietAfterMs',
] satisfies (keyof RaftGroupsOptions)[]
/** What a group can't have of its own. */
const SHARED_NAMES: readonly string[] = ['id', 'host', 'storage', 'electionTimeoutMs', 'heartbeatIntervalMs']
const MAX_TIMER_MS = 2 ** 31 - 1

/** Checks options and fills in the defaults. */
export function resolveGroupsOptions(options: RaftGroupsOptions): ResolvedGroupsOptions {
  for (const name of Object.keys(options)) {
    if (OPTION_NAMES.includes(name)) continue
    throw invalidOption(`${name} is no option of createRaftGroups; there are ${OPTION_NAMES.join(', ')}`)
  }
  const id = requireName(invalidOption, 'id', options.id)
  const host = requireMethods(invalidOption, 'host', options.host, ['open'])
  const storage = requireMethods(invalidOption, 'storage', options.storage, ['open', 'group', 'close'])
  const electionTimeoutMs = requireDuration(
    invalidOption,
    'electionTimeoutMs',
    options.electionTimeoutMs ?? 400,
    50,
    60_000,
  )
  const heartbeatIntervalMs = requireDuration(
    invalidOption,
    'heartbeatIntervalMs',
    options.heartbeatIntervalMs ?? Math.min(50, electionTimeoutMs / 3),
    5,
    electionTimeoutMs / 3,
  )
  const quietAfterMs = requireQuiet(options.quietAfterMs ?? 2 * electionTimeoutMs, heartbeatIntervalMs)
  return { id, host, storage, electionTimeoutMs, heartbeatIntervalMs, quietAfterMs }
}

function requireQuiet(value: number | false, heartbeatIntervalMs: number): number {
  if (value === false) return Number.POSITIVE_INFINITY
  return requireDuration(invalidOption, 'quietAfterMs', value, 2 * heartbeatIntervalMs, MAX_TIMER_MS)
}

/** Refuses what is not a group's to say. */
export function requireGroupOptions(options: object): void {
  const shared = Object.keys(options).find((name) => SHARED_NAMES.includes(name))
  if (shared !== undefined)
    throw invalidOption(`${shared} is the same for all groups: give it to createRaftGroups`)
  if (!('group' in options)) throw invalidOption(`group must name the group, not be ${showValue(undefined)}`)
}
