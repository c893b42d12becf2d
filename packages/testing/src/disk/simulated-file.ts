import type { DiskFile, Random } from '@colony/host'
import type { DiskOperation } from './disk-options.ts'
import { type Inode, PAGE_BYTES, pieces } from './inode.ts'
import { oneInTwo, type Operations, systemError } from './operations.ts'

/** A file as one process has it open. */
export class SimulatedFile implements DiskFile {
  readonly #path: string
  readonly #inode: Inode
  readonly #operations: Operations
  readonly #life: number
  #isClosed = false

  constructor(path: string, inode: Inode, operations: Operations) {
    this.#path = path
    this.#inode = inode
    this.#operations = operations
    this.#life = operations.life
  }

  size(): Promise<number> {
    return this.#run('size', () => this.#inode.size)
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return this.#run('read', () => this.#inode.read(position, length))
  }

  write(position: number, bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    const inPart = (random: Random): void => this.#writeInPart(position, copy, random)
    return this.#run('write', () => this.#inode.write(position, copy), inPart, inPart)
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
    return this.#run('writeDurable', () => this.#inode.writeDurable(position, copy), interrupt, fail)
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
      () => this.#inode.truncate(size),
      oneInTwo(() => this.#inode.truncate(size)),
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

  /** Any of the pages, in the cache. */
  #writeInPart(position: number, bytes: Uint8Array, random: Random): void {
    for (const [at, piece] of pieces(position, bytes, PAGE_BYTES)) {
      if (random.integer(0, 3) > 0) this.#inode.write(at, piece)
    }
  }
}
