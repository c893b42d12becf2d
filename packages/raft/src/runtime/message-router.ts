import type { NodeId } from '@colony/host'
import type { Message } from '../core/message.ts'
import type { Input } from '../core/step.ts'
import type { FormatUpgrade } from './format-upgrade.ts'
import type { GroupMembers } from './group-members.ts'
import type { LocalProposals } from './local-proposals.ts'
import type { ProposalAppender } from './proposal-appender.ts'
import type { Reads } from './reads.ts'
import type { RemoteProposals } from './remote-proposals.ts'
import type { Snapshots } from './snapshots/snapshots.ts'
import type { Transfers } from './transfers.ts'
import type { DriverMessage, ReadReply } from './wire.ts'

/** Whom messages are for. */
export interface Receivers<Machine, Result> {
  readonly proposals: LocalProposals<Result>
  readonly remote: RemoteProposals<Result>
  readonly appender: ProposalAppender<Result>
  readonly reads: Reads<Machine>
  readonly members: GroupMembers
  readonly transfers: Transfers
  readonly snapshots: Snapshots
  readonly upgrade: FormatUpgrade
  /** So much waits for the disk that no entries can be taken. */
  isFull(): boolean
  step(input: Input): void
  /** The leader answered a read that was still wanted: what it had committed may be news. */
  learnCommit(reply: ReadReply): void
}

/** Hands every message that a peer sent to whoever it is for. */
export class MessageRouter<Machine, Result> {
  readonly #to: Receivers<Machine, Result>
  #overloaded = 0

  constructor(to: Receivers<Machine, Result>) {
    this.#to = to
  }

  /** How many messages with entries were dropped because too much waited for the disk. */
  get overloaded(): number {
    return this.#overloaded
  }

  /** Hands one over. What is of no use to its receiver is dropped there. */
  deliver(from: NodeId, message: Message | DriverMessage): void {
    const to = this.#to
    switch (message.type) {
      case 'forward':
        return to.remote.onForward(from, message, to.appender.hasRoom(message.data.length))
      case 'forward-reply':
        return to.proposals.onReply(message)
      case 'members':
        return to.members.changes.onRequest(from, message.life, message.request, message.change)
      case 'members-reply':
        return to.members.changes.onReply(message)
      case 'read':
        return to.reads.onRequest(from, message, (id) => to.step({ type: 'read', id }))
      case 'read-reply':
        if (to.reads.onReply(message)) to.learnCommit(message)
        return
      case 'transfer':
        return to.transfers.onRequest(from, message)
      case 'transfer-reply':
        return to.transfers.onReply(message)
      case 'version':
        return to.upgrade.onNotice(from, message)
      case 'snapshot-offer':
      case 'snapshot-chunk':
      case 'snapshot-status':
        return to.snapshots.onMessage(from, message)
      default:
        // Like any other loss: the next heartbeat finds it, and the leader sends again what is missing.
        if (message.type === 'append-request' && message.entries.length > 0 && to.isFull()) this.#overloaded++
        else to.step({ type: 'message', message })
    }
  }
}
