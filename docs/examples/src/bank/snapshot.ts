import type { NodeId } from '@colony/host'
import type { RaftStatus } from '@colony/raft'
import type { ProcessState } from './bank-node.ts'
import type { Fault } from './fault-injector.ts'
import type { LiveFigures } from './live-metrics.ts'

/** Where a run stands. */
export type Phase = 'starting' | 'running' | 'finishing' | 'verifying' | 'done'

/** One node as it is shown. */
export interface NodeView {
  readonly id: NodeId
  readonly pid: number | undefined
  readonly state: ProcessState
  /** What it said last. */
  readonly status: RaftStatus | undefined
}

/** Everything that a view shows, at one moment. */
export interface Snapshot {
  readonly phase: Phase
  readonly seed: number
  readonly clients: number
  /** Since the load began. */
  readonly elapsedMs: number
  readonly totalMs: number
  readonly nodes: readonly NodeView[]
  /** Undefined before the load. */
  readonly figures: LiveFigures | undefined
  /** What has happened, the current one last. */
  readonly faults: readonly Fault[]
  /** How many there will be. */
  readonly plannedFaults: number
  /** The time that `startedAt` of the faults is compared with. */
  readonly now: number
}

/** Shows a run while it goes on. */
export interface View {
  /** Shows the moment. Called several times a second. */
  update(snapshot: Snapshot): void
  /** Leaves the terminal as it was. Idempotent. */
  close(): void
}

/** The fault that is happening, if one is. */
export function currentFault({ faults }: Snapshot): Fault | undefined {
  const last = faults.at(-1)
  return last?.endedAt === undefined ? last : undefined
}
