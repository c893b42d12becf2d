import type { Operation } from '../../src/index.ts'
import type { Timeline, TimelineEvent } from '../../src/report/index.ts'

/** A timeline of three nodes with these events. */
export function timelineOf(events: readonly TimelineEvent[], rest: Partial<Timeline> = {}): Timeline {
  return { nodes: ['a', 'b', 'c'], endMs: 100, forgotten: 0, ...rest, events }
}

/** A frame leaves. */
export function send(at: number, frame: number, from = 'a', to = 'b'): TimelineEvent {
  return { kind: 'send', at, frame, from, to, channel: 'raft', bytes: 10 }
}

/** An operation that succeeded. */
export function done(
  process: number | string,
  f: string,
  invokedAt: number,
  completedAt: number,
  rest: Partial<Operation> = {},
): Operation {
  return { process, f, key: 'x', invokedAt, completedAt, outcome: 'ok', ...rest }
}
