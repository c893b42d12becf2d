import {
  MAX_NAME_BYTES,
  jsonCodec,
  requireDuration,
  requireInteger,
  requireMethods,
  requireName,
  requireOneOf,
  showValue,
  type Fail,
  type NodeId,
} from '@colony/host'
import { ENTRY_OVERHEAD_BYTES } from '../core/log.ts'
import { RaftError } from '../errors.ts'
import type { AnyMachine, CommandOf, ResultOf } from './machine.ts'
import { requireWholeSupport, resolveSnapshotOptions } from './snapshots/snapshot-options.ts'
import { requireNodes, type NamedNodes } from './member-options.ts'
import type { RaftOptions, ResolvedOptions } from './raft-options.ts'
import { resolveSessionOptions } from './session-options.ts'

/** Most that a frame holds beside the entries of a batch or the data of a forwarded proposal. */
export const FRAME_OVERHEAD_BYTES = 512
/** A batch this large fills the pipe on any network; larger ones would only delay the heartbeats behind them. */
const PREFERRED_BATCH_BYTES = 1024 * 1024
/** Most that a storage's record holds beside its entries, each counted with {@link ENTRY_OVERHEAD_BYTES}. */
export const RECORD_OVERHEAD_BYTES = 1024
/** Below this a storage could not hold what a node writes of its own. */
const MIN_RECORD_BYTES = 4 * RECORD_OVERHEAD_BYTES
const MAX_GROUP_BYTES = 200
const MAX_TIMER_MS = 2 ** 31 - 1
/** With more, a lease would be over before the next heartbeat is answered. */
const MAX_CLOCK_DRIFT = 0.5

/** How the options of this package fail. */
export const invalidOption: Fail = (message) => new RaftError('RAFT_INVALID_OPTION', message)

/** How the options of a proposal fail. */
export const invalidProposal: Fail = (message) =>
  new RaftError('RAFT_INVALID_OPTION', message, { outcome: 'rejected' })

const OPTION_NAMES: readonly string[] = [
  'id',
  'members',
  'host',
  'storage',
  'machine',
  'join',
  'wipedNodes',
  'foundingPatience',
  'group',
  'codec',
  'resultCodec',
  'electionTimeoutMs',
  'heartbeatIntervalMs',
  'maxClockDrift',
  'priority',
  'diskStallMs',
  'snapshots',
  'sessions',
  'proposalTimeoutMs',
  'maxCommandBytes',
  'maxPendingProposals',
  'maxPendingBytes',
  'maxInflightBytes',
] satisfies (keyof RaftOptions<AnyMachine>)[]

/** Checks options and fills in the defaults. */
export function resolveOptions<Machine extends AnyMachine>(
  options: RaftOptions<Machine>,
): ResolvedOptions<Machine> {
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name)) {
      throw invalidOption(`${name} is no option of createRaft; there are ${OPTION_NAMES.join(', ')}`)
    }
  }
  const id = requireName(invalidOption, 'id', options.id)
  const join = requireFlag('join', options.join ?? false)
  const named = requireMembers(options.members, id, join)
  requireMethods(invalidOption, 'host', options.host, ['open'])
  requireMethods(invalidOption, 'storage', options.storage, ['open', 'persist', 'close'])
  requireMethods<AnyMachine>(invalidOption, 'machine', options.machine, ['apply'])
  const group = requireName(invalidOption, 'group', options.group ?? 'default')
  if (new TextEncoder().encode(group).length > MAX_GROUP_BYTES) {
    throw invalidOption(`group must be 1 to ${MAX_GROUP_BYTES} bytes of UTF-8`)
  }
  const electionTimeoutMs = requireDuration(
    invalidOption,
    'electionTimeoutMs',
    options.electionTimeoutMs ?? 400,
    50,
    60_000,
  )
  const largest = largestEntry(options)
  const maxCommandBytes = requireInteger(
    invalidOption,
    'maxCommandBytes',
    options.maxCommandBytes ?? Math.min(1024 * 1024, largest),
    1,
    largest,
  )
  requireDrift(options.maxClockDrift)
  requireWholeSupport(invalidOption, options.storage, options.machine)
  return {
    ...options,
    id,
    join,
    wipedNodes: requireOneOf(invalidOption, 'wipedNodes', options.wipedNodes ?? 'rejoin', [
      'rejoin',
      'refuse',
    ]),
    foundingPatience: requirePatience(options.foundingPatience ?? 4),
    voters: join ? [] : named.ids,
    memberIds: named.ids,
    memberAddresses: named.addresses,
    group,
    codec: options.codec ?? jsonCodec<CommandOf<Machine>>(),
    resultCodec: options.resultCodec ?? jsonCodec<ResultOf<Machine>>(),
    electionTimeoutMs,
    heartbeatIntervalMs: requireDuration(
      invalidOption,
      'heartbeatIntervalMs',
      options.heartbeatIntervalMs ?? Math.min(50, electionTimeoutMs / 3),
      5,
      electionTimeoutMs / 3,
    ),
    snapshots: resolveSnapshotOptions(invalidOption, options.snapshots),
    rememberLimits: resolveSessionOptions(invalidOption, options.sessions),
    priority: requireInteger(invalidOption, 'priority', options.priority ?? 0, 0, 255),
    diskStallMs: requireDuration(
      invalidOption,
      'diskStallMs',
      options.diskStallMs ?? 4 * electionTimeoutMs,
      10,
      MAX_TIMER_MS,
    ),
    proposalTimeoutMs: requireTimeout('proposalTimeoutMs', options.proposalTimeoutMs ?? 10_000),
    maxCommandBytes,
    maxPendingProposals: requireInteger(
      invalidOption,
      'maxPendingProposals',
      options.maxPendingProposals ?? 16_384,
      1,
      1_000_000,
    ),
    maxPendingBytes: requireInteger(
      invalidOption,
      'maxPendingBytes',
      options.maxPendingBytes ?? Math.max(64 * 1024 * 1024, maxCommandBytes),
      maxCommandBytes,
      4 * 1024 ** 3,
    ),
    maxInflightBytes: requireInteger(
      invalidOption,
      'maxInflightBytes',
      options.maxInflightBytes ?? 16 * 1024 * 1024,
      4 * 1024,
      1024 ** 3,
    ),
    maxBatchBytes: Math.min(PREFERRED_BATCH_BYTES, largest - ENTRY_OVERHEAD_BYTES),
  }
}

/** Lets a timeout pass that a timer can hold. */
export function requireTimeout(option: string, value: unknown, fail: Fail = invalidOption): number {
  return requireDuration(fail, option, value, 1, MAX_TIMER_MS)
}

function requireDrift(drift: unknown): void {
  if (drift === undefined || (typeof drift === 'number' && drift > 0 && drift <= MAX_CLOCK_DRIFT)) return
  throw invalidOption(
    `maxClockDrift must be a number above 0 and at most ${MAX_CLOCK_DRIFT}, not ${showValue(drift)}`,
  )
}

function requirePatience(elections: unknown): number {
  if (elections === Infinity || (Number.isSafeInteger(elections) && (elections as number) >= 0))
    return elections as number
  throw invalidOption(
    `foundingPatience must be a whole number from 0, or Infinity, not ${showValue(elections)}`,
  )
}

function requireFlag(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalidOption(`${option} must be true or false, not ${showValue(value)}`)
}

/** How large a command may be at most: it has to fit into a frame and into a record of the storage. */
function largestEntry({ host, storage }: RaftOptions<AnyMachine>): number {
  const { maxFrameBytes } = host.transport.capabilities
  const { maxRecordBytes = Number.POSITIVE_INFINITY } = storage
  if (!(maxRecordBytes >= MIN_RECORD_BYTES)) {
    throw invalidOption(`storage.maxRecordBytes must be at least ${MIN_RECORD_BYTES}, not ${maxRecordBytes}`)
  }
  const forFrame = maxFrameBytes - FRAME_OVERHEAD_BYTES - MAX_NAME_BYTES
  const forRecord = maxRecordBytes - RECORD_OVERHEAD_BYTES - MAX_NAME_BYTES - ENTRY_OVERHEAD_BYTES
  return Math.min(64 * 1024 * 1024, forFrame, forRecord)
}

function requireMembers(members: RaftOptions<AnyMachine>['members'], id: NodeId, join: boolean): NamedNodes {
  const named = requireNodes(invalidOption, 'members', members)
  if (join) return named
  if (named.ids.length === 0)
    throw invalidOption('members must not be empty: it names every voter, this node included')
  if (!named.ids.includes(id))
    throw invalidOption(`members must include this node, "${id}"; they are ${named.ids.join(', ')}`)
  return named
}
