import { requireName, requireOneOf, type Address, type NodeId } from '@colony/host'
import type { MembershipChange } from '../core/membership-change.ts'
import type { Membership } from '../core/membership.ts'
import { RaftError } from '../errors.ts'
import type { MemberChanges } from './member-changes.ts'
import { requireAddress, requireNodes, type NamedNodes } from './member-options.ts'
import {
  membersView,
  type AddMemberOptions,
  type Members,
  type MembersOptions,
  type RaftMembers,
  type SetMembersOptions,
} from './members.ts'
import { invalidProposal } from './options.ts'

/** Changes of members are rare; whoever has so many under way is going round in circles. */
const MAX_PENDING = 100

/** What the public face of members needs of its node. */
export interface MemberControlNode {
  /** What holds now. */
  membership(): Membership
  readonly changes: MemberChanges
  /** Throws when the node is closed or stopped. */
  requireRunning(): void
  /** When a call with this option gives up. */
  deadline(timeoutMs: number | undefined): number
}

/** `raft.members`: checks what callers pass, and turns changes into promises. */
export class MemberControl implements RaftMembers {
  readonly #node: MemberControlNode

  constructor(node: MemberControlNode) {
    this.#node = node
  }

  list(): Members {
    return membersView(this.#node.membership())
  }

  async set(
    members: Readonly<Record<NodeId, Address>> | readonly NodeId[],
    options: SetMembersOptions = {},
  ): Promise<Members> {
    const voters = requireNodes(invalidProposal, 'members', members)
    const learners: NamedNodes = requireNodes(invalidProposal, 'learners', options.learners ?? [])
    if (voters.ids.length === 0) throw invalidProposal('members must name at least one voter')
    const both = learners.ids.find((id) => voters.ids.includes(id))
    if (both !== undefined) throw invalidProposal(`"${both}" can't be both voter and learner`)
    const addresses = new Map([...voters.addresses, ...learners.addresses])
    return await this.#change({ type: 'set', voters: voters.ids, learners: learners.ids, addresses }, options)
  }

  async add(id: NodeId, address?: Address, options: AddMemberOptions = {}): Promise<Members> {
    requireName(invalidProposal, 'id', id)
    const role = requireOneOf(invalidProposal, 'role', options.role ?? 'voter', ['voter', 'learner'])
    return await this.#change({ type: 'add', id, role, addresses: addressOf(id, address) }, options)
  }

  async remove(id: NodeId, options: MembersOptions = {}): Promise<Members> {
    requireName(invalidProposal, 'id', id)
    return await this.#change({ type: 'remove', id, addresses: new Map() }, options)
  }

  async replace(old: NodeId, by: NodeId, address?: Address, options: MembersOptions = {}): Promise<Members> {
    requireName(invalidProposal, 'old', old)
    requireName(invalidProposal, 'by', by)
    if (old === by) throw invalidProposal(`"${old}" can't be replaced by itself; remove it, then add it`)
    return await this.#change({ type: 'replace', old, by, addresses: addressOf(by, address) }, options)
  }

  #change(change: MembershipChange, { signal, timeoutMs }: MembersOptions): Promise<Members> {
    return new Promise((resolve, reject) => {
      const deadline = this.#node.deadline(timeoutMs)
      this.#node.requireRunning()
      signal?.throwIfAborted()
      const { changes } = this.#node
      requireRoom(changes.size)
      const onAbort = (): void => giveUp(signal?.reason)
      const release = (): void => signal?.removeEventListener('abort', onAbort)
      const giveUp = changes.submit({
        change,
        deadline,
        resolve: (members) => {
          release()
          resolve(members)
        },
        reject: (reason) => {
          release()
          reject(reason)
        },
      })
      signal?.addEventListener('abort', onAbort)
    })
  }
}

function addressOf(id: NodeId, address: Address | undefined): ReadonlyMap<NodeId, Address> {
  if (address === undefined) return new Map()
  return new Map([[id, requireAddress(invalidProposal, 'address', address)]])
}

function requireRoom(size: number): void {
  if (size < MAX_PENDING) return
  const message = `${size} changes of members are pending on this node; wait for some to settle`
  throw new RaftError('RAFT_OVERLOADED', message, { outcome: 'rejected', retryable: true })
}
