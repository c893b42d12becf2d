import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { nodeDisk } from '@colony/host/node'
import { GossipError } from '../errors.ts'
import { LAST_EPOCH, wallEpoch } from './wall-epoch.ts'

/**
 * The epoch of each life of a node, kept in a file: the time of day, or one more than that of the life before where that is greater. So a node is known for a new one after every
 * restart, also when its clock was set back, or two restarts fall into one millisecond. Written before it is given, and as a whole or not at all.
 *
 * One file for one node. A file that is lost costs no more than the clock is worth.
 * @param path Of the file; its directory is made where it is missing.
 * @returns What `createGossip` takes as `epoch`; each call begins another life. Rejects with a {@link GossipError} with code `GOSSIP_INVALID_OPTION` when the file holds something else, and with what the
 *   system says when it can be neither read nor written.
 * @example
 * ```ts
 * createGossip({ id: 'api-7', host, epoch: fileEpoch('/var/lib/app/gossip-epoch') })
 * ```
 * @category Node
 */
export function fileEpoch(
  path: string,
  options: { readonly wallNow?: () => number } = {},
): () => Promise<number> {
  const { wallNow = Date.now } = options
  return async () => {
    const last = await readEpoch(path)
    const epoch = Math.max(wallEpoch(wallNow()), last + 1)
    if (epoch > LAST_EPOCH) throw unusable(path, `holds an epoch too late to be followed: ${last}`)
    await writeEpoch(path, epoch)
    return epoch
  }
}

/** -1 where there is none yet. */
async function readEpoch(path: string): Promise<number> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return -1
    throw error
  }
  if (!/^\d{1,13}\n?$/.test(text)) throw unusable(path, 'does not hold an epoch')
  return Number(text)
}

async function writeEpoch(path: string, epoch: number): Promise<void> {
  const disk = nodeDisk()
  await disk.makeDirectory(dirname(path))
  const unfinished = `${path}.${randomUUID()}`
  try {
    const file = await open(unfinished, 'wx')
    try {
      await file.writeFile(`${epoch}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  await disk.syncDirectory(dirname(path))
}

function unusable(path: string, problem: string): GossipError {
  return new GossipError(
    'GOSSIP_INVALID_OPTION',
    `the file ${path} ${problem}: if it is not something else that you need, remove it, and the clock alone decides`,
  )
}
