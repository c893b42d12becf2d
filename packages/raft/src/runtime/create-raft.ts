import type { NodeId, Random } from '@colony/host'
import { RaftCore } from '../core/raft-core.ts'
import type { StoredState } from '../core/entry.ts'
import { RaftError } from '../errors.ts'
import type { AnyMachine } from './machine.ts'
import { resolveOptions } from './options.ts'
import type { RaftOptions, ResolvedOptions } from './raft-options.ts'
import { RaftNode } from './raft-node.ts'
import type { Raft } from './raft.ts'
import { startFromSnapshot } from './snapshots/start-from-snapshot.ts'

/** Most entries in one message: bounds what a follower works off in one turn. */
const MAX_BATCH_ENTRIES = 4096
/** Few batches in flight make larger batches under load, and so fewer fsyncs; this many still fill a link of high latency. */
const MAX_INFLIGHT_BATCHES = 16

/**
 * Starts one member of a replicated state machine and resolves once it takes part: its storage is read and its transport open.
 * A leader may not be known yet; proposals and reads wait for one.
 *
 * @throws A {@link RaftError}: `RAFT_INVALID_OPTION` for options that can't be, naming the option and its range;
 *   `RAFT_STORAGE_LOCKED`, `RAFT_STORAGE_FOREIGN`, `RAFT_STORAGE_DAMAGED` or `RAFT_STORAGE_FAILED` when the storage can't be used.
 *   An error of the host (a `ColonyError` with a `HOST_…` code) when its transport can't be opened. Nothing is left open or changed in any of these cases.
 * @category Node
 */
export async function createRaft<Machine extends AnyMachine>(
  options: RaftOptions<Machine>,
): Promise<Raft<Machine>> {
  return await startRaft(resolveOptions(options))
}

/** Starts a member whose options are complete. */
export async function startRaft<Machine extends AnyMachine>(
  resolved: ResolvedOptions<Machine>,
): Promise<RaftNode<Machine>> {
  const { host, storage, id, group, voters, memberAddresses } = resolved
  const incarnation = drawIncarnation(host.random.fork(`incarnation:${group}`))
  const stored = await storage.open({ clusterId: host.clusterId, group, nodeId: id, voters, incarnation })
  let lease: AsyncDisposable | undefined
  try {
    for (const [member, address] of memberAddresses) {
      if (member !== id) host.addresses.set(member, address)
    }
    const started = await startFromSnapshot(stored.snapshot, storage, resolved.machine, host.clock)
    lease = await host.open(id)
    const core = createCore(resolved, stored)
    requireSource(core, id)
    return new RaftNode(resolved, core, started, lease)
  } catch (error) {
    await lease?.[Symbol.asyncDispose]()
    await storage.close()
    throw error
  }
}

/** What a lone voter lost, nobody else has: it would wait for ever. */
function requireSource({ lost, membership }: RaftCore, id: NodeId): void {
  if (lost === undefined || !membership.configuration.isLoneVoter(id)) return
  throw new RaftError(
    'RAFT_STORAGE_DAMAGED',
    `Entries up to index ${lost.index} are damaged in the storage of "${id}", and as the only voter it has nobody to fetch them from. Nothing was changed. ` +
      'Put the files back from where they were changed or copied, or restore a backup.',
  )
}

/** 52 bits, which a number holds with room to spare; never 0. */
function drawIncarnation(random: Random): number {
  return random.integer(0, 2 ** 20 - 1) * 2 ** 32 + random.integer(1, 2 ** 32 - 1)
}

function createCore<Machine extends AnyMachine>(
  options: ResolvedOptions<Machine>,
  stored: StoredState,
): RaftCore {
  const { id, voters, host, electionTimeoutMs, heartbeatIntervalMs, maxBatchBytes, group } = options
  const { maxClockDrift, shared } = options
  return new RaftCore(
    {
      id,
      voters: stored.founders ?? voters,
      electionTimeoutMs,
      heartbeatIntervalMs,
      ...(maxClockDrift !== undefined && { maxClockDrift }),
      ...(shared !== undefined && { quietAfterMs: shared.quietAfterMs }),
      maxBatchBytes,
      maxBatchEntries: MAX_BATCH_ENTRIES,
      maxInflightBatches: MAX_INFLIGHT_BATCHES,
      maxInflightBytes: options.maxInflightBytes,
      priority: options.priority,
      incarnation: stored.incarnation ?? 0,
      addresses: options.memberAddresses,
      wipedNodes: options.wipedNodes,
      foundingPatience: options.foundingPatience,
      random: host.random.fork(`raft:${group}`),
    },
    stored,
    host.clock.now(),
  )
}
