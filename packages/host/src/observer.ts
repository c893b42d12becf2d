import type { NodeId } from './core/identity.ts'

/**
 * How much an event matters: `debug` for tracing, `info` for normal life, `warn` for what an operator should look at,
 * `error` for what needs a person.
 * @category Observability
 */
export type ObservedLevel = 'debug' | 'info' | 'warn' | 'error'

/**
 * One thing that happened, as data. Fields beside these depend on `type` and are documented by the package that raises it.
 * @category Observability
 */
export interface ObservedEvent {
  /** Stable dotted name: `transport.peer-refused`, `raft.leader-elected`. */
  readonly type: string
  /** How much it matters. */
  readonly level: ObservedLevel
  /** The node at which it happened, where one is known. */
  readonly node?: NodeId
  /** What else is known: plain data only. */
  readonly [field: string]: unknown
}

/**
 * Receives every structured event of a host and of what runs on it: the one hook for logs, metrics and traces.
 * Called synchronously, so it should be quick; what it throws is swallowed.
 * @category Observability
 */
export type Observer = (event: ObservedEvent) => void

/** Calls an observer so that nothing it throws reaches a protocol. */
export function observe(observer: Observer | undefined, event: ObservedEvent): void {
  if (observer === undefined) return
  try {
    observer(event)
  } catch {
    // An observer is diagnostics: a broken one must not break what it looks at, and there is nobody left to tell.
  }
}
