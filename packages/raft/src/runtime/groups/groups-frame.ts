import { ByteReader, ByteWriter, decodeWith, type Decoded } from '@colony/host'

// A frame between two nodes with many groups: what any number of groups have to say to each other, and that the node is there.
//
//   version u8, code u8, life varint, era varint
//   then for each message: how many characters its group's name shares with that before u8, the rest of the name string, the frame of the group's own channel bytes

/** The channel of all groups on a host's transport. */
export const GROUPS_CHANNEL = 'raft-groups'
const FRAME_VERSION = 1
const GROUPS = 54
/** Most that a frame takes beside a single message in it. */
export const GROUPS_FRAME_OVERHEAD = 512

/** What one group says. */
export interface GroupMessage {
  readonly group: string
  /** As on a channel of its own. */
  readonly frame: Uint8Array
}

/** A frame, and what it says of its sender. */
export interface GroupsFrame {
  /** Distinguishes the lives of the sending process. */
  readonly life: number
  /** Grows when quiet followers of this node have reason to doubt it. */
  readonly era: number
  readonly messages: readonly GroupMessage[]
}

const writer = new ByteWriter()
const reader = new ByteReader()

/** The bytes of a frame. */
export function encodeGroupsFrame({ life, era, messages }: GroupsFrame): Uint8Array {
  writer.reset()
  writer.u8(FRAME_VERSION)
  writer.u8(GROUPS)
  writer.varint(life)
  writer.varint(era)
  let before = ''
  for (const { group, frame } of messages) {
    const shared = sharedStart(before, group)
    writer.u8(shared)
    writer.string(group.slice(shared))
    writer.bytes(frame)
    before = group
  }
  return writer.finish()
}

/** Names of groups are much alike. Never half of a pair of surrogates. */
function sharedStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length, 255)
  let at = 0
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at++
  const code = b.charCodeAt(at)
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}

/** What a frame says, or why it says nothing. Messages' frames are views of its bytes. */
export function decodeGroupsFrame(bytes: Uint8Array): Decoded<GroupsFrame> {
  return decodeWith(reader, bytes, readFrame)
}

function readFrame(): GroupsFrame {
  const version = reader.u8()
  if (version !== FRAME_VERSION) reader.fail(`frame version ${version} is unknown`)
  const code = reader.u8()
  if (code !== GROUPS) reader.fail(`unknown message code ${code}`)
  const life = reader.varint()
  const era = reader.varint()
  const messages: GroupMessage[] = []
  let before = ''
  while (reader.remaining > 0 && !reader.failed) {
    const shared = reader.u8()
    if (shared > before.length) reader.fail(`${shared} characters of a name that has ${before.length}`)
    const group = before.slice(0, shared) + reader.string()
    messages.push({ group, frame: reader.bytes() })
    before = group
  }
  return { life, era, messages }
}
