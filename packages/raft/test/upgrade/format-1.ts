import { ByteReader, decodeWith } from '@colony/host'

/*
 * What nodes of format 1 understood, as it was at commit 861df7c. Frozen: it changes with nothing in `src`.
 */

/** First bytes of the frames that they knew, behind the version. */
const CODES: readonly number[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15],
  ...[32, 33, 34, 35, 36, 37, 44, 48, 49],
]
const APPEND = 5
const OFFER = 8
const CHUNK = 9
const LEASED_APPEND = 13
const FORWARD = 32

const COMMAND = 1
const CONFIGURATION = 3
/** Where the content of a snapshot says its version: behind the magic, and kind and length of the first block. */
const SNAPSHOT_VERSION_AT = 8 + 5

/** What a node of format 1 makes of a frame. `dropped`: counts it as malformed. `fatal`: takes it, and stops or is stuck because of what is in it. */
export type Reading = 'understood' | 'dropped' | 'fatal'

/** What a node of format 1 makes of a frame. */
export function readFormat1(frame: Uint8Array): Reading {
  let fatal = false
  const decoded = decodeWith(new ByteReader(), frame, (reader) => {
    if (reader.u8() !== 1) reader.fail('frame version')
    const code = reader.u8()
    if (!CODES.includes(code)) reader.fail('code')
    if (code === APPEND || code === LEASED_APPEND) fatal = !readAppend(reader, code === LEASED_APPEND)
    else if (code === FORWARD) fatal = !readForward(reader)
    else if (code === OFFER) readOffer(reader)
    else if (code === CHUNK) fatal = !readChunk(reader)
    else reader.raw(reader.remaining)
  })
  if (!decoded.ok) return 'dropped'
  return fatal ? 'fatal' : 'understood'
}

function skipVarints(reader: ByteReader, count: number): void {
  for (let i = 0; i < count; i++) reader.varint()
}

/** Whether all entries can be applied. */
function readAppend(reader: ByteReader, leased: boolean): boolean {
  // Term, lease, index and term before, commit, round, echo, age of the quorum.
  skipVarints(reader, leased ? 8 : 7)
  let isFine = true
  for (let left = reader.count(1_000_000, 3); left > 0 && !reader.failed; left--) {
    reader.varint()
    const kind = reader.u8()
    if (kind < COMMAND || kind > CONFIGURATION) reader.fail('entry kind')
    const data = reader.bytes()
    if (kind === COMMAND) isFine &&= isCommand(data)
    if (kind === CONFIGURATION && !isMembership(data)) reader.fail('membership')
  }
  return isFine
}

/** A plain command, or one with a key. */
function isCommand(data: Uint8Array): boolean {
  return data[0] === 0 || data[0] === 1
}

/** Life, request, term, oldest, and what is to be appended. */
function readForward(reader: ByteReader): boolean {
  skipVarints(reader, 4)
  return isCommand(reader.bytes())
}

/** Term, index, length, checksum, term of the snapshot, membership. */
function readOffer(reader: ByteReader): void {
  skipVarints(reader, 3)
  reader.u32()
  reader.varint()
  if (!isMembership(reader.bytes())) reader.fail('membership')
}

/** Term, index, length, checksum, offset, bytes: whether they begin a snapshot that can be read. */
function readChunk(reader: ByteReader): boolean {
  skipVarints(reader, 3)
  reader.u32()
  const offset = reader.varint()
  const data = reader.bytes()
  return offset > 0 || data[SNAPSHOT_VERSION_AT] === 1
}

/** Version 1; voters, outgoing voters, learners; a goal or none; addresses; and nothing behind them. */
function isMembership(data: Uint8Array): boolean {
  return decodeWith(new ByteReader(), data, (reader) => {
    if (reader.u8() !== 1) reader.fail('version')
    const skipNames = (each: number): void => {
      for (let left = each * reader.count(4096, each * 2); left > 0 && !reader.failed; left--) reader.string()
    }
    for (let list = 0; list < 3; list++) skipNames(1)
    if (reader.u8() === 1) for (let list = 0; list < 2; list++) skipNames(1)
    skipNames(2)
  }).ok
}
