import type { NodeId } from '@colony/host'
import type { Scenario, SimulationRun, World } from '@colony/testing'
import type { GossipCore } from '../../src/core/gossip-core.ts'
import type { Member, Verdict } from '../../src/core/members/member.ts'
import type { GossipService } from './gossip-service.ts'
import { BoundRules } from './rules/bounds.ts'
import { ComplaintRules } from './rules/complaints.ts'
import { CopyRules } from './rules/copies.ts'
import type { Facts, RuleName, SometimesName, Step, Watcher } from './rules/facts.ts'
import { ForgettingRules } from './rules/forgetting.ts'
import { HealthStates } from './rules/health-states.ts'
import { IncarnationRules } from './rules/incarnations.ts'
import { MessageRules } from './rules/messages.ts'
import { OwnWriteRules } from './rules/own-writes.ts'
import { ProbeRules } from './rules/probes.ts'
import { SelfRules } from './rules/self.ts'
import { SharedRules } from './rules/shared-values.ts'
import { StatusRules } from './rules/statuses.ts'
import { EventRules } from './rules/told-events.ts'
import { VerdictRules } from './rules/verdicts.ts'
import type { Settings } from './settings.ts'

/** A run of the suite. */
export type Run = SimulationRun<GossipService, GossipRun>

/** Name of the cluster. */
export const CLUSTER = 'simulated'

/** Largest message of a stream. */
export const STREAM_BYTES = 65_536

/** What is remembered for longer than this is so for as long as a run lasts. */
export const LONGEST_RUN_MS = 50_000

/** How long whoever runs the processes takes to start one again that was removed. */
const RESTART_MS = 200

/** What the suite remembers of a run, and the rules that watch it. */
export class GossipRun implements Facts {
  readonly nodes: readonly NodeId[]
  readonly settings: Settings
  /** Nodes that said goodbye in their present life. */
  readonly left: Set<NodeId> = new Set()
  readonly #world: World<GossipService>
  readonly #watchers: readonly Watcher[]
  #run: Run | undefined

  constructor(scenario: Scenario, world: World<GossipService>) {
    this.nodes = scenario.nodes
    this.settings = scenario.settings as unknown as Settings
    this.#world = world
    const { timing, detector } = this.settings
    const leastSuspicionMs = timing.suspicionFactor * timing.probeIntervalMs
    const limits = { packetBytes: this.settings.packetBytes, streamBytes: STREAM_BYTES }
    this.#watchers = [
      ...[new IncarnationRules(this), new StatusRules(this), new SelfRules(this), new EventRules(this)],
      ...[
        new VerdictRules(this, leastSuspicionMs),
        new CopyRules(this),
        new MessageRules(this),
        new SharedRules(this, timing.tombstoneMs > LONGEST_RUN_MS),
      ],
      ...[new BoundRules(this, limits), new HealthStates(this), new ComplaintRules(this, CLUSTER)],
      new OwnWriteRules(this),
      new ForgettingRules(this, timing.reapAfterMs),
      ...(detector === 'swim' ? [new ProbeRules(this, CLUSTER)] : []),
    ]
  }

  get now(): number {
    return this.#world.now
  }

  isUp(node: NodeId): boolean {
    return this.#world.node(node).state !== 'down'
  }

  broken(rule: RuleName, message: string): void {
    this.#run?.fail(rule, message)
  }

  sometimes(name: SometimesName): void {
    this.#run?.sometimes(name)
  }

  /** A node begins a new life. */
  onBoot(run: Run, node: NodeId, life: number): void {
    this.#run = run
    this.left.delete(node)
    for (const watcher of this.#watchers) watcher.onBoot?.(node, life)
  }

  /** A row of a node's table changed. */
  onChange(observer: NodeId, id: NodeId, before?: Member, after?: Member, why?: Verdict): void {
    const change = { observer, id, before, after, ...(why !== undefined && { why }) }
    for (const watcher of this.#watchers) watcher.onChange?.(change)
  }

  /** A node took a step. */
  onStep(node: NodeId, core: GossipCore, step: Step): void {
    const { input, outputs } = step
    const { sends, events } = outputs
    const removed = events.some((event) => event.type === 'leave' && event.member.id === node)
    if (removed) this.#restartRemoved(node)
    const expired = events.some(
      (event) => event.type === 'state' && event.id === node && event.value === undefined,
    )
    if (input.type === 'tick' && expired) this.sometimes('a key outlived its time and was deleted')
    for (const watcher of this.#watchers) {
      for (const event of events) watcher.onEvent?.(node, event)
      for (const send of sends) watcher.onSend?.(node, send)
      watcher.onInput?.(node, core, step)
      watcher.onStep?.(node, core)
    }
  }

  /** Somebody was removed while it lives: it is done with this life, and whoever runs it starts the next. */
  #restartRemoved(node: NodeId): void {
    this.left.add(node)
    const { incarnation } = this.#world.node(node)
    this.#world.schedule(RESTART_MS, () => {
      if (this.#world.node(node).incarnation === incarnation) this.#world.node(node).restart()
    })
  }

  /** A client asked for something. */
  onAsked(node: NodeId, what: 'broadcast' | 'share' | 'remove' | 'leave', about: string): void {
    for (const watcher of this.#watchers) watcher.onAsked?.(node, what, about)
  }
}
