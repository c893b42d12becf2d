import type { DiskFile } from '@colony/host'
import type { SnapshotMeta } from '../../core/entry.ts'
import { decodeMembership, encodeMembership } from '../../core/membership.ts'
import type { StoredSnapshot } from '../storage.ts'
import { damaged, unreadable } from './damage.ts'
import { FORMAT_VERSION, snapshotIndex, snapshotName, TEMPORARY_SUFFIX } from './format.ts'
import type { LogPlace } from './recovery.ts'

/** The first word of the file: `colony-raft-snapshot 1 <CRC of the second line, 8 hex digits>`. The second line is JSON; the content follows it. */
const MAGIC = 'colony-raft-snapshot'

/** So much is written before it is made durable: a commit that meets it on the same disk waits for that much, not for all of a snapshot. */
const SYNC_BYTES = 1024 * 1024

/** The header is looked for in so much at first, and in no more than the second number. */
const HEADER_BYTES = 4096
const MAX_HEADER_BYTES = 16 * 1024 * 1024

/** What the header of a snapshot file says, and how long it is. */
export interface SnapshotHeader {
  readonly meta: SnapshotMeta
  /** Where the content begins. */
  readonly bytes: number
}

/** Writes a snapshot, durably and at once: after a crash it is there whole or not at all. What goes wrong before leaves nothing but a temporary file. */
export async function writeSnapshot(
  place: LogPlace,
  meta: SnapshotMeta,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { disk, directory } = place
  const path = `${directory}/${snapshotName(meta.index)}`
  const temporary = path + TEMPORARY_SUFFIX
  const file = await disk.open(temporary, { create: true })
  try {
    await file.truncate(0)
    await writeAll(file, headerOf(place, meta), chunks)
  } catch (error) {
    await file.close()
    await disk.remove(temporary).catch(() => undefined)
    throw error
  }
  await file.close()
  await disk.rename(temporary, path)
  await disk.syncDirectory(directory)
}

async function writeAll(
  file: DiskFile,
  header: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  await file.write(0, header)
  let position = header.length
  let unsynced = header.length
  for await (const chunk of chunks) {
    await file.write(position, chunk)
    position += chunk.length
    unsynced += chunk.length
    if (unsynced < SYNC_BYTES) continue
    await file.sync()
    unsynced = 0
  }
  await file.sync()
}

/** Removes every snapshot but the newest. That they are gone need not be durable. */
export async function removeOlderSnapshots({ disk, directory }: LogPlace, newest: number): Promise<void> {
  for (const name of await disk.list(directory)) {
    const index = snapshotIndex(name)
    if (index !== undefined && index < newest) await disk.remove(`${directory}/${name}`)
  }
}

/** Header of the newest snapshot among the names of a directory; `undefined` when there is none. */
export async function readNewestSnapshot(
  place: LogPlace,
  names: readonly string[],
): Promise<SnapshotHeader | undefined> {
  const newest = Math.max(0, ...names.map((name) => snapshotIndex(name) ?? 0))
  if (newest === 0) return undefined
  const path = `${place.directory}/${snapshotName(newest)}`
  const file = await place.disk.open(path)
  try {
    return await readHeader(place, path, newest, file)
  } finally {
    await file.close()
  }
}

/** Opens the content of a snapshot whose header is known. */
export async function openSnapshotFile(
  place: LogPlace,
  { meta, bytes }: SnapshotHeader,
): Promise<StoredSnapshot> {
  const file = await place.disk.open(`${place.directory}/${snapshotName(meta.index)}`)
  let isOpen = true
  return {
    meta,
    bytes: (await file.size()) - bytes,
    read: (offset, length) => file.read(bytes + offset, length),
    async close() {
      if (!isOpen) return
      isOpen = false
      await file.close()
    },
  }
}

/** Bytes before the content. */
export function headerOf(place: LogPlace, { index, term, membership }: SnapshotMeta): Uint8Array {
  const members = Array.from(encodeMembership(membership), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
  const body = `${JSON.stringify({ index, term, members, incarnation: place.incarnation })}\n`
  return new TextEncoder().encode(`${MAGIC} ${FORMAT_VERSION} ${sum(place, FORMAT_VERSION, body)}\n${body}`)
}

async function readHeader(
  place: LogPlace,
  path: string,
  index: number,
  file: DiskFile,
): Promise<SnapshotHeader> {
  const illegible = (problem: string): Error =>
    damaged({ file: path, position: 0, problem, fromIndex: 1, toIndex: index })
  for (let length = HEADER_BYTES; ; length *= 4) {
    const bytes = await file.read(0, length)
    const first = bytes.indexOf(10)
    const second = first < 0 ? -1 : bytes.indexOf(10, first + 1)
    if (second < 0 && bytes.length === length && length < MAX_HEADER_BYTES) continue
    const text = new TextDecoder().decode(bytes.subarray(0, second + 1))
    const header = /^colony-raft-snapshot (\d+) ([0-9a-f]{8})\n/.exec(text)
    const body = header === null ? '' : text.slice(header[0].length)
    if (header === null || header[2] !== sum(place, Number(header[1]), body)) {
      throw illegible('the header of this snapshot is unreadable')
    }
    if (Number(header[1]) !== FORMAT_VERSION)
      throw unreadable(path, `the snapshot has format version ${header[1]}`)
    const meta = parse(body, index, place.incarnation)
    if (meta === undefined) throw illegible('this is not the snapshot of this log that its name says')
    return { meta, bytes: second + 1 }
  }
}

/** What the second line says; `undefined` when it is of another log or index, or nothing of the kind. */
function parse(body: string, index: number, incarnation: string): SnapshotMeta | undefined {
  let parsed: Partial<Record<'index' | 'term' | 'members' | 'incarnation', unknown>> | null
  try {
    parsed = JSON.parse(body) as typeof parsed
  } catch {
    return undefined
  }
  const { term, members } = parsed ?? {}
  if (parsed?.index !== index || parsed.incarnation !== incarnation) return undefined
  if (typeof term !== 'number' || !Number.isSafeInteger(term) || typeof members !== 'string') return undefined
  const bytes = Uint8Array.from(members.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const membership = decodeMembership(bytes)
  return membership === undefined ? undefined : { index, term, membership }
}

/** The version is covered too: it is part of what is summed. */
function sum({ checksum }: LogPlace, version: number, body: string): string {
  return checksum(new TextEncoder().encode(`${version}\n${body}`))
    .toString(16)
    .padStart(8, '0')
}
