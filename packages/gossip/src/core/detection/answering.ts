import type { ByteReader, NodeId } from '@colony/host'
import type { CoreContext, Section } from '../component.ts'
import { type MemberTable, SELF } from '../members/member-table.ts'
import type { MemberRegister } from '../members/membership-parts.ts'
import { type MemberUpdate, writeUpdate } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { type Ping, readPing, writeAck } from './probe-messages.ts'

/** Answers pings, and corrects whoever knows an old word of this node or suspects it. */
export class Answering implements Section {
  readonly tag: number = TAGS.ping
  /** Goes to one member each; gossip carries none. */
  readonly backlog = 0
  readonly #context: CoreContext
  readonly #table: MemberTable
  readonly #register: MemberRegister

  constructor(context: CoreContext, table: MemberTable, register: MemberRegister) {
    this.#context = context
    this.#table = table
    this.#register = register
  }

  write(): number {
    return 0
  }

  read(reader: ByteReader, from: NodeId): void {
    const ping = readPing(reader)
    if (reader.failed) {
      this.#context.drop('malformed-ping')
      return
    }
    const { sequence, byStream } = ping
    this.#context.send(from, TAGS.ack, writeAck(sequence, byStream, false), byStream ? 'stream' : 'datagram')
    this.#correct(ping, from)
  }

  #correct({ incarnation, suspected }: Ping, from: NodeId): void {
    const { self } = this.#context
    const newer =
      incarnation.epoch - this.#table.epochAt(SELF) || incarnation.counter - this.#table.counterAt(SELF)
    if (newer < 0) {
      writeUpdate(SCRATCH, this.#register.record(self) as MemberUpdate, self)
      this.#context.send(from, TAGS.updates, SCRATCH.finish())
    } else if (suspected) {
      const update = {
        id: self,
        incarnation,
        status: 'suspect',
        address: '',
        zone: '',
        accuser: from,
      } as const
      this.#register.apply(update, 'gossip', from)
    }
  }
}
