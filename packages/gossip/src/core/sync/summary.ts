import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import type { CoreContext, Section } from '../component.ts'
import { spreadTimeMs } from '../dissemination/spread-limit.ts'
import { TAGS } from '../wire/tags.ts'
import type { Scope } from './digest-codec.ts'
import type { Fingerprint } from './fingerprint.ts'

/** Bytes of a summary. */
export const SUMMARY_BYTES = 8

/** One lane of the fingerprint, compared with what others say of theirs. */
class LaneWatch {
  /** Since when every other node that was heard of had another one; `undefined` while the last one agreed. */
  differsSince: number | undefined
  /** When this lane last changed here, as far as was looked. */
  changedAt = 0
  #changes = 0

  look(changes: number, now: number): void {
    if (changes === this.#changes) return
    this.#changes = changes
    this.changedAt = now
  }
}

/**
 * Hears with every acknowledgement how the other one's fingerprint reads. Equal: nothing needs to be compared. Unequal is usual while news is under way; unequal for longer than
 * news takes to reach everybody means that it missed somebody, and the two compare.
 *
 * Who is present is watched apart from what they say: in a busy cluster states change all the time, and a difference says something only when this node has heard nothing new for as long.
 */
export class Summary implements Section {
  readonly tag: number = TAGS.summary
  /** An acknowledgement carries it; nothing is sent for its sake. */
  readonly backlog = 0
  readonly #context: CoreContext
  readonly #fingerprint: Fingerprint
  readonly #heard: (from: NodeId, equal: boolean) => void
  readonly #compare: (peer: NodeId, scope: Scope) => void
  readonly #members = new LaneWatch()
  readonly #contents = new LaneWatch()
  /** How much longer than usual a difference must last: grows while comparing changes nothing. */
  #patience = 1
  #changesAtLastCompare = -1
  #compared = false

  constructor(
    context: CoreContext,
    fingerprint: Fingerprint,
    heard: (from: NodeId, equal: boolean) => void,
    compare: (peer: NodeId, scope: Scope) => void,
  ) {
    this.#context = context
    this.#fingerprint = fingerprint
    this.#heard = heard
    this.#compare = compare
  }

  /** Whether the last one that was heard of knew something else. */
  get differs(): boolean {
    return this.#members.differsSince !== undefined || this.#contents.differsSince !== undefined
  }

  /** The last comparison came to its end: if it changed nothing, the next one will hardly do better. */
  compared(): void {
    this.#compared = true
  }

  write(writer: ByteWriter, budget: number): number {
    if (budget < SUMMARY_BYTES) return 0
    writer.u32(this.#fingerprint.members)
    writer.u32(this.#fingerprint.contents)
    return SUMMARY_BYTES
  }

  read(reader: ByteReader, from: NodeId): void {
    const members = reader.u32()
    const contents = reader.u32()
    reader.end()
    if (reader.failed) this.#context.drop('malformed-summary')
    else this.hear(from, members, contents)
  }

  /** Another node's fingerprint reads so. */
  hear(from: NodeId, members: number, contents: number): void {
    const { now } = this.#context
    this.#members.look(this.#fingerprint.changes('members'), now)
    this.#contents.look(this.#fingerprint.changes('contents'), now)
    const sameMembers = members === this.#fingerprint.members
    const sameContents = contents === this.#fingerprint.contents
    this.#members.differsSince = sameMembers ? undefined : (this.#members.differsSince ?? now)
    this.#contents.differsSince = sameContents ? undefined : (this.#contents.differsSince ?? now)
    if (sameMembers && sameContents) this.#patience = 1
    this.#heard(from, sameMembers && sameContents)
    const longAgo = now - this.#patience * spreadTimeMs(this.#context)
    if ((this.#members.differsSince ?? now) <= longAgo) this.#begin(from, 'members')
    else if ((this.#contents.differsSince ?? now) <= longAgo && this.#contents.changedAt <= longAgo) {
      this.#begin(from, 'all')
    }
  }

  #begin(peer: NodeId, scope: Scope): void {
    const { now, timing } = this.#context
    const changes = this.#fingerprint.changes('members') + this.#fingerprint.changes('contents')
    const most = Math.max(1, timing.syncIntervalMs / spreadTimeMs(this.#context))
    const inVain = this.#compared && changes === this.#changesAtLastCompare
    this.#patience = inVain ? Math.min(2 * this.#patience, most) : 1
    this.#compared = false
    this.#changesAtLastCompare = changes
    if (this.#members.differsSince !== undefined) this.#members.differsSince = now
    if (this.#contents.differsSince !== undefined) this.#contents.differsSince = now
    this.#compare(peer, scope)
  }
}
