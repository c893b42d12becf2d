import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import { readShared, type SharedRecord, writeShared } from '../state/shared-record.ts'
import { readRun, type StateRun, writeRun } from '../state/state-run.ts'
import { type MemberUpdate, readUpdate, writeUpdate } from '../wire/member-update.ts'
import { SCRATCH_ITEM } from '../wire/scratch.ts'
import type { Offer } from './difference.ts'
import { type Knowledge, tellFrom } from './knowledge.ts'

/** What a part of a chunk is. Only append. */
const PARTS = { member: 1, run: 2, shared: 3 } as const

/** Fills chunks from what is still to be told. */
export class ChunkFiller {
  readonly #knowledge: Knowledge
  readonly #self: NodeId
  constructor(knowledge: Knowledge, self: NodeId) {
    this.#knowledge = knowledge
    this.#self = self
  }

  /**
   * Moves what fits into `limit` bytes of the writer from `offer`: members first, because nothing is learned of the state of a stranger; then states, each from where the other's copy
   * ends; then shared values. Whether all was moved.
   */
  fill(writer: ByteWriter, limit: number, offer: Offer): boolean {
    return (
      this.#fillMembers(writer, limit, offer) &&
      this.#fillStates(writer, limit, offer) &&
      this.#fillShared(writer, limit, offer)
    )
  }

  #fillMembers(writer: ByteWriter, limit: number, { members }: Offer): boolean {
    for (const id of members) {
      const update = this.#knowledge.register.record(id)
      if (update !== undefined) {
        SCRATCH_ITEM.u8(PARTS.member)
        writeUpdate(SCRATCH_ITEM, update, this.#self)
        if (!this.#append(writer, limit)) return false
      }
      members.delete(id)
    }
    return true
  }

  #fillStates(writer: ByteWriter, limit: number, { states }: Offer): boolean {
    for (const [id, theirs] of states) {
      const copy = this.#knowledge.state.store.copy(id)
      const base = tellFrom(copy, theirs)
      if (copy !== undefined && base !== undefined) {
        SCRATCH_ITEM.u8(PARTS.run)
        const upTo = writeRun(SCRATCH_ITEM, id, copy, base, limit - writer.length - 1)
        // Nothing of it was written, or no room was left for the part's kind.
        if (SCRATCH_ITEM.length === 1 || !this.#append(writer, limit)) {
          SCRATCH_ITEM.reset()
          return false
        }
        if (upTo < copy.version) {
          states.set(id, { life: copy.life, version: upTo, floor: copy.floor })
          return false
        }
      }
      states.delete(id)
    }
    return true
  }

  #fillShared(writer: ByteWriter, limit: number, { shared }: Offer): boolean {
    for (const key of shared) {
      const record = this.#knowledge.shared.values.record(key)
      if (record !== undefined) {
        SCRATCH_ITEM.u8(PARTS.shared)
        writeShared(SCRATCH_ITEM, record)
        if (!this.#append(writer, limit)) return false
      }
      shared.delete(key)
    }
    return true
  }

  #append(writer: ByteWriter, limit: number): boolean {
    const fits = writer.length + SCRATCH_ITEM.length <= limit
    if (fits) writer.raw(SCRATCH_ITEM.finish())
    else SCRATCH_ITEM.reset()
    return fits
  }
}

/** Everything in a chunk. */
export interface ChunkParts {
  readonly members: MemberUpdate[]
  readonly runs: StateRun[]
  readonly shared: SharedRecord[]
}

/** Reads the parts of a chunk that `from` sent; `undefined`, with the reader failed, when one is malformed. */
export function readChunk(reader: ByteReader, from: NodeId): ChunkParts | undefined {
  const parts: ChunkParts = { members: [], runs: [], shared: [] }
  while (reader.remaining > 0) readPart(reader, from, parts)
  return reader.failed ? undefined : parts
}

function readPart(reader: ByteReader, from: NodeId, { members, runs, shared }: ChunkParts): void {
  const part = reader.u8()
  if (part === PARTS.member) push(members, readUpdate(reader, from))
  else if (part === PARTS.run) push(runs, readRun(reader))
  else if (part === PARTS.shared) push(shared, readShared(reader))
  else reader.fail('an unknown part of a chunk')
}

function push<Part>(parts: Part[], part: Part | undefined): void {
  if (part !== undefined) parts.push(part)
}
