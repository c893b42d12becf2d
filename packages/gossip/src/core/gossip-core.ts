import { ByteReader, type NodeId } from '@colony/host'
import type { Section } from './component.ts'
import { CoreState, type ReusedOutputs } from './core-state.ts'
import { type CoreCounters, type Counting, noCounts } from './counters.ts'
import { Deadlines } from './deadlines.ts'
import type { CoreFingerprint, CoreHealth, SharedValue } from './core-views.ts'
import type { CoreInput, CoreOutputs } from './input.ts'
import type { Member, Verdict } from './members/member.ts'
import type { CoreMembers } from './members/members-view.ts'
import { membershipData } from './members/membership-table.ts'
import { type CoreOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { Parts } from './parts.ts'
import type { OwnerState } from './state/owner-state.ts'
import { TAGS } from './wire/tags.ts'
import { PacketHead } from './wire/packet-head.ts'
import { PacketParser } from './wire/packet-parser.ts'
import { WrongClusters } from './wrong-clusters.ts'

/** Sections that a quiet cluster is made of: of what they say only the restless parts have to know, while a summary does not begin a comparison. */
const PROBING: ReadonlySet<number> = new Set([TAGS.ping, TAGS.ack, TAGS.pingRequest, TAGS.nack, TAGS.summary])

/**
 * Membership, failure detection and dissemination as a pure state machine: no clock, no timer, no promise, no I/O. Whoever drives it feeds {@link CoreInput}s and carries out
 * {@link CoreOutputs}; `createGossip` does that in production, a simulator can do it directly.
 * @category Core
 */
export class GossipCore {
  readonly #options: ResolvedOptions
  readonly #state: CoreState
  readonly #parts: Parts
  readonly #parser: PacketParser
  readonly #deadlines: Deadlines
  readonly #reader = new ByteReader()
  /** By tag. */
  readonly #sections: (Section | undefined)[] = []
  readonly #counters: Counting = noCounts()
  readonly #wrongClusters: WrongClusters
  readonly #outputs: ReusedOutputs
  #from: NodeId = ''

  /**
   * Starts a node that knows nobody. `now` is the clock that every step is given, in milliseconds.
   * @throws A `GossipError` with code `GOSSIP_INVALID_OPTION`.
   */
  constructor(options: CoreOptions, now: number) {
    this.#options = resolveOptions(options)
    const data = membershipData(this.#options.random)
    this.#state = new CoreState(this.#options, data.view, now)
    this.#parts = new Parts(this.#state, data, this.#options, this.#counters)
    this.#parser = new PacketParser(new PacketHead(this.#options.cluster))
    this.#wrongClusters = new WrongClusters(this.#state)
    const { sends, events } = this.#state
    this.#outputs = { sends, events, deadline: now, refused: undefined }
    this.#deadlines = new Deadlines(this.#state, this.#parts.restless, this.#parts.components)
    for (const section of this.#parts.sections) this.#sections[section.tag] = section
    this.#parts.membership.begin(this.#options)
    this.#parts.life.setSeeds(this.#options.seeds)
  }

  /** Takes one input, at time `now`, to its consequences. Time never goes back; an earlier `now` counts as the latest seen. */
  step(now: number, input: CoreInput): CoreOutputs {
    this.#state.begin(now)
    this.#outputs.refused = undefined
    if (input.type === 'packet') this.#receive(input.from, input.bytes)
    else if (input.type === 'tick') this.#tick()
    else {
      this.#obey(input)
      this.#deadlines.changed()
    }
    // Who has left waits for nothing: it would accuse those whose answers it no longer reads.
    this.#outputs.deadline = this.stage === 'left' ? Infinity : this.#deadlines.earliest
    return this.#outputs
  }

  /** This node. */
  get id(): NodeId {
    return this.#options.id
  }

  /** Who is known. */
  get members(): CoreMembers {
    return this.#state.members
  }

  /** One member as it is known here, this node included. */
  member(id: NodeId): Member | undefined {
    return this.#state.members.get(id)
  }

  /** What is remembered of how a member came to stand as it does, oldest first: at most 8 verdicts; none while nobody ever complained of it. */
  explain(id: NodeId): readonly Verdict[] {
    return this.#parts.verdicts.get(id)
  }

  /** This node's own health: 0 is well, 8 is worst, and what made it worse. */
  get health(): CoreHealth {
    const { score, reasons } = this.#parts.health
    return { score, reasons }
  }

  /** The keys of a member's state with their values, in the order of their last changes; this node's own too. */
  state(id: NodeId): IterableIterator<readonly [key: string, value: Uint8Array]> {
    return this.#parts.state.store.entries(id)
  }

  /** The value of one key of a member's state; `undefined` when there is none. */
  value(id: NodeId, key: string): Uint8Array | undefined {
    return this.#parts.state.store.value(id, key)
  }

  /** Up to which version a member's state is known, in its present life; 0 when it has said nothing. */
  maxVersion(id: NodeId): number {
    return this.#parts.state.store.mark(id).version
  }

  /**
   * The copy of a member's state as it is shown: for checkers.
   * @internal
   */
  copyOf(id: NodeId): OwnerState | undefined {
    return this.#parts.state.store.shown(id)
  }

  /** A shared value, and who wrote it; `undefined` when there is none. */
  sharedValue(key: string): SharedValue | undefined {
    const record = this.#parts.shared.values.record(key)
    return record?.value === undefined ? undefined : { value: record.value, by: record.by }
  }

  /** Keys of all shared values, in no particular order. */
  sharedKeys(): IterableIterator<string> {
    return this.#parts.shared.values.keys()
  }

  /** A hash of who is present and one of what they say, 32 bits each: nodes that know the same have the same. */
  get fingerprint(): CoreFingerprint {
    const { members, contents } = this.#parts.fingerprint
    return { members, contents }
  }

  /** When the next tick is wanted; what the last step said. */
  get deadline(): number {
    return this.#outputs.deadline
  }

  /** How often something of a peer's was ignored, by reason. */
  get drops(): Readonly<Record<string, number>> {
    return this.#state.drops
  }

  /** What this core has done. */
  get counters(): CoreCounters {
    this.#counters.syncs = this.#parts.sync.exchanges
    return this.#counters
  }

  /** About how many bytes wait to be spread. */
  get backlogBytes(): number {
    return this.#parts.composer.backlog
  }

  /** Whether this node is here, saying goodbye, or gone. */
  get stage(): 'present' | 'leaving' | 'left' {
    return this.#parts.life.stage
  }

  #receive(from: NodeId, bytes: Uint8Array): void {
    this.#counters.packets++
    if (from === this.#options.id || from === '') {
      this.#state.drop('from-nobody-else')
      return
    }
    this.#from = from
    const check = this.#parser.parse(bytes, this.#dispatch)
    if (check === 'ok') this.#parts.heard(from)
    else {
      this.#state.drop(check)
      if (check === 'wrong-cluster') this.#wrongClusters.heard(from)
    }
  }

  readonly #dispatch = (tag: number, body: Uint8Array): void => {
    const section = this.#sections[tag]
    if (section === undefined) {
      this.#state.drop('unknown-section')
      return
    }
    // Who has left answers probes, until its process ends, and takes no part in anything else.
    if (this.#parts.life.stage === 'left' && tag !== TAGS.ping) return
    this.#reader.reset(body)
    const { sends } = this.#state
    const sent = sends.length
    section.read(this.#reader, this.#from)
    if (!PROBING.has(tag) || (tag === TAGS.summary && sends.length > sent)) this.#deadlines.changed()
  }

  #tick(): void {
    if (this.stage !== 'left') this.#deadlines.tick(this.#state.now)
  }

  #obey(input: Exclude<CoreInput, { type: 'packet' | 'tick' }>): void {
    const { life, state, shared, broadcasts, queries } = this.#parts
    switch (input.type) {
      case 'stalled':
        this.#parts.stalled(input.ms)
        break
      case 'peer-closed':
        this.#parts.peerClosed(input.peer)
        break
      case 'seeds':
        life.setSeeds(input.seeds)
        break
      case 'address':
        life.move(input.address)
        break
      case 'set':
        this.#outputs.refused = state.set(input.key, input.value, input.ttlMs)
        break
      case 'share':
        this.#outputs.refused = shared.values.share(input.key, input.value)
        break
      case 'broadcast':
        this.#outputs.refused = broadcasts.broadcast(input.id, input.topic, input.payload)
        break
      case 'query':
        this.#outputs.refused = queries.ask(input.question, input.topic, input.payload, input)
        break
      case 'answer':
        this.#outputs.refused = queries.answers.answer(input.from, input.question, input.payload)
        break
      case 'leave':
        life.leave(input.acknowledgements, input.timeoutMs)
        break
      case 'remove':
        life.remove(input.id)
        break
    }
  }
}
