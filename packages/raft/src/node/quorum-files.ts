import { nodeDisk } from '@colony/host/node'
import { forceRecovery, type ForcedRecovery, type ForceOptions } from '../recovery/force-recovery.ts'
import { planRecovery as planOn, type RecoveryPlan } from '../recovery/recovery-plan.ts'
import { checksum, withDirectory } from './log-files.ts'

/**
 * What can be saved of a group that lost its quorum for good, from the directories of those nodes that are left; as `raft quorum plan` does. All of them must be stopped. Changes nothing.
 * @throws A {@link RaftError}: `RAFT_RECOVERY_REFUSED` when the logs are not those of different nodes of one group, can't be used, or contradict each other; `RAFT_STORAGE_LOCKED` when a process uses one of them;
 *   `RAFT_STORAGE_FAILED` when one can't be read.
 * @category Recovery
 */
export async function planQuorumRecovery(directories: readonly string[]): Promise<RecoveryPlan> {
  return await withDirectories(
    directories,
    async (paths) => (await planOn(nodeDisk(), paths, checksum())).plan,
  )
}

/**
 * Makes the best of these logs the beginning of a new cluster, as `raft quorum force` does: see {@link ForceOptions}. Start that node with the new cluster id, and the others on empty directories with `join: true`.
 * @throws A {@link RaftError}: `RAFT_RECOVERY_REFUSED` when the survivors are a quorum, the loss was not accepted, or for what {@link planQuorumRecovery} refuses; and what that throws.
 * @category Recovery
 */
export async function forceQuorumRecovery(
  directories: readonly string[],
  options: ForceOptions,
): Promise<ForcedRecovery> {
  return await withDirectories(
    directories,
    async (paths) => await forceRecovery(nodeDisk(), paths, checksum(), options, new Date().toISOString()),
  )
}

/** Holds all of them at once, so that nothing changes between looking and writing. */
async function withDirectories<Result>(
  directories: readonly string[],
  use: (paths: readonly string[]) => Promise<Result>,
  held: readonly string[] = [],
): Promise<Result> {
  const next = directories[held.length]
  if (next === undefined) return await use(held)
  return await withDirectory(next, async (path) => await withDirectories(directories, use, [...held, path]))
}
