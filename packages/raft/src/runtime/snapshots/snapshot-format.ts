// The content of a snapshot, format version 2. All numbers little endian.
//
//   0   magic 'COLONYSN'  8 bytes
//   8   blocks, one behind the other:
//
//   0   kind              u8
//   1   payload length    u32
//   5   payload
//   …   CRC               u32     of the magic and of kinds, lengths and payloads up to here, of all blocks before too
//
// The first block is a header, then come blocks of idempotency keys, of sessions, of the machine's bytes, and one that says that this was all. Each CRC
// covers everything before it but the CRCs (the sum of bytes with their own CRC behind them says nothing about the bytes): it vouches for its block and for the order of all, and the last one, with the length, for the whole.
//
// In version 1 the header has no log time and no limits, keys have no time, and there are no sessions. It is written as long as the log has stated no time, since there
// may be members that read no other.

/** Version of the format that is written once the log has stated a time. */
export const SNAPSHOT_VERSION = 2

/** The version before, which is read, and written before that. */
export const UNTIMED_SNAPSHOT_VERSION = 1

/** The first bytes of every snapshot: 'COLONYSN'. */
export const SNAPSHOT_MAGIC: Uint8Array = Uint8Array.of(0x43, 0x4f, 0x4c, 0x4f, 0x4e, 0x59, 0x53, 0x4e)

/** Kind and length before a payload. */
export const BLOCK_HEADER_BYTES = 5
/** The CRC behind it. */
export const BLOCK_TRAILER_BYTES = 4

/** What is in a block. */
export const BLOCK_HEADER = 1
/** Remembered idempotency keys. */
export const BLOCK_KEYS = 2
/** What the machine wrote. */
export const BLOCK_MACHINE = 3
/** Nothing; the snapshot is complete. */
export const BLOCK_END = 4
/** Sessions. */
export const BLOCK_SESSIONS = 5

/** In which order blocks come. */
export const BLOCK_ORDER: readonly number[] = [
  BLOCK_HEADER,
  BLOCK_KEYS,
  BLOCK_SESSIONS,
  BLOCK_MACHINE,
  BLOCK_END,
]

/** Longer chunks of a machine are split, shorter ones are not joined. */
export const MAX_MACHINE_BLOCK_BYTES: number = 64 * 1024

/** Longest payload: a single remembered result may be long. */
export const MAX_BLOCK_BYTES: number = 1024 * 1024 * 1024

/** What a snapshot's content is, so that two of them can be told apart or taken for the same. */
export interface SnapshotSum {
  /** Its length. */
  readonly bytes: number
  /** What its last four bytes hold. */
  readonly checksum: number
}
