import type { NodeId } from '@colony/host'
import type { Scenario, SimulationRun, World } from '@colony/testing'
import type { RaftCore } from '../../src/core/raft-core.ts'
import type { LogEnd, SnapshotMeta } from '../../src/core/entry.ts'
import { isEarlierEnd } from '../../src/core/log-end.ts'
import type { PersistRecord, Raft, SnapshotOptions, StoredState } from '../../src/index.ts'
import { RaftNode } from '../../src/runtime/raft-node.ts'
import { clockDrift } from './clock-drift.ts'
import type { Point } from './faults.ts'
import type { KvCommand, KvMachine } from './kv-machine.ts'
import { foundersOf } from './spares.ts'
import { isVoter } from './model/membership.ts'
import { isQuorum, reachedByQuorum } from './model/quorum.ts'
import { RaftModel } from './model/raft-model.ts'
import { emptyLog, type DurableLog } from './observed-storage.ts'
import { WipedDisks } from './wiped-disks.ts'
import { DiskRules } from './rules/disks.ts'
import { ElectionRules } from './rules/elections.ts'
import type { Before, Facts, Passing, RuleName, SometimesName, Watcher } from './rules/facts.ts'
import { Freshness } from './rules/freshness.ts'
import { LeadershipRules } from './rules/leadership.ts'
import { LogRules } from './rules/logs.ts'
import { MembershipStates } from './rules/memberships.ts'
import { TransferRules } from './rules/transfers.ts'
import { ClientSessions } from './writes.ts'

/** What runs on each node. */
export type Service = Raft<KvMachine>

/** A run of the suite. */
export type Run = SimulationRun<Service, RaftRun>

/** The rule that the model checks. */
const MODEL_RULE: RuleName = 'every step is one that the model allows'

/** What differs from seed to seed; see `Scenario.settings`. */
export interface Settings {
  readonly electionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** After how many elections that came to nothing a majority of the founders is enough; absent for the default. */
  readonly foundingPatience?: number
  /** Which of the nodes has a priority; -1 for none. */
  readonly preferred: number
  /** Of which of the nodes the disk loses something of its log now and then; -1 for none. */
  readonly damaged: number
  /** How often a snapshot is made and how it is sent; absent for the defaults, with which a run makes none. */
  readonly snapshots?: SnapshotOptions
  /** Longest frame; absent for that of the network. A snapshot then takes several. */
  readonly maxFrameBytes?: number
  /** How long a machine takes for each piece of a snapshot that it is given; absent for no time at all. */
  readonly restoreMs?: number
  /** How long a session may go unused; absent for the default, which a run does not reach. */
  readonly sessionsMs?: number
  /** How much may be under way to one follower; absent for the default, which a run does not reach. */
  readonly maxInflightBytes?: number
}

/** What the suite remembers of a run, and the rules that watch it. */
export class RaftRun implements Facts {
  readonly nodes: readonly NodeId[]
  readonly electionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly foundingPatience: number
  readonly snapshots: Settings['snapshots']
  readonly maxFrameBytes: number | undefined
  readonly restoreMs: number | undefined
  readonly sessionsMs: number | undefined
  readonly maxInflightBytes: number | undefined
  readonly sessions: ClientSessions = new ClientSessions()
  /** What the nodes are told of their clocks; `undefined` where no bound holds that they could use. */
  readonly maxClockDrift: number | undefined
  readonly durable: Map<NodeId, DurableLog> = new Map()
  readonly wiped: WipedDisks
  readonly cores: Map<NodeId, RaftCore> = new Map()
  readonly freshness: Freshness
  readonly #world: World<Service>
  readonly #logs: LogRules
  readonly #model: RaftModel
  readonly transfers: TransferRules
  /** Who would like to lead; `undefined` for nobody. */
  readonly preferred: NodeId | undefined
  /** Whose disk loses something of its log now and then; `undefined` for nobody's. */
  readonly damaged: NodeId | undefined
  readonly #watchers: readonly Watcher[]
  /** Those that look at every node after every event: a few of them, and very often. */
  readonly #lookers: readonly Watcher[]
  readonly #modelOnly: boolean
  /** The operation that was applied at each index, as first seen applied anywhere. */
  readonly #operations: number[] = []
  readonly #before = new Map<NodeId, Before>()
  /** Nodes whose disk was full when they wrote last. */
  readonly #full = new Set<NodeId>()
  /** Nodes that lack entries which damage took. */
  readonly #lacking = new Set<NodeId>()
  #run: Run | undefined

  /** `only`: with the model of Raft in place of all other rules. */
  constructor(scenario: Scenario, world: World<Service>, only?: 'model') {
    const settings = scenario.settings as unknown as Settings
    const { electionTimeoutMs, heartbeatIntervalMs, snapshots, preferred, damaged } = settings
    this.preferred = scenario.nodes[preferred]
    // One disk that forgets is what a group of three can stand.
    const wipes = scenario.faults.some((step) => step.do === 'wipe')
    this.damaged = wipes ? undefined : scenario.nodes[damaged]
    // Nor can one where not all founders have been seen.
    this.foundingPatience = wipes ? Infinity : (settings.foundingPatience ?? 4)
    this.snapshots = snapshots
    this.maxFrameBytes = settings.maxFrameBytes
    this.restoreMs = settings.restoreMs
    this.sessionsMs = settings.sessionsMs
    this.maxInflightBytes = settings.maxInflightBytes
    this.nodes = scenario.nodes
    this.electionTimeoutMs = electionTimeoutMs
    this.heartbeatIntervalMs = heartbeatIntervalMs
    this.maxClockDrift = clockDrift(scenario.faults)
    this.#world = world
    for (const id of scenario.nodes) this.durable.set(id, emptyLog())
    this.wiped = new WipedDisks(this.durable, scenario.faults, () => world.now)
    this.freshness = new Freshness(this, scenario.faults)
    this.#logs = new LogRules(this)
    this.#model = new RaftModel(this, foundersOf(scenario.nodes))
    this.transfers = new TransferRules(this)
    const rules = [
      ...[this.#logs, new DiskRules(this), new ElectionRules(this), new LeadershipRules(this)],
      ...[this.transfers, new MembershipStates(this)],
    ]
    this.#watchers = only === 'model' ? [this.#model] : [this.#model, ...rules]
    this.#lookers = this.#watchers.filter((watcher) => 'onLook' in watcher)
    this.#modelOnly = only === 'model'
  }

  now(): number {
    return this.#world.now
  }

  isQuorum(node: NodeId, has: (id: NodeId) => boolean): boolean {
    return isQuorum(this.#model.electorateOf(node), has)
  }

  couldCommit(node: NodeId, has: (id: NodeId) => boolean): boolean {
    return this.#model.electoratesOf(node).some((electorate) => isQuorum(electorate, has))
  }

  reachedByQuorum(node: NodeId, valueOf: (id: NodeId) => number): number {
    return reachedByQuorum(this.#model.electorateOf(node), valueOf)
  }

  couldBeReached(node: NodeId, valueOf: (id: NodeId) => number): number {
    const reached = this.#model.electoratesOf(node).map((electorate) => reachedByQuorum(electorate, valueOf))
    return Math.max(0, ...reached)
  }

  /** Whether nothing can be decided from now on without some of these nodes, and all of it by them alone. */
  isCore(nodes: readonly NodeId[]): boolean {
    const { wiped } = this
    return this.#model.deciding.every((electorate) =>
      isQuorum(electorate, (id) => {
        const incarnation = wiped.incarnationOf(id)
        const known = electorate.incarnations?.get(id) ?? incarnation
        return nodes.includes(id) && known === incarnation && !wiped.isDue(id)
      }),
    )
  }

  /** Whether these nodes can elect one of them, by what their logs hold and once held. Those that are being started may. */
  canElect(nodes: readonly NodeId[]): boolean {
    const cores = nodes.map((id) => this.cores.get(id))
    const endOf = (core: RaftCore): LogEnd => {
      const end = { index: core.lastIndex, term: core.termAt(core.lastIndex) }
      return core.lost !== undefined && isEarlierEnd(end, core.lost) ? core.lost : end
    }
    return cores.some((candidate, at) => {
      if (candidate === undefined || candidate.role === 'leader') return true
      const end = endOf(candidate)
      const grants = (id: NodeId): boolean => {
        const voter = this.cores.get(id)
        return nodes.includes(id) && (voter === undefined || !isEarlierEnd(end, endOf(voter)))
      }
      return candidate.lost === undefined && this.isQuorum(nodes[at] ?? '', grants)
    })
  }

  /** Whether one of these nodes knows that the group was founded: before, all founders are needed. */
  isFounded(nodes: readonly NodeId[]): boolean {
    return nodes.some((id) => this.#model.hasEntries(id))
  }

  recognises(node: NodeId, id: NodeId, incarnation: number): boolean {
    return this.#model.recognises(node, id, incarnation)
  }

  diskOf(node: NodeId, id: NodeId): DurableLog | undefined {
    return this.wiped.diskOf(id, this.#model.knownBy(node, id) ?? this.wiped.incarnationOf(id))
  }

  incarnationOf(node: NodeId): number {
    return this.wiped.incarnationOf(node)
  }

  wasWiped(node: NodeId): boolean {
    return this.wiped.wasWiped(node)
  }

  isVoter(node: NodeId): boolean {
    return isVoter(this.#model.electorateOf(node), node)
  }

  isMember(node: NodeId, other: NodeId): boolean {
    return this.#model.isMember(node, other)
  }

  localNow(node: NodeId): number {
    return this.#world.node(node).host.clock.now()
  }

  broken(rule: RuleName, message: string): void {
    if (!this.#modelOnly || rule === MODEL_RULE) this.#run?.fail(rule, message)
  }

  sometimes(name: SometimesName): void {
    this.#run?.sometimes(name)
  }

  /** A node begins a new life. */
  onBoot(run: Run, node: NodeId): void {
    this.#full.delete(node)
    this.#run = run
    for (const watcher of this.#watchers) watcher.onBoot?.(node)
  }

  onSend(node: NodeId, passing: Passing): void {
    for (const watcher of this.#watchers) watcher.onSend?.(node, passing)
  }

  onReceive(node: NodeId, passing: Passing): void {
    for (const watcher of this.#watchers) watcher.onReceive?.(node, passing)
  }

  /** A node begins to write: the moment when a promise may have gone out that the disk does not keep. */
  onPersist(node: NodeId, record: PersistRecord): void {
    for (const watcher of this.#watchers) watcher.onPersist?.(node, record)
    this.#world.reach(pointOf(record), node)
  }

  /** What a node began to write is durable. */
  onPersisted(node: NodeId): void {
    if (this.#full.delete(node)) this.sometimes('a node went on when its disk had room again')
    for (const watcher of this.#watchers) watcher.onPersisted?.(node)
  }

  /** The disk had no room for what a node began to write, and nothing of it was written. */
  onRefused(node: NodeId): void {
    for (const watcher of this.#watchers) watcher.onRefused?.(node)
    this.#full.add(node)
  }

  /** A node begins to save a snapshot, its own or one that it was sent. */
  onSaving(node: NodeId, meta: SnapshotMeta): void {
    this.#model.onSaving(node, meta)
    this.#world.reach('snapshot' satisfies Point, node)
  }

  /** The snapshot is durable. */
  onSaved(node: NodeId, meta: SnapshotMeta, content: Uint8Array): void {
    const committed = this.cores.get(node)?.commitIndex ?? Infinity
    if (meta.index > committed) this.#world.reach('restore' satisfies Point, node)
    this.#model.onSaved(node)
    this.#logs.onSnapshot(node, meta.index, content)
  }

  onRecovery(node: NodeId, recovered: StoredState): void {
    const found = this.wiped.onRecovery(node, recovered)
    if (found === 'forgotten')
      this.broken('disks give back what was durable', `${node} found an empty disk that nobody wiped`)
    if (found === 'wiped' && !this.isFounded(this.nodes))
      this.sometimes('a node came back empty before the group was founded')
    for (const watcher of this.#watchers) watcher.onRecovery?.(node, recovered)
  }

  onApply(node: NodeId, life: number, index: number, command: KvCommand, time: number): void {
    if (command.id !== undefined) this.#operations[index] ??= command.id
    const text = JSON.stringify(command)
    this.#model.onApply(node, index, text, time)
    this.#logs.onApply(node, life, index, text)
  }

  /** What clients did to the machines, in the order in which it took effect: that of the log. */
  order(): readonly number[] {
    return this.#operations.filter(() => true)
  }

  /** A proposer was told that its command was applied. */
  onAnswer(index: number, command: KvCommand): void {
    this.#logs.onAnswer(index, command)
    this.freshness.completed(index)
  }

  /** Looks at every core after an event. */
  look(): void {
    for (const { id, service } of this.#world.nodes) {
      if (service instanceof RaftNode) {
        for (const watcher of this.#lookers) watcher.onLook?.(id, service.core)
        this.#lookAt(id, service.core)
        if (service.core.lost !== undefined) this.#lacking.add(id)
        else if (this.#lacking.delete(id)) this.sometimes('a node has again what it lost')
      } else {
        this.cores.delete(id)
        this.#lacking.delete(id)
      }
    }
  }

  #lookAt(node: NodeId, core: RaftCore): void {
    const known = this.#before.get(node)
    const before = known?.core === core ? known : { core, term: 0, commit: 0, role: 'follower' }
    const { term, role, commitIndex: commit } = core
    if (before === known && term === known.term && role === known.role && commit === known.commit) return
    this.cores.set(node, core)
    this.#before.set(node, { core, term, role, commit })
    if (role !== before.role || term !== before.term)
      this.#world.role(node, role === 'follower' ? '' : role, term)
    for (const watcher of this.#watchers) watcher.onChange?.(node, core, before)
    if (core.drops.impossible > 0) this.broken('messages make sense', `${node} got a message that can't be`)
  }
}

function pointOf({ entries }: PersistRecord): Point {
  if (entries.length === 0) return 'vote'
  return entries.some(({ kind }) => kind === 'configuration') ? 'members' : 'write'
}
