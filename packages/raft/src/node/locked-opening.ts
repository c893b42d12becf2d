import { resolve } from 'node:path'
import { RaftError } from '../errors.ts'
import { type DirectoryLock, lockDirectory } from './lock-file.ts'

/** A path as it is from now on, wherever the process goes. */
export function requireDirectory(directory: string): string {
  if (typeof directory !== 'string' || directory === '') {
    throw new RaftError('RAFT_INVALID_OPTION', 'directory must be the path of a directory, not empty')
  }
  return resolve(directory)
}

/** Opens what is in a directory, once at a time and under its lock, and closes it. */
export class LockedOpening {
  readonly #directory: string
  #lock: DirectoryLock | undefined
  #opening: Promise<unknown> | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  async open<Opened>(openIt: () => Promise<Opened>): Promise<Opened> {
    if (this.#opening !== undefined || this.#lock !== undefined) throw alreadyOpen(this.#directory)
    const opening = this.#openLocked(openIt)
    this.#opening = opening
    try {
      return await opening
    } finally {
      this.#opening = undefined
    }
  }

  async close(closeIt: () => Promise<void>): Promise<void> {
    // Whoever called `open` hears of its failure; here it only matters that it is over.
    await this.#opening?.catch(() => undefined)
    await closeIt()
    const lock = this.#lock
    this.#lock = undefined
    await lock?.release()
  }

  async #openLocked<Opened>(openIt: () => Promise<Opened>): Promise<Opened> {
    const lock = await lockDirectory(this.#directory)
    try {
      const opened = await openIt()
      this.#lock = lock
      return opened
    } catch (error) {
      await lock.release()
      throw error
    }
  }
}

function alreadyOpen(directory: string): RaftError {
  return new RaftError(
    'RAFT_STORAGE_LOCKED',
    `This storage in ${directory} is open already: one storage serves one node. Close that node first.`,
  )
}
