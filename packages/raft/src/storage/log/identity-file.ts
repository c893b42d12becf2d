import type { Checksum, Disk } from '@colony/host'
import { canonicalIdentity } from '../identity.ts'
import type { StorageIdentity } from '../storage.ts'
import { damaged, unreadable } from './damage.ts'
import { FORMAT_VERSION, TEMPORARY_SUFFIX } from './format.ts'

/** Name of the file that says whose log a directory holds. */
export const IDENTITY_NAME = 'identity'

/** The first word of the file: `colony-raft-log 1 <CRC of the second line, 8 hex digits>`. The second line is JSON, for people too. */
const MAGIC = 'colony-raft-log'

/** Whose log it is, and which life of it. */
export interface LogIdentity {
  readonly identity: StorageIdentity
  /** Random at founding; mixed into every CRC, so that files of two logs can't be mixed up even under one identity. */
  readonly incarnation: string
}

/** Reads the identity of a directory; `undefined` when there is none. */
export async function readIdentity(
  disk: Disk,
  directory: string,
  checksum: Checksum,
): Promise<LogIdentity | undefined> {
  const path = `${directory}/${IDENTITY_NAME}`
  if (!(await disk.list(directory)).includes(IDENTITY_NAME)) return undefined
  const file = await disk.open(path)
  let bytes: Uint8Array
  try {
    bytes = await file.read(0, await file.size())
  } finally {
    await file.close()
  }
  const text = new TextDecoder().decode(bytes)
  const header = /^colony-raft-log (\d+) ([0-9a-f]{8})\n/.exec(text)
  const body = header === null ? '' : text.slice(header[0].length)
  if (header === null || header[2] !== sum(Number(header[1]), body, checksum)) throw illegible(path)
  if (Number(header[1]) !== FORMAT_VERSION) throw unreadable(path, `the log has format version ${header[1]}`)
  const parsed = parseIdentity(body)
  if (parsed === undefined) throw illegible(path)
  const { incarnation, ...identity } = parsed
  return { identity: canonicalIdentity(identity), incarnation }
}

/** What the second line says; `undefined` when it is no identity, which a right CRC does not rule out: somebody may have edited both. */
function parseIdentity(
  body: string,
): (Omit<StorageIdentity, 'incarnation'> & { readonly incarnation: string }) | undefined {
  let parsed: Partial<Record<keyof StorageIdentity | 'incarnation', unknown>> | null
  try {
    parsed = JSON.parse(body) as typeof parsed
  } catch {
    return undefined
  }
  const { clusterId, group, nodeId, voters, incarnation } = parsed ?? {}
  if (typeof clusterId !== 'string' || typeof group !== 'string' || typeof nodeId !== 'string')
    return undefined
  if (!Array.isArray(voters) || typeof incarnation !== 'string') return undefined
  const names: readonly unknown[] = voters
  if (!names.every((name): name is string => typeof name === 'string')) return undefined
  return { clusterId, group, nodeId, voters: names, incarnation }
}

function illegible(path: string): Error {
  return damaged({ file: path, position: 0, problem: 'the identity of this log is unreadable', fromIndex: 1 })
}

/** Writes the identity of a new log, durably and at once: after a crash it is there whole or not at all. */
export async function writeIdentity(
  disk: Disk,
  directory: string,
  { identity, incarnation }: LogIdentity,
  checksum: Checksum,
): Promise<void> {
  const path = `${directory}/${IDENTITY_NAME}`
  const body = `${JSON.stringify({ ...identity, incarnation })}\n`
  const bytes = new TextEncoder().encode(
    `${MAGIC} ${FORMAT_VERSION} ${sum(FORMAT_VERSION, body, checksum)}\n${body}`,
  )
  const file = await disk.open(path + TEMPORARY_SUFFIX, { create: true })
  try {
    await file.truncate(0)
    await file.write(0, bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(path + TEMPORARY_SUFFIX, path)
  await disk.syncDirectory(directory)
}

/** The version is covered too: it is part of what is summed. */
function sum(version: number, body: string, checksum: Checksum): string {
  return checksum(new TextEncoder().encode(`${version}\n${body}`))
    .toString(16)
    .padStart(8, '0')
}
