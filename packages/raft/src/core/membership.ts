import { ByteReader, ByteWriter, decodeWith, MAX_NAME_BYTES, type Address, type NodeId } from '@colony/host'
import type { Incarnation } from './incarnation.ts'

/**
 * Who shall be a member once a change is through.
 * @category Membership
 */
export interface MembershipGoal {
  /** The voters, sorted. Never empty. */
  readonly voters: readonly NodeId[]
  /** Who shall receive the log without a vote, sorted. */
  readonly learners: readonly NodeId[]
}

/**
 * Who takes part in a group, as one entry of its log says. It counts from the moment the entry is in a node's log, committed or not (Raft section 6).
 * @category Membership
 */
export interface Membership {
  /** Who votes, sorted; while joint, the voters that are coming. Empty only on a node that joins and has not heard of any membership yet. */
  readonly voters: readonly NodeId[]
  /** While joint: who voted before, sorted, and of whom every decision needs a majority too. Else empty. */
  readonly outgoing: readonly NodeId[]
  /** Who receives the log without a vote, sorted; among them future voters that are still catching up. */
  readonly learners: readonly NodeId[]
  /** What the leader is working towards; `undefined` when it is reached. */
  readonly goal: MembershipGoal | undefined
  /** Where members are, as far as the group was told. */
  readonly addresses: ReadonlyMap<NodeId, Address>
  /** Which incarnation of each voter votes, current and outgoing. Absent in a group that has not recorded any yet; then the voice of every one counts. */
  readonly incarnations?: ReadonlyMap<NodeId, Incarnation>
  /** Who was removed, the last ones, the latest at the end. Kept once incarnations are. */
  readonly removed?: readonly NodeId[]
}

/** Most removed nodes that are remembered. An older one that comes back is sent the log up to its removal instead, or a snapshot. */
export const MAX_REMOVED = 128

/** Most nodes that a membership may name in one of its lists. */
const MAX_NODES = 255
/** Longest address, in characters. */
export const MAX_ADDRESS_LENGTH = 1024
const FORMAT_VERSION = 1
/** The same, and behind it incarnations and removed nodes: written only where there are incarnations, since older versions cannot read it. */
const RECORDED_VERSION = 2
/** Least bytes of an id in a list: its length and one byte. */
const ID_MIN_BYTES = 2
/** Least bytes of an id with its incarnation. */
const INCARNATION_MIN_BYTES = 3
/** Least bytes of an id with its address. */
const ADDRESS_MIN_BYTES = 4

const NOBODY: readonly NodeId[] = []
const NOWHERE: ReadonlyMap<NodeId, Address> = new Map()

/** The membership of a group that was founded with these voters, or, without any, of a node that has yet to hear of one. */
export function foundingMembership(voters: readonly NodeId[]): Membership {
  return {
    voters: sortedIds(voters),
    outgoing: NOBODY,
    learners: NOBODY,
    goal: undefined,
    addresses: NOWHERE,
  }
}

/** Ids in the one order that all nodes agree on, each once. */
export function sortedIds(ids: Iterable<NodeId>): readonly NodeId[] {
  return [...new Set(ids)].sort()
}

/** Every voter of one of the two majorities, sorted. */
export function votersOf({ voters, outgoing }: Membership): readonly NodeId[] {
  return outgoing.length === 0 ? voters : sortedIds([...voters, ...outgoing])
}

/** Everybody who receives the log, sorted. */
export function membersOf(membership: Membership): readonly NodeId[] {
  return sortedIds([...membership.voters, ...membership.outgoing, ...membership.learners])
}

/** Whether two sorted lists name the same nodes. */
export function sameIds(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((id, at) => id === b[at])
}

/** Why a goal cannot be one; `undefined` when it can. */
export function goalProblem({ voters, learners }: MembershipGoal): string | undefined {
  if (voters.length === 0) return 'there must be at least one voter'
  for (const list of [voters, learners]) {
    if (list.length > MAX_NODES) return `there may be at most ${MAX_NODES} voters and as many learners`
    const problem = idsProblem(list)
    if (problem !== undefined) return problem
  }
  const both = learners.find((id) => voters.includes(id))
  return both === undefined ? undefined : `"${both}" can't be both voter and learner`
}

function idsProblem(ids: readonly NodeId[]): string | undefined {
  for (const [at, id] of ids.entries()) {
    const bytes = utf8Length(id)
    if (bytes === 0 || bytes > MAX_NAME_BYTES) return `an id must be 1 to ${MAX_NAME_BYTES} bytes of UTF-8`
    const before = ids[at - 1]
    if (before !== undefined && before >= id) return `the ids are not sorted, or "${id}" is named twice`
  }
  return undefined
}

function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4
  }
  return bytes
}

/** Why a membership cannot stand in a log; `undefined` when it can. */
export function membershipProblem(m: Membership): string | undefined {
  const problem = goalProblem({ voters: m.voters, learners: m.learners }) ?? idsProblem(m.outgoing)
  if (problem !== undefined) return problem
  const both = m.learners.find((id) => m.outgoing.includes(id))
  if (both !== undefined) return `"${both}" can't be both outgoing voter and learner`
  if (m.goal === undefined) return m.outgoing.length === 0 ? undefined : 'a joint membership has a goal'
  // What a joint membership leads to was decided when it was entered.
  if (m.outgoing.length > 0 && !sameIds(m.voters, m.goal.voters) && !isDemotion(m))
    return 'the goal has other voters'
  return goalProblem(m.goal)
}

/** Whether a joint membership only takes voters out, which the goal may bring back: they lost their data. */
export function isDemotion({ voters, outgoing, incarnations }: Membership): boolean {
  return incarnations !== undefined && voters.every((id) => outgoing.includes(id))
}

const writer = new ByteWriter()
const reader = new ByteReader()

/** The bytes of a membership, as a `configuration` entry or a snapshot holds them. */
export function encodeMembership(m: Membership): Uint8Array {
  writer.reset()
  writer.u8(m.incarnations === undefined ? FORMAT_VERSION : RECORDED_VERSION)
  for (const ids of [m.voters, m.outgoing, m.learners]) writeIds(ids)
  writer.u8(m.goal === undefined ? 0 : 1)
  if (m.goal !== undefined) for (const ids of [m.goal.voters, m.goal.learners]) writeIds(ids)
  writer.varint(m.addresses.size)
  for (const id of sortedIds(m.addresses.keys())) {
    writer.string(id)
    writer.string(m.addresses.get(id) ?? '')
  }
  if (m.incarnations !== undefined) writeRecorded(m.incarnations, m.removed ?? NOBODY)
  return writer.finish()
}

function writeRecorded(incarnations: ReadonlyMap<NodeId, Incarnation>, removed: readonly NodeId[]): void {
  writer.varint(incarnations.size)
  for (const id of sortedIds(incarnations.keys())) {
    writer.string(id)
    writer.varint(incarnations.get(id) ?? 0)
  }
  writeIds(removed)
}

function writeIds(ids: readonly NodeId[]): void {
  writer.varint(ids.length)
  for (const id of ids) writer.string(id)
}

/** The membership in these bytes; `undefined` when there is none that could be, whoever wrote them. */
export function decodeMembership(bytes: Uint8Array): Membership | undefined {
  const decoded = decodeWith(reader, bytes, readMembership)
  return decoded.ok ? decoded.value : undefined
}

function readMembership(): Membership {
  const version = reader.u8()
  if (version !== FORMAT_VERSION && version !== RECORDED_VERSION)
    reader.fail(`membership format ${version} is unknown`)
  const [voters, outgoing, learners] = [readIds(), readIds(), readIds()]
  const hasGoal = reader.u8()
  if (hasGoal > 1) reader.fail(`flag ${hasGoal} is neither 0 nor 1`)
  const goal = hasGoal === 1 ? { voters: readIds(), learners: readIds() } : undefined
  const plain = { voters, outgoing, learners, goal, addresses: readAddresses() }
  const membership: Membership = version === FORMAT_VERSION ? plain : { ...plain, ...readRecorded() }
  const problem = membershipProblem(membership)
  if (problem !== undefined) reader.fail(problem)
  return membership
}

function readRecorded(): Required<Pick<Membership, 'incarnations' | 'removed'>> {
  const count = reader.count(2 * MAX_NODES, INCARNATION_MIN_BYTES)
  const incarnations = new Map<NodeId, Incarnation>()
  let before = ''
  for (let i = 0; i < count; i++) {
    const id = reader.string()
    const incarnation = reader.varint()
    if (id <= before || incarnation === 0) reader.fail('no incarnation')
    before = id
    incarnations.set(id, incarnation)
  }
  const removed = readIds()
  if (removed.length > MAX_REMOVED) reader.fail(`${removed.length} removed nodes`)
  return { incarnations, removed }
}

function readIds(): readonly NodeId[] {
  const count = reader.count(MAX_NODES, ID_MIN_BYTES)
  return Array.from({ length: count }, () => reader.string())
}

function readAddresses(): ReadonlyMap<NodeId, Address> {
  const count = reader.count(4 * MAX_NODES, ADDRESS_MIN_BYTES)
  const addresses = new Map<NodeId, Address>()
  let before = ''
  for (let i = 0; i < count; i++) {
    const id = reader.string()
    const address = reader.string()
    if (id <= before || address === '' || address.length > MAX_ADDRESS_LENGTH) reader.fail('no address')
    before = id
    addresses.set(id, address)
  }
  return addresses
}
