import type { Address, ByteReader, ByteWriter, NodeId } from '@colony/host'
import type { MembershipChange } from '../core/membership-change.ts'
import { MAX_ADDRESS_LENGTH } from '../core/membership.ts'

const CODES = { set: 1, add: 2, remove: 3, replace: 4, move: 5 } as const

/** More than any membership holds; what is too much of it, the leader says. */
const MAX_IDS = 1024

/** Writes what is wanted of the membership. */
export function writeChange(writer: ByteWriter, change: MembershipChange): void {
  writer.u8(CODES[change.type])
  switch (change.type) {
    case 'set':
      writeIds(writer, change.voters)
      writeIds(writer, change.learners)
      break
    case 'add':
      writer.string(change.id)
      writer.u8(change.role === 'voter' ? 1 : 0)
      break
    case 'remove':
    case 'move':
      writer.string(change.id)
      break
    case 'replace':
      writer.string(change.old)
      writer.string(change.by)
      break
  }
  writer.varint(change.addresses.size)
  for (const [id, address] of change.addresses) {
    writer.string(id)
    writer.string(address)
  }
}

function writeIds(writer: ByteWriter, ids: readonly NodeId[]): void {
  writer.varint(ids.length)
  for (const id of ids) writer.string(id)
}

/** Reads what {@link writeChange} wrote. Ids are for the leader to judge. */
export function readChange(reader: ByteReader): MembershipChange {
  const code = reader.u8()
  switch (code) {
    case CODES.set: {
      const [voters, learners] = [readIds(reader), readIds(reader)]
      return { type: 'set', voters, learners, addresses: readAddresses(reader) }
    }
    case CODES.add: {
      const [id, vote] = [reader.string(), reader.u8()]
      if (vote > 1) reader.fail(`flag ${vote} is neither 0 nor 1`)
      return { type: 'add', id, role: vote === 1 ? 'voter' : 'learner', addresses: readAddresses(reader) }
    }
    case CODES.replace: {
      const [old, by] = [reader.string(), reader.string()]
      return { type: 'replace', old, by, addresses: readAddresses(reader) }
    }
    default: {
      if (code !== CODES.remove && code !== CODES.move) reader.fail(`unknown change of members ${code}`)
      const id = reader.string()
      return { type: code === CODES.move ? 'move' : 'remove', id, addresses: readAddresses(reader) }
    }
  }
}

function readIds(reader: ByteReader): readonly NodeId[] {
  const count = reader.count(MAX_IDS, 1)
  return Array.from({ length: count }, () => reader.string())
}

function readAddresses(reader: ByteReader): ReadonlyMap<NodeId, Address> {
  const count = reader.count(MAX_IDS, 2)
  const addresses = new Map<NodeId, Address>()
  for (let i = 0; i < count; i++) {
    const id = reader.string()
    const address = reader.string()
    if (address === '' || address.length > MAX_ADDRESS_LENGTH) reader.fail('an address is empty or too long')
    if (addresses.has(id)) reader.fail('two addresses of one node')
    addresses.set(id, address)
  }
  return addresses
}
