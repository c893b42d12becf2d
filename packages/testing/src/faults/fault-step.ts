import type { NodeId } from '@colony/host'
import type { LinkChange } from '../network/link-settings.ts'

/**
 * One fault, or the end of one, as plain JSON. `at` is simulated milliseconds since the world began. What a protocol must survive:
 *
 * - `crash`: the process is gone, and with it what was not synced (`power: false`: that stays, as after `kill -9`). At any point, any minority for ever, all of them if they come back.
 * - `restart`: a new process on the same disk, with a fresh clock. Also right after the crash, and in the middle of a recovery.
 * - `pause`, `resume`: nothing runs for a while, then everything that waited at once, timers first. What was held may be another's by then.
 * - `partition`: groups that cannot talk. The side with a quorum must go on, the other must not lie.
 * - `cut`: single directions of links. A node that hears but is not heard must not keep others from working for ever.
 * - `heal`: links work again (all, or those named). Afterwards everything must make progress.
 * - `network`: links become lossy, slow, duplicating, reordering; `null` ends it.
 * - `clock`: a node's clock drifts or jumps forwards. Safety may rest on bounded drift only where a protocol says so.
 * - `timers`: a node's event loop gets sluggish (0 ends it).
 *
 * A step that makes no sense when its time comes (crash of a node that is down) does nothing, so any part of a schedule is a schedule.
 * @category Faults
 */
export type FaultStep =
  | { readonly at: number; readonly do: 'crash'; readonly node: NodeId; readonly power?: boolean }
  | { readonly at: number; readonly do: 'restart'; readonly node: NodeId }
  | { readonly at: number; readonly do: 'pause'; readonly node: NodeId }
  | { readonly at: number; readonly do: 'resume'; readonly node: NodeId }
  | { readonly at: number; readonly do: 'partition'; readonly groups: readonly (readonly NodeId[])[] }
  | {
      readonly at: number
      readonly do: 'cut'
      readonly links: readonly (readonly [from: NodeId, to: NodeId])[]
    }
  | { readonly at: number; readonly do: 'heal'; readonly from?: NodeId; readonly to?: NodeId }
  | {
      readonly at: number
      readonly do: 'network'
      readonly change: LinkChange
      readonly from?: NodeId
      readonly to?: NodeId
    }
  | {
      readonly at: number
      readonly do: 'clock'
      readonly node: NodeId
      readonly rate?: number
      readonly jumpMs?: number
    }
  | { readonly at: number; readonly do: 'timers'; readonly node: NodeId; readonly slackMs: number }

/**
 * What a {@link FaultStep} does.
 * @category Faults
 */
export type FaultKind = FaultStep['do']
