import { requireInteger, type Fail } from '@colony/host'
import type { RaftStorage } from '../../storage/storage.ts'
import type { AnyMachine } from '../machine.ts'

/**
 * When snapshots are made and how they are sent. They need a machine with `snapshot` and `restore`.
 * @category Node
 */
export interface SnapshotOptions {
  /**
   * A snapshot is made when so many entries were applied since the last one; also when they take four times as much space as it (but at least 16 MiB). 1 to 2^31 - 1,
   * default 10,000.
   */
  readonly everyEntries?: number
  /** How many entries before the snapshot are kept, so that a node that is a little behind needs no snapshot. 0 to 2^31 - 1, default 1,000. */
  readonly keepEntries?: number
  /** Most bytes a second that a leader sends of snapshots, to all followers together. 1,024 or more, default no limit. */
  readonly bytesPerSecond?: number
}

const NAMES: readonly string[] = [
  'everyEntries',
  'keepEntries',
  'bytesPerSecond',
] satisfies (keyof SnapshotOptions)[]
const MOST = 2 ** 31 - 1

/** Checks the options and fills in the defaults. */
export function resolveSnapshotOptions(
  fail: Fail,
  given: SnapshotOptions | undefined,
): Required<SnapshotOptions> {
  const options: unknown = given ?? {}
  if (typeof options !== 'object' || options === null) throw fail('snapshots must be an object of options')
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw fail(`snapshots.${name} is no option; there are ${NAMES.join(', ')}`)
  }
  const { everyEntries = 10_000, keepEntries = 1000, bytesPerSecond } = options as SnapshotOptions
  return {
    everyEntries: requireInteger(fail, 'snapshots.everyEntries', everyEntries, 1, MOST),
    keepEntries: requireInteger(fail, 'snapshots.keepEntries', keepEntries, 0, MOST),
    bytesPerSecond:
      bytesPerSecond === undefined
        ? Number.POSITIVE_INFINITY
        : requireInteger(fail, 'snapshots.bytesPerSecond', bytesPerSecond, 1024, Number.MAX_SAFE_INTEGER),
  }
}

/** Whether a storage and a machine can make and take snapshots. */
export function supportsSnapshots(storage: RaftStorage, machine: AnyMachine): boolean {
  const { saveSnapshot, openSnapshot, forgetLogBefore } = storage
  const methods = [saveSnapshot, openSnapshot, forgetLogBefore, machine.snapshot, machine.restore]
  return methods.every((method) => typeof method === 'function')
}

/** Refuses a machine or a storage that has only some of the methods. */
export function requireWholeSupport(fail: Fail, storage: RaftStorage, machine: AnyMachine): void {
  const { saveSnapshot, openSnapshot, forgetLogBefore } = storage
  const count = [saveSnapshot, openSnapshot, forgetLogBefore].filter((method) => method !== undefined).length
  if (count !== 0 && count !== 3)
    throw fail('storage must have saveSnapshot, openSnapshot and forgetLogBefore, or none of them')
  if ((machine.snapshot === undefined) !== (machine.restore === undefined))
    throw fail('machine must have both snapshot and restore, or neither')
}
