import type { Observer } from '@colony/host'
import type { RaftCore } from '../core/raft-core.ts'
import type { Input, Outputs } from '../core/step.ts'
import type { RaftError } from '../errors.ts'
import type { RaftStorage } from '../storage/storage.ts'
import type { Applier } from './applier.ts'
import type { ApplyQueue } from './apply-queue.ts'
import { DiskTrouble } from './disk-trouble.ts'
import type { GroupCommit } from './group-commit.ts'
import type { AnyMachine } from './machine.ts'
import type { WriteMeter } from './metrics.ts'
import type { ResolvedOptions } from './raft-options.ts'
import type { Route } from './route.ts'
import type { StartedFrom } from './snapshots/start-from-snapshot.ts'
import { Snapshots } from './snapshots/snapshots.ts'
import { Transfers } from './transfers.ts'

/** What the parts of a driver need of it. */
export interface DriverControl extends Route {
  readonly core: RaftCore
  /** Feeds the core, and carries out what it asks. */
  step(input: Input): Outputs
  /** Stops the node for good. */
  fail(error: RaftError): void
}

/** What snapshots are made of and put into. */
export interface SnapshotState<Machine extends AnyMachine> {
  readonly storage: RaftStorage
  readonly applier: Applier<Machine>
  readonly machine: ApplyQueue<Machine>
  /** The newest one, if the node started from it. */
  readonly started: StartedFrom | undefined
  /** Told of what is done. */
  readonly observer: Observer
}

/** The snapshots of a node. */
export function createSnapshots<Machine extends AnyMachine>(
  driver: DriverControl,
  { host, machine, snapshots }: ResolvedOptions<Machine>,
  state: SnapshotState<Machine>,
): Snapshots {
  const { applier, started } = state
  if (started !== undefined) applier.remember(started.remembered)
  return new Snapshots({
    route: driver,
    host,
    observer: state.observer,
    core: driver.core,
    storage: state.storage,
    machine,
    options: snapshots,
    started,
    applied: () => state.machine.applied,
    appliedBytes: () => state.machine.bytes,
    remembered: () => applier.remembered(),
    restored: (index, remembered) => {
      applier.remember(remembered)
      state.machine.restored(index)
    },
    step: (input) => void driver.step(input),
    fail: (error) => driver.fail(error),
  })
}

/** Who watches over a node's disk. */
export function createDiskTrouble<Machine extends AnyMachine>(
  driver: DriverControl,
  { host, diskStallMs }: ResolvedOptions<Machine>,
  { meter, commits }: { readonly meter: WriteMeter; readonly commits: GroupCommit },
  tell: (type: string, level: 'info' | 'warn' | 'error', fields: Record<string, unknown>) => void,
): DiskTrouble {
  return new DiskTrouble({
    clock: host.clock,
    core: driver.core,
    stallMs: diskStallMs,
    writingSince: () => (commits.writing ? meter.startedAt : undefined),
    step: (input) => void driver.step(input),
    wake: () => driver.wake(),
    retryWrite: () => commits.retry(),
    full: (retryMs) => tell('raft.disk-full', 'error', { retryMs }),
    roomAgain: () => tell('raft.disk-room-again', 'info', {}),
    stalled: (ms) => tell('raft.disk-stall', 'warn', { ms }),
    stop: (error) => driver.fail(error),
  })
}

/** The transfers of leadership that are asked of a node. */
export function createTransfers(driver: DriverControl): Transfers {
  return new Transfers(driver, {
    refusal: (to) => driver.core.transferRefusal(to),
    begin: (to) => void driver.step(to === undefined ? { type: 'transfer' } : { type: 'transfer', to }),
    underWay: () => driver.core.transferTarget !== undefined,
  })
}
