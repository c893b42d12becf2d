import type { ByteReader, NodeId } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import type { Member } from '../members/member.ts'
import { TAGS } from '../wire/tags.ts'
import { TokenBucket } from '../wire/token-bucket.ts'
import { DIGEST_KINDS, readScope, readWant, type Scope, standingOf, type Want } from './digest-codec.ts'
import { DigestWriter, readBucket } from './digest-message.ts'
import { compareBucket, noDifference, noOffer } from './difference.ts'
import { Exchanges } from './exchanges.ts'
import type { Fingerprint } from './fingerprint.ts'
import { Gaps } from './gaps.ts'
import { Incoming } from './incoming.ts'
import { hashNumber, memberPlace } from './item-hash.ts'
import { byBucket, type Knowledge } from './knowledge.ts'
import { Outgoing } from './outgoing.ts'
import { Summary } from './summary.ts'

/** What {@link Sync} is made with. */
export interface SyncOptions {
  /** Bytes a second of what others are told by anti-entropy. Default 4 MiB. */
  readonly bytesPerSecond?: number
  /** A peer sees a member that this node holds for gone: it should hear of it, so that it can refute. */
  readonly contradicted?: (id: NodeId) => void
  /** A peer knows all that this node knows. */
  readonly agreed?: () => void
}

const DEFAULT_BYTES_PER_SECOND = 4 * 1024 * 1024
/** Members that one comparison lets contradict, at most. */
const MAX_CONTRADICTED = 64
/** What looking at one item of all that is known costs, as if it were bytes sent: whoever asks without end is refused. */
const BYTES_PER_ITEM = 8

/**
 * Anti-entropy: finds and repairs what gossip missed. Two nodes that differ compare hashes of buckets, then marks in the unequal ones, and each tells the other what it lacks; so an
 * exchange costs in proportion to the difference, not to what is known, and no datagram of it is larger than the limit.
 */
export class Sync implements Component {
  /** The summary that goes with every acknowledgement. */
  readonly summary: Summary
  readonly digest: Section
  readonly chunk: Section
  readonly #context: CoreContext
  readonly #knowledge: Knowledge
  readonly #fingerprint: Fingerprint
  readonly #options: SyncOptions
  readonly #writer: DigestWriter
  readonly #bandwidth: TokenBucket
  readonly #outgoing: Outgoing
  readonly #incoming: Incoming
  readonly #gaps: Gaps
  readonly #exchanges: Exchanges
  #nextSync: number
  #agreed = false

  constructor(
    context: CoreContext,
    fingerprint: Fingerprint,
    knowledge: Knowledge,
    options: SyncOptions = {},
  ) {
    this.#context = context
    this.#knowledge = knowledge
    this.#fingerprint = fingerprint
    this.#options = options
    this.#writer = new DigestWriter(context, knowledge, fingerprint)
    this.#bandwidth = new TokenBucket(options.bytesPerSecond ?? DEFAULT_BYTES_PER_SECOND, context, Infinity)
    this.#outgoing = new Outgoing(context, knowledge, this.#bandwidth)
    this.#incoming = new Incoming(context, knowledge, this.#writer)
    this.#gaps = new Gaps(context, knowledge.state.store, (peer, wants) => this.#want(peer, wants))
    knowledge.state.onGap = (owner, from) => this.#gaps.add(owner, from)
    this.#exchanges = new Exchanges(
      context,
      (peer, scope) => context.send(peer, TAGS.digest, this.#writer.opening(scope)),
      () => this.summary.compared(),
    )
    this.summary = new Summary(
      context,
      fingerprint,
      (_from, equal) => this.#heardSummary(equal),
      (peer, scope) => this.#startUnlessBusy(peer, scope),
    )
    this.digest = passiveSection(TAGS.digest, (reader, from) => this.#readDigest(reader, from))
    this.chunk = passiveSection(TAGS.chunk, (reader, from) => {
      this.#exchanges.progress(from, false)
      this.#incoming.read(reader, from)
    })
    this.#nextSync = context.now + context.random.fork('sync').float() * context.timing.syncIntervalMs
  }

  /** How many exchanges this node has begun. */
  get exchanges(): number {
    return this.#exchanges.count
  }

  get deadline(): number {
    return Math.min(this.#nextSync, this.#gaps.deadline, this.#outgoing.deadline, this.#exchanges.deadline)
  }

  tick(): void {
    const { now, timing, members } = this.#context
    if (this.#gaps.deadline <= now) this.#gaps.tick()
    if (this.#outgoing.deadline <= now) this.#outgoing.tick()
    if (this.#exchanges.deadline <= now) this.#exchanges.tick()
    if (this.#nextSync > now) return
    this.#nextSync = now + timing.syncIntervalMs
    const needed = this.summary.differs || !this.#agreed
    this.#agreed = false
    const [peer] = needed ? members.pick(1) : []
    if (peer !== undefined) this.#startUnlessBusy(peer, 'all')
  }

  /** Begins to compare with `peer`. */
  start(peer: NodeId, scope: Scope = 'all'): void {
    this.#exchanges.start(peer, scope)
  }

  /** A row of the table of members has changed; it was new without `before`, and is forgotten without `after`. */
  memberChanged(before: Member | undefined, after: Member | undefined): void {
    const id = after?.id ?? before?.id
    if (id === undefined) return
    const change = presenceHash(before) ^ presenceHash(after)
    if (change !== 0) this.#fingerprint.toggle('members', memberPlace(id), change)
    this.#knowledge.state.memberChanged(id, after)
  }

  /** While somebody tells much, whatever is asked of others would be told twice. */
  #startUnlessBusy(peer: NodeId, scope: Scope): void {
    if (!this.#incoming.expectsMore) this.start(peer, scope)
  }

  #heardSummary(equal: boolean): void {
    if (!equal) return
    this.#agreed = true
    this.#exchanges.agreed()
    this.#options.agreed?.()
    this.#knowledge.state.agreed()
    this.#knowledge.shared.values.agreed()
  }

  #readDigest(reader: ByteReader, from: NodeId): void {
    const kind = reader.u8()
    if (kind === DIGEST_KINDS.buckets) this.#readBuckets(reader, from)
    else if (kind === DIGEST_KINDS.entries) this.#readEntries(reader, from)
    else if (kind === DIGEST_KINDS.wants) this.#readWants(reader, from)
    else if (kind === DIGEST_KINDS.got) this.#outgoing.got(from, reader.varint(), reader.varint())
    else if (kind === DIGEST_KINDS.busy) this.#exchanges.refused(from)
    else reader.fail('an unknown kind of digest')
    if (reader.failed) this.#context.drop('malformed-digest')
  }

  #readBuckets(reader: ByteReader, from: NodeId): void {
    if (!this.#affords(from)) return
    for (const { body, path } of this.#writer.answer(reader)) {
      this.#bandwidth.charge(body.length)
      this.#context.send(from, TAGS.digest, body, path)
    }
  }

  #readEntries(reader: ByteReader, from: NodeId): void {
    if (!this.#affords(from)) return
    const { level, scope } = readScope(reader)
    const mine = byBucket(this.#knowledge, level)
    const difference = noDifference()
    while (reader.remaining > 0) {
      const told = readBucket(reader, level, scope)
      const own = mine[told.index]
      if (reader.failed || own === undefined) return
      compareBucket(this.#knowledge, own, told, scope, difference)
    }
    if (reader.failed) return
    this.#contradict(difference.contradicted)
    this.#exchanges.progress(from, difference.wants.length > 0)
    if (!this.#outgoing.tell(from, difference.offer)) this.#sendBusy(from)
    this.#want(from, difference.wants)
  }

  #readWants(reader: ByteReader, from: NodeId): void {
    this.#exchanges.progress(from, false)
    const offer = noOffer()
    const gone: NodeId[] = []
    while (reader.remaining > 0) {
      const want = readWant(reader)
      if (reader.failed) return
      if (want.kind === 'shared') offer.shared.add(want.key)
      else {
        if (want.record) offer.members.add(want.id)
        // What is worse news here than there.
        if (want.record && !this.#context.members.isPresent(want.id)) gone.push(want.id)
        if (want.state !== undefined) offer.states.set(want.id, want.state)
      }
    }
    this.#contradict(gone)
    if (!this.#outgoing.tell(from, offer)) this.#sendBusy(from)
  }

  /** Whether there is time to compare all that is known. */
  #affords(peer: NodeId): boolean {
    const affordable = this.#bandwidth.available > 0
    if (affordable) this.#bandwidth.charge(BYTES_PER_ITEM * this.#context.members.size)
    else this.#sendBusy(peer)
    return affordable
  }

  /** Those whom the other one sees, or saw until now, are told how they are seen here. */
  #contradict(ids: readonly NodeId[]): void {
    for (const id of ids.slice(0, MAX_CONTRADICTED)) this.#options.contradicted?.(id)
  }

  #want(peer: NodeId, wants: readonly Want[]): void {
    const message = this.#writer.wants(wants)
    if (message !== undefined) this.#context.send(peer, TAGS.digest, message.body, message.path)
  }

  #sendBusy(to: NodeId): void {
    this.#context.drop('sync-busy')
    this.#context.send(to, TAGS.digest, this.#writer.busy())
  }
}

/** What of a member is in the fingerprint. */
function presenceHash(member: Member | undefined): number {
  if (member === undefined || standingOf(member.status) !== 'present') return 0
  const { epoch, counter } = member.incarnation
  return hashNumber(hashNumber(memberPlace(member.id), epoch), counter)
}

/** A section that is sent when there is reason to, never by piggyback. */
function passiveSection(tag: number, read: Section['read']): Section {
  return { tag, backlog: 0, write: () => 0, read }
}
