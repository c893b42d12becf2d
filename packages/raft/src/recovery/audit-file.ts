import type { Checksum, Disk, NodeId } from '@colony/host'
import type { LogIndex, Term } from '../core/entry.ts'
import { TEMPORARY_SUFFIX } from '../storage/log/format.ts'
import { refusal } from './recovery-plan.ts'

/** Name of the file that says what was forced upon a log. The last line counts. */
const AUDIT_NAME = 'recovery-audit'

/**
 * A recovery, as the audit file of the chosen directory keeps it.
 * @category Recovery
 */
export interface AuditRecord {
  /** When it was begun, in ISO 8601. */
  readonly at: string
  /** Why, as whoever did it said. */
  readonly reason: string
  /** The group. */
  readonly group: string
  /** Cluster id before. */
  readonly from: string
  /** Cluster id from then on. */
  readonly to: string
  /** Whose log it went on with. */
  readonly chosen: NodeId
  /** Who is to be a member, sorted. */
  readonly survivors: readonly NodeId[]
  /** Voters that were given up, sorted. */
  readonly missing: readonly NodeId[]
  /** Where the new membership stands. */
  readonly index: LogIndex
  /** Its term. */
  readonly term: Term
  /** What was committed for certain. */
  readonly committedAtLeast: LogIndex
  /** Whether it was carried out to its end. */
  readonly done: boolean
}

/** The last record of a directory; `undefined` when nothing was forced upon it. */
export async function readAudit(
  disk: Disk,
  directory: string,
  checksum: Checksum,
): Promise<AuditRecord | undefined> {
  const last = (await readLines(disk, directory)).at(-1)
  if (last === undefined) return undefined
  const [sum, body] = [last.slice(0, 8), last.slice(9)] as const
  if (sum !== sumOf(body, checksum)) throw refusal(`the file ${AUDIT_NAME} in ${directory} is damaged`)
  return JSON.parse(body) as AuditRecord
}

/** Adds a record, durably and at once. */
export async function writeAudit(
  disk: Disk,
  directory: string,
  record: AuditRecord,
  checksum: Checksum,
): Promise<void> {
  const body = JSON.stringify(record)
  const lines = [...(await readLines(disk, directory)), `${sumOf(body, checksum)} ${body}`]
  const path = `${directory}/${AUDIT_NAME}`
  const file = await disk.open(path + TEMPORARY_SUFFIX, { create: true })
  try {
    await file.truncate(0)
    await file.write(0, new TextEncoder().encode(`${lines.join('\n')}\n`))
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(path + TEMPORARY_SUFFIX, path)
  await disk.syncDirectory(directory)
}

async function readLines(disk: Disk, directory: string): Promise<string[]> {
  if (!(await disk.list(directory)).includes(AUDIT_NAME)) return []
  const file = await disk.open(`${directory}/${AUDIT_NAME}`)
  try {
    const text = new TextDecoder().decode(await file.read(0, await file.size()))
    return text.split('\n').filter((line) => line !== '')
  } finally {
    await file.close()
  }
}

function sumOf(body: string, checksum: Checksum): string {
  return checksum(new TextEncoder().encode(body)).toString(16).padStart(8, '0')
}
