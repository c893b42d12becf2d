import type { Checksum, Disk } from '@colony/host'
import { RaftError } from '../../errors.ts'
import type { StorageIdentity } from '../storage.ts'
import { TEMPORARY_SUFFIX } from './format.ts'

/** Name of the file that says whose log was given up in a directory. */
export const RETIRED_NAME = 'retired'

/** The first word of the file: `colony-raft-retired 1 <CRC of the second line, 8 hex digits>`. The second line is JSON. */
const MAGIC = 'colony-raft-retired'

/** Whose log was given up, and why. */
export interface Retirement {
  /** The node, which must not come back under this id: it has forgotten what it promised. */
  readonly nodeId: string
  /** Its cluster. */
  readonly clusterId: string
  /** Its group. */
  readonly group: string
  /** What was wrong with the log. */
  readonly reason: string
}

/** Reads the mark of a directory; `undefined` when there is none. One that can't be read counts for every node. */
export async function readRetirement(
  disk: Disk,
  directory: string,
  checksum: Checksum,
): Promise<Retirement | undefined> {
  if (!(await disk.list(directory)).includes(RETIRED_NAME)) return undefined
  const file = await disk.open(`${directory}/${RETIRED_NAME}`)
  try {
    const text = new TextDecoder().decode(await file.read(0, await file.size()))
    const [first = '', second = ''] = text.split('\n')
    if (first === `${MAGIC} 1 ${sum(second, checksum)}`) return JSON.parse(second) as Retirement
    return { nodeId: '', clusterId: '', group: '', reason: 'the mark that says so is unreadable' }
  } finally {
    await file.close()
  }
}

/** Marks a directory, durably and at once. */
export async function writeRetirement(
  disk: Disk,
  directory: string,
  retirement: Retirement,
  checksum: Checksum,
): Promise<void> {
  const path = `${directory}/${RETIRED_NAME}`
  const body = JSON.stringify(retirement)
  const file = await disk.open(path + TEMPORARY_SUFFIX, { create: true })
  try {
    await file.truncate(0)
    await file.write(0, new TextEncoder().encode(`${MAGIC} 1 ${sum(body, checksum)}\n${body}\n`))
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(path + TEMPORARY_SUFFIX, path)
  await disk.syncDirectory(directory)
}

/** Refuses a node whose log was given up here: started with an empty log it would vote a second time in terms in which it has voted. */
export function requireNotRetired(
  retirement: Retirement | undefined,
  asked: StorageIdentity,
  directory: string,
): void {
  if (retirement === undefined) return
  const { nodeId, clusterId, group } = retirement
  const isOther =
    nodeId !== '' && (nodeId !== asked.nodeId || clusterId !== asked.clusterId || group !== asked.group)
  if (isOther) return
  throw new RaftError(
    'RAFT_STORAGE_DAMAGED',
    `${directory}: the log of node "${asked.nodeId}" was given up here, so this node has forgotten how it voted and must not come back under this id. ` +
      'Remove it from the group and add a new node with a new id in its place; that one may use this directory.',
  )
}

function sum(body: string, checksum: Checksum): string {
  return checksum(new TextEncoder().encode(body)).toString(16).padStart(8, '0')
}
