import { encodeMessage } from '../wire/message-writer.ts'
import { type Alive, type Dead, MAX_INCARNATION, type PushedNode, type Suspect } from '../wire/messages.ts'
import { formatEndpoint, type Endpoint } from '../wire/address.ts'
import type { MemberlistContext, Timed } from './context.ts'
import type { LocalHealth } from './health.ts'
import { isPresent, type MemberRecord } from './member-table.ts'
import type { RetransmitQueue } from './retransmit-queue.ts'
import { Suspicion } from './suspicion.ts'

/** Versions of the protocol that this node understands, and the one that it speaks: 2 carries ports, 3 pings by stream, 4 nacks, 5 check sums. */
const LEAST_VERSION = 1
const MOST_VERSION = 5
const CURRENT_VERSION = 2
/** Six versions make a member's words readable for every peer: with fewer, peers refuse a whole exchange. */
const VERSIONS = 6

/**
 * The rules of memberlist: who is alive, suspect, dead or left, by incarnation. A member's own word of itself beats others' only with a higher
 * incarnation; a suspicion or a death counts from the same one on.
 */
export class Membership implements Timed {
  readonly #context: MemberlistContext
  readonly #news: RetransmitQueue
  readonly #health: LocalHealth
  readonly #maxMembers: number
  readonly #self: MemberRecord
  #suspects = 0
  #left = false

  constructor(
    context: MemberlistContext,
    news: RetransmitQueue,
    health: LocalHealth,
    options: { readonly endpoint: Endpoint; readonly incarnation: number; readonly maxMembers: number },
  ) {
    this.#context = context
    this.#news = news
    this.#health = health
    this.#maxMembers = options.maxMembers
    const { ip, port } = options.endpoint
    this.#self = {
      name: context.self,
      ip,
      port,
      endpoint: formatEndpoint(ip, port) ?? '',
      meta: context.delegate.meta(),
      versions: Uint8Array.of(LEAST_VERSION, MOST_VERSION, CURRENT_VERSION, ...context.delegate.versions),
      incarnation: options.incarnation,
      state: 'alive',
      changedAt: context.now,
      suspicion: undefined,
    }
    context.members.add(this.#self)
    this.#spread(this.#aliveOf(this.#self))
  }

  /** This node as others see it. */
  get self(): MemberRecord {
    return this.#self
  }

  /** When the next suspicion runs out. */
  get deadline(): number {
    if (this.#suspects === 0) return Infinity
    let earliest = Infinity
    for (const { suspicion } of this.#context.members.all()) {
      if (suspicion !== undefined) earliest = Math.min(earliest, suspicion.deadline)
    }
    return earliest
  }

  /** Suspects that did not refute in time are dead. */
  tick(): void {
    const { now, members, self } = this.#context
    const overdue = [...members.all()].filter(({ suspicion }) => (suspicion?.deadline ?? Infinity) <= now)
    for (const { name, incarnation } of overdue)
      this.dead({ type: 'dead', incarnation, node: name, from: self })
  }

  /** A member says, or others say of it, that it is alive. */
  alive(message: Alive): void {
    const { members } = this.#context
    const endpoint = formatEndpoint(message.ip, message.port)
    if (endpoint === undefined || message.node === '' || !understands(message.versions)) {
      this.#context.count('bad-alive')
      return
    }
    const known = members.get(message.node)
    if (known === this.#self) this.#aliveSelf(message, endpoint)
    else if (known === undefined) this.#aliveNew(message, endpoint)
    else this.#aliveKnown(known, message, endpoint)
  }

  /** Somebody got no answer of a member. */
  suspect(message: Suspect): void {
    const { members, delegate } = this.#context
    const record = members.get(message.node)
    if (record === undefined || message.incarnation < record.incarnation) return
    if (this.#isAboveAll(message.incarnation)) return
    if (record.suspicion !== undefined) {
      // Told on, so that others may count it too.
      if (record.suspicion.confirm(message.from)) this.#spread(message)
      return
    }
    if (record.state !== 'alive') return
    if (record === this.#self) {
      if (!this.#left) this.#refute(message.incarnation)
      return
    }
    this.#spread(message)
    record.incarnation = message.incarnation
    record.suspicion = new Suspicion(this.#context.now, this.#context.timing, members.size, message.from)
    this.#suspects++
    this.#change(record, 'suspect')
    delegate.suspected(record, message.from)
  }

  /** A member is dead, or has left when it says so itself. */
  dead(message: Dead): void {
    const record = this.#context.members.get(message.node)
    if (record === undefined || message.incarnation < record.incarnation) return
    if (this.#isAboveAll(message.incarnation) || !isPresent(record)) return
    if (record === this.#self) {
      if (!this.#left) this.#refute(message.incarnation)
      return
    }
    this.#clearSuspicion(record)
    this.#spread(message)
    record.incarnation = message.incarnation
    this.#change(record, message.node === message.from ? 'left' : 'dead')
    this.#context.delegate.gone(record)
  }

  /** What another node knows. Nothing of it is taken when one of its living members speaks no version that this node does. */
  merge(nodes: readonly PushedNode[]): boolean {
    const { self } = this.#context
    for (const { state, versions } of nodes) {
      if (state !== 'alive' || (versions.length >= VERSIONS && understands(versions))) continue
      this.#context.count('bad-versions')
      return false
    }
    for (const node of nodes) {
      const { incarnation } = node
      if (node.state === 'alive') this.alive({ type: 'alive', ...node })
      else if (node.state === 'left')
        this.dead({ type: 'dead', incarnation, node: node.node, from: node.node })
      // Somebody else's verdict is a reason to ask, not to believe: the member gets time to refute it here.
      else this.suspect({ type: 'suspect', incarnation, node: node.node, from: self })
    }
    return true
  }

  /** The delegate's meta data changed. */
  renew(): void {
    this.#self.meta = this.#context.delegate.meta()
    this.#self.incarnation = Math.min(this.#self.incarnation + 1, MAX_INCARNATION - 1)
    this.#spread(this.#aliveOf(this.#self))
  }

  /** Says goodbye: `done` once that was told as often as it should. From now on nothing is refuted. */
  leave(done: () => void): void {
    this.#left = true
    const { name, incarnation } = this.#self
    this.#change(this.#self, 'left')
    const message: Dead = { type: 'dead', incarnation, node: name, from: name }
    this.#news.add(encodeMessage(message), name, done)
  }

  /** All that is known, for a push/pull. */
  snapshot(): PushedNode[] {
    const nodes: PushedNode[] = []
    for (const record of this.#context.members.all()) {
      const { name: node, ip, port, meta, incarnation, state, versions } = record
      nodes.push({ node, ip, port, meta, incarnation, state, versions })
    }
    return nodes
  }

  #aliveSelf(message: Alive, endpoint: string): void {
    if (this.#left) return
    const self = this.#self
    if (endpoint !== self.endpoint) {
      this.#context.delegate.conflict(self, endpoint)
      return
    }
    if (message.incarnation < self.incarnation || this.#isAboveAll(message.incarnation)) return
    const isSame = sameBytes(message.meta, self.meta) && sameBytes(message.versions, self.versions)
    if (message.incarnation === self.incarnation && isSame) return
    // A former life of this node, under the same name and address, is still being told of.
    this.#refute(message.incarnation)
  }

  #aliveNew(message: Alive, endpoint: string): void {
    const { members, delegate, now } = this.#context
    if (this.#isAboveAll(message.incarnation)) return
    if (members.known >= this.#maxMembers) {
      this.#context.count('too-many-members')
      return
    }
    if (!delegate.admit(message.node, endpoint, message.meta)) {
      this.#context.count('not-admitted')
      return
    }
    const record: MemberRecord = {
      name: message.node,
      // Views of a packet would keep all of it alive.
      ip: message.ip.slice(),
      port: message.port,
      endpoint,
      meta: message.meta.slice(),
      versions: message.versions.slice(),
      incarnation: message.incarnation,
      state: 'alive',
      changedAt: now,
      suspicion: undefined,
    }
    members.add(record)
    this.#spread(message)
    delegate.joined(record)
  }

  #aliveKnown(record: MemberRecord, message: Alive, endpoint: string): void {
    const { members, delegate } = this.#context
    const isMoved = endpoint !== record.endpoint
    if (isMoved && record.state !== 'left') {
      delegate.conflict(record, endpoint)
      return
    }
    // Whoever left and listens elsewhere now is a new life, which may have begun to count anew.
    if (message.incarnation <= record.incarnation && !isMoved) return
    if (this.#isAboveAll(message.incarnation)) return
    const isBack = !isPresent(record)
    if (isBack && !delegate.admit(record.name, endpoint, message.meta)) {
      this.#context.count('not-admitted')
      return
    }
    const wasSuspect = record.state === 'suspect'
    this.#clearSuspicion(record)
    this.#spread(message)
    const isUpdated = !sameBytes(record.meta, message.meta) || !sameBytes(record.versions, message.versions)
    if (isMoved) members.move(record, message.ip.slice(), message.port, endpoint)
    record.meta = message.meta.slice()
    record.versions = message.versions.slice()
    record.incarnation = message.incarnation
    if (record.state !== 'alive') this.#change(record, 'alive')
    if (isBack) {
      delegate.joined(record)
      return
    }
    if (wasSuspect) delegate.recovered(record)
    if (isUpdated) delegate.updated(record)
  }

  /** This node is alive, whatever is said: a higher incarnation than the accusation proves that it heard it. */
  #refute(accused: number): void {
    if (this.#isAboveAll(accused)) return
    this.#self.incarnation = Math.max(this.#self.incarnation, accused) + 1
    this.#health.change(1)
    this.#context.count('refuted')
    this.#spread(this.#aliveOf(this.#self))
  }

  /** The last incarnation leaves none to refute it with; taken, it would evict a member for good. */
  #isAboveAll(incarnation: number): boolean {
    if (incarnation < MAX_INCARNATION - 1) return false
    this.#context.count('incarnation-too-high')
    return true
  }

  #clearSuspicion(record: MemberRecord): void {
    if (record.suspicion === undefined) return
    record.suspicion = undefined
    this.#suspects--
  }

  #change(record: MemberRecord, state: MemberRecord['state']): void {
    record.state = state
    record.changedAt = this.#context.now
  }

  #aliveOf({ name, ip, port, meta, versions, incarnation }: MemberRecord): Alive {
    return { type: 'alive', incarnation, node: name, ip, port, meta, versions }
  }

  #spread(message: Alive | Suspect | Dead): void {
    this.#news.add(encodeMessage(message), message.node)
  }
}

function understands(versions: Uint8Array): boolean {
  const [least = 0, most = 0] = versions
  return least > 0 && least <= CURRENT_VERSION && most >= CURRENT_VERSION
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => b[at] === byte)
}
