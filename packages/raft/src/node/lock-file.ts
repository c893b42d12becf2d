import { randomUUID } from 'node:crypto'
import { link, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { nodeDisk } from '@colony/host/node'
import { RaftError } from '../errors.ts'
import { mayRun, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/** Name of the file whose being there means: taken. */
const LOCK_NAME = 'LOCK'

/** Beginning of the names of files by which processes announce that they want the lock. */
const CANDIDATE_PREFIX = 'LOCK.'

/** Beginning of the names of candidate files that are not complete yet. */
const UNFINISHED_PREFIX = 'LOCK-'

/** Several processes that start at once may get in each other's way while they clear a dead one's lock. */
const MAX_ATTEMPTS = 20

/** Bound of the random wait before another attempt, in milliseconds. */
const MAX_WAIT_MS = 25

/** A directory that belongs to this process. */
export interface DirectoryLock {
  /** Gives it back. Idempotent. */
  release(): Promise<void>
}

/** What a lock file holds, as JSON. */
interface LockContent extends ProcessIdentity {
  /** Differs for every lock ever taken. */
  readonly token: string
}

/**
 * Takes a directory for this process, or refuses. A lock whose process is gone is taken over.
 *
 * Each process first writes a candidate file of a name of its own, then links it to the one name `LOCK`: only one `link` can succeed, and the file is
 * complete from the first moment. Node offers no locks that end with their process, so a dead one's file has to be removed by name, and
 * between looking and removing another process may have done the same and taken the lock: its file would be removed. So only a
 * process that is the only candidate removes: it announced itself before it looked for others, so of any two at least one sees the other
 * (E. W. Dijkstra 1965, after T. J. Dekker). A candidate that sees another withdraws and tries again a little later.
 * @throws A {@link RaftError} with code `RAFT_STORAGE_LOCKED`, or `RAFT_STORAGE_FAILED` when the directory cannot be used.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  try {
    await nodeDisk().makeDirectory(directory)
    const own = await ownIdentity()
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const lock = await tryLock(directory, own)
      if (lock !== undefined) return lock
      await delay(Math.random() * MAX_WAIT_MS)
    }
  } catch (error) {
    if (error instanceof RaftError) throw error
    throw new RaftError(
      'RAFT_STORAGE_FAILED',
      `The directory ${directory} cannot be locked: ${String(error)}`,
      {
        cause: error,
      },
    )
  }
  throw locked(directory, 'several processes are trying to take it at this moment')
}

/** One attempt; `undefined` when it has to be repeated. */
async function tryLock(directory: string, own: ProcessIdentity): Promise<DirectoryLock | undefined> {
  const path = `${directory}/${LOCK_NAME}`
  const content: LockContent = { ...own, token: randomUUID() }
  const text = `${JSON.stringify(content)}\n`
  const candidate = `${directory}/${CANDIDATE_PREFIX}${content.token}`
  const lock = { release: async (): Promise<void> => await removeIf(path, text) }
  await writeCandidate(directory, candidate, text)
  try {
    if (await linkIfFree(candidate, path)) return lock
    const held = await readText(path)
    if (held !== undefined) {
      await requireDead(directory, held, own)
      if (!(await isOnlyCandidate(directory, candidate, own))) return undefined
      await removeIf(path, held)
    }
    return (await linkIfFree(candidate, path)) ? lock : undefined
  } finally {
    await rm(candidate, { force: true })
  }
}

async function requireDead(directory: string, held: string, own: ProcessIdentity): Promise<void> {
  const holder = parse(held)
  if (holder === undefined) throw locked(directory, `its file ${LOCK_NAME} is of an unknown kind`)
  if (!(await mayRun(holder, own))) return
  const isOwn = holder.pid === own.pid && holder.startTime === own.startTime
  throw locked(
    directory,
    `process ${holder.pid}${isOwn ? ' (this one)' : ''} on host ${holder.hostname} has it open`,
  )
}

/** Whether no other living process wants the lock; what dead ones left is removed, which their unique names make safe. */
async function isOnlyCandidate(directory: string, candidate: string, own: ProcessIdentity): Promise<boolean> {
  for (const name of await readdir(directory)) {
    const path = `${directory}/${name}`
    if (!name.startsWith(CANDIDATE_PREFIX) || path === candidate) continue
    const text = await readText(path)
    if (text === undefined) continue
    const other = parse(text)
    if (other !== undefined && (await mayRun(other, own))) return false
    await rm(path, { force: true })
  }
  return true
}

/** Under its name it is complete at once, and its content lasts longer than its name: what is there without content is of no living process. */
async function writeCandidate(directory: string, candidate: string, text: string): Promise<void> {
  const unfinished = `${directory}/${UNFINISHED_PREFIX}${randomUUID()}`
  const handle = await open(unfinished, 'wx')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(unfinished, candidate)
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function removeIf(path: string, text: string): Promise<void> {
  if ((await readText(path)) === text) await rm(path, { force: true })
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string): LockContent | undefined {
  try {
    const content = JSON.parse(text) as LockContent
    return Number.isSafeInteger(content.pid) && typeof content.hostname === 'string' ? content : undefined
  } catch {
    // Not ours; the caller decides what that means.
    return undefined
  }
}

function locked(directory: string, reason: string): RaftError {
  return new RaftError(
    'RAFT_STORAGE_LOCKED',
    `The directory ${directory} is in use: ${reason}. Stop that process, or give this node a directory of its own. ` +
      `Only if you are certain that no process uses it, remove the file ${LOCK_NAME} in it.`,
  )
}
