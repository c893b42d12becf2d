/// <reference lib="esnext.disposable" preserve="true" />
import { channel } from 'node:diagnostics_channel'
import { requireDuration, type NodeId } from '@colony/host'
import { RaftError } from '../errors.ts'
import type { RaftMetrics } from '../runtime/metrics.ts'
import type { RaftStatus } from '../runtime/raft.ts'

const CHANNEL = 'colony:raft.metrics'
const DAY_MS = 86_400_000

/**
 * What is published about a node: {@link publishMetrics}.
 * @category Node
 */
export interface PublishedMetrics {
  /** Which node. */
  readonly node: NodeId
  /** What it is at the moment: the gauges. */
  readonly status: RaftStatus
  /** What it has counted: the counters. */
  readonly metrics: RaftMetrics
}

/**
 * What {@link publishMetrics} needs of a node; every `Raft` has it.
 * @category Node
 */
export interface Measured {
  /** Its id. */
  readonly id: NodeId
  /** What it is. */
  status(): RaftStatus
  /** What it has counted. */
  metrics(): RaftMetrics
}

/**
 * Publishes a node's status and metrics, as {@link PublishedMetrics}, on the channel `colony:raft.metrics` of `node:diagnostics_channel`, every so often for as long as somebody
 * subscribes. Does not keep the process alive.
 * @param options `everyMs`: how often, 10 ms to a day; default 10,000.
 * @returns Dispose of it to end that.
 * @throws A {@link RaftError} with code `RAFT_INVALID_OPTION`.
 * @category Node
 */
export function publishMetrics(raft: Measured, options: { readonly everyMs?: number } = {}): Disposable {
  const fail = (message: string): RaftError => new RaftError('RAFT_INVALID_OPTION', message)
  const everyMs = requireDuration(fail, 'everyMs', options.everyMs ?? 10_000, 10, DAY_MS)
  const published = channel(CHANNEL)
  const timer = setInterval(() => {
    if (!published.hasSubscribers) return
    const message: PublishedMetrics = { node: raft.id, status: raft.status(), metrics: raft.metrics() }
    published.publish(message)
  }, everyMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
