import type { ByteReader, ByteWriter } from '@colony/host'
import type { RememberLimits } from '../command-entry.ts'
import type { Remembered } from '../remembered.ts'
import type { RememberedKey } from '../remembered-keys.ts'
import type { RememberedResult, RememberedSession } from '../remembered-sessions.ts'

/** Writes log time, at the end of a header. */
export function writeLogTime(fields: ByteWriter, time: number, limits: RememberLimits): void {
  fields.varint(time)
  fields.varint(limits.keysExpireAfterMs)
  fields.varint(limits.sessionsExpireAfterMs)
  fields.varint(limits.maxBytes)
}

/** Reads it. */
export function readLogTime(fields: ByteReader): Pick<Remembered, 'time' | 'limits'> {
  const time = fields.varint()
  const keysExpireAfterMs = fields.varint()
  const sessionsExpireAfterMs = fields.varint()
  return { time, limits: { keysExpireAfterMs, sessionsExpireAfterMs, maxBytes: fields.varint() } }
}

/** Writes a remembered key; its time too, if the log has any. */
export function writeKey(fields: ByteWriter, known: RememberedKey, isTimed: boolean): void {
  fields.string(known.key)
  fields.varint(known.index)
  fields.u32(known.fingerprint)
  writeResult(fields, known.result)
  if (isTimed) fields.varint(known.time)
}

/** Reads it. */
export function readKey(fields: ByteReader, isTimed: boolean): RememberedKey {
  const [key, index, fingerprint] = [fields.string(), fields.varint(), fields.u32()]
  const result = readResult(fields)
  return { key, index, fingerprint, result, time: isTimed ? fields.varint() : 0 }
}

/** Writes a session with its results. */
export function writeSession(fields: ByteWriter, { id, usedAt, oldest, results }: RememberedSession): void {
  fields.varint(id)
  fields.varint(usedAt)
  fields.varint(oldest)
  fields.varint(results.length)
  for (const { number, index, fingerprint, result } of results) {
    fields.varint(number)
    fields.varint(index)
    fields.u32(fingerprint)
    writeResult(fields, result)
  }
}

/** Least bytes that a result takes: number, index, fingerprint, whether there is one. */
const RESULT_MIN_BYTES = 7

/** Reads it. */
export function readSession(fields: ByteReader): RememberedSession {
  const [id, usedAt, oldest] = [fields.varint(), fields.varint(), fields.varint()]
  const results: RememberedResult[] = []
  for (
    let left = fields.count(Number.MAX_SAFE_INTEGER, RESULT_MIN_BYTES);
    left > 0 && !fields.failed;
    left--
  ) {
    const [number, index, fingerprint] = [fields.varint(), fields.varint(), fields.u32()]
    results.push({ number, index, fingerprint, result: readResult(fields) })
  }
  return { id, usedAt, oldest, results }
}

function writeResult(fields: ByteWriter, result: Uint8Array | undefined): void {
  fields.u8(result === undefined ? 0 : 1)
  if (result !== undefined) fields.bytes(result)
}

/** A copy: a view would keep all that it came with. */
function readResult(fields: ByteReader): Uint8Array | undefined {
  return fields.u8() === 0 ? undefined : fields.bytes().slice()
}
