import type { DiskFile, Random } from '@colony/host'
import type { DiskOperation } from './disk-options.ts'
import type { DiskFaults } from './disk-faults.ts'
import { type Inode, PAGE_BYTES, pieces } from './inode.ts'
import { oneInTwo, type Operations } from './operations.ts'
import { systemError } from './system-error.ts'

/** A file as one process has it open. */
export class SimulatedFile implements DiskFile {
  readonly #path: string
  readonly #inode: Inode
  readonly #operations: Operations
  readonly #faults: DiskFaults
  readonly #life: number
  #isClosed = false

  constructor(path: string, inode: Inode, operations: Operations, faults: DiskFaults) {
    this.#path = path
    this.#inode = inode
    this.#operations = operations
    this.#faults = faults
    this.#life = operations.life
  }

  size(): Promise<number> {
    return this.#run('size', () => this.#inode.size)
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return this.#run('read', () => this.#faults.read(this.#inode, position, length))
  }

  write(position: number, bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    const inPart = (random: Random): void => this.#writeInPart(position, copy, random)
    return this.#run('write', () => this.#write(position, copy), inPart, inPart)
  }

  writeDurable(position: number, bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    const interrupt = (random: Random): void => {
      if (random.integer(0, 2) === 0) this.#inode.writeDurable(position, copy)
      else this.#writeInPart(position, copy, random)
    }
    const fail = (random: Random): void => {
      // Programs see it, the disk has some of it, and no later sync will bring the rest.
      this.#inode.write(position, copy)
      this.#inode.failSync(this.#inode.mark, random)
    }
    return this.#run('writeDurable', () => this.#writeDurable(position, copy), interrupt, fail)
  }

  sync(): Promise<void> {
    const mark = this.#inode.mark
    return this.#run(
      'sync',
      () => this.#inode.syncUpTo(mark),
      oneInTwo(() => this.#inode.syncUpTo(mark)),
      (random) => this.#inode.failSync(mark, random),
    )
  }

  truncate(size: number): Promise<void> {
    return this.#run(
      'truncate',
      () => this.#truncate(size),
      oneInTwo(() => this.#truncate(size)),
    )
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#operations.run(
      { kind: 'close', path: this.#path, complete: (): void => undefined },
      this.#life,
    )
  }

  #run<Result>(
    kind: DiskOperation,
    act: () => Result,
    interrupt?: (random: Random) => void,
    fail?: (random: Random) => void,
  ): Promise<Result> {
    const isClosed = this.#isClosed
    const complete = (): Result => {
      if (isClosed) throw systemError('EBADF', 'the file is closed')
      return act()
    }
    const outcomes =
      isClosed || interrupt === undefined ? {} : fail === undefined ? { interrupt } : { interrupt, fail }
    return this.#operations.run({ kind, path: this.#path, complete, ...outcomes }, this.#life)
  }

  #write(position: number, bytes: Uint8Array): void {
    this.#requireRoom(position, bytes)
    this.#inode.write(position, bytes, this.#faults.misdirect(this.#inode, position))
  }

  #writeDurable(position: number, bytes: Uint8Array): void {
    this.#requireRoom(position, bytes)
    this.#inode.writeDurable(position, bytes, this.#faults.misdirect(this.#inode, position))
  }

  /** On a full disk: writes what fits, and throws. */
  #requireRoom(position: number, bytes: Uint8Array): void {
    const fits = Math.max(0, this.#faults.longest(this.#inode) - position)
    if (fits >= bytes.byteLength) return
    if (fits > 0) this.#inode.write(position, bytes.subarray(0, fits))
    throw systemError('ENOSPC', 'no space left on device')
  }

  #truncate(size: number): void {
    if (size > this.#faults.longest(this.#inode)) throw systemError('ENOSPC', 'no space left on device')
    this.#inode.truncate(size)
  }

  /** Any of the pages, in the cache. */
  #writeInPart(position: number, bytes: Uint8Array, random: Random): void {
    for (const [at, piece] of pieces(position, bytes, PAGE_BYTES)) {
      if (random.integer(0, 3) > 0) this.#inode.write(at, piece)
    }
  }
}
