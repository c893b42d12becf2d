import type { Disk, DiskFile, Random } from '@colony/host'
import { Directory } from './directory.ts'
import { DiskFaults } from './disk-faults.ts'
import type { DiskOperation, DiskPending, SimulatedDiskOptions } from './disk-options.ts'
import type { DiskChange, DiskSettings } from './disk-settings.ts'
import { type CrashMood, Inode } from './inode.ts'
import { oneInTwo, type Operation, Operations } from './operations.ts'
import { SimulatedFile } from './simulated-file.ts'
import { systemError } from './system-error.ts'

const MOODS: readonly CrashMood[] = ['kept', 'lost', 'mixed', 'mixed']

/**
 * A disk of one machine, in memory, that keeps exactly what the `Disk` interface promises and nothing more.
 *
 * Faults, and what a protocol on it must survive:
 * - {@link SimulatedDisk.crash}, power failure: of what was not synced, each page (4096 bytes) is there, is missing, or is torn into sectors (512
 *   bytes), whatever the order in which it was written; names that were not synced are there up to some point in their order. Nothing whose sync or
 *   durable write had resolved may be missed, and what is half there must be recognised.
 * - {@link SimulatedDisk.kill}, the process dies and the machine lives: the next process sees everything, also what a later power failure still takes
 *   back. Whatever it relies on it must sync itself.
 * - {@link SimulatedDisk.failNext}, an operation fails: a failed write or sync may have happened in part, and what
 *   it left in the cache can be read but is never written to the disk any more, though later syncs succeed. The protocol must not try again,
 *   and must not take what it reads for durable.
 * - {@link SimulatedDisk.corrupt}, a byte changes under way or at rest: it must be detected.
 * - {@link SimulatedDisk.wipe}, the disk is replaced by an empty one: the node is a new one, and must not keep a vote that it does not remember.
 * - {@link SimulatedDisk.configure}, the disk is slow, full, fails now and then, or lies now and then: see {@link DiskSettings} for each.
 *
 * Operations under way at a crash or kill never resolve, nor does anything that the dead process asks for through files it had open. The same object then
 * serves the next process.
 * @category Disk
 */
export class SimulatedDisk implements Disk {
  readonly #operations: Operations
  readonly #faults: DiskFaults
  readonly #random: Random
  readonly #directories = new Map<string, Directory>()

  /** Makes an empty disk. */
  constructor(options: SimulatedDiskOptions) {
    this.#faults = new DiskFaults(options.random.fork('faults'), () => this.#usedBytes())
    this.#operations = new Operations(options, this.#faults)
    this.#random = options.random.fork('crash')
  }

  /** See `Disk.open`. */
  open(path: string, options: { readonly create?: boolean } = {}): Promise<DiskFile> {
    const create = options.create === true
    return this.#run({
      kind: 'open',
      path,
      complete: () => new SimulatedFile(path, this.#inode(path, create), this.#operations, this.#faults),
      interrupt: oneInTwo(() => this.#inode(path, create)),
    })
  }

  /** See `Disk.list`. */
  list(directory: string): Promise<readonly string[]> {
    return this.#run({ kind: 'list', path: directory, complete: () => this.#names(normal(directory)) })
  }

  /** See `Disk.makeDirectory`. Durable when it resolves, as the interface promises. */
  makeDirectory(directory: string): Promise<void> {
    const make = (): void => this.#makeDirectory(normal(directory))
    return this.#run({ kind: 'makeDirectory', path: directory, complete: make, interrupt: oneInTwo(make) })
  }

  /** See `Disk.rename`. Only within one directory, which is all that can be atomic and ordered. */
  rename(from: string, to: string): Promise<void> {
    const rename = (): void => {
      const [directory, name] = this.#place(from)
      const [target, newName] = this.#place(to)
      if (directory !== target) throw systemError('EXDEV', 'only names of one directory can be exchanged')
      const inode = directory.get(name)
      if (inode === undefined) throw systemError('ENOENT', 'no such file')
      if (name !== newName) {
        directory.edit([
          [name, undefined],
          [newName, inode],
        ])
      }
    }
    return this.#run({ kind: 'rename', path: from, complete: rename, interrupt: oneInTwo(rename) })
  }

  /** See `Disk.remove`. */
  remove(path: string): Promise<void> {
    const remove = (): void => {
      const [directory, name] = this.#place(path)
      if (directory.get(name) !== undefined) directory.edit([[name, undefined]])
    }
    return this.#run({ kind: 'remove', path, complete: remove, interrupt: oneInTwo(remove) })
  }

  /** See `Disk.syncDirectory`. */
  syncDirectory(directory: string): Promise<void> {
    const names = this.#directories.get(normal(directory))
    const mark = names?.mark ?? 0
    const sync = (): void => {
      if (names === undefined) throw systemError('ENOENT', 'no such directory')
      names.syncUpTo(mark)
    }
    return this.#run({ kind: 'syncDirectory', path: directory, complete: sync, interrupt: oneInTwo(sync) })
  }

  /** The power fails. */
  crash(): void {
    this.#operations.die()
    const mood = MOODS[this.#random.integer(0, MOODS.length - 1)] ?? 'mixed'
    for (const directory of this.#directories.values()) {
      for (const inode of directory.inodes()) inode.crash(this.#random, mood)
      directory.crash(this.#random, mood)
    }
  }

  /** The process that uses this disk dies; the machine lives on, and keeps in its cache what was not synced. */
  kill(): void {
    this.#operations.die()
  }

  /** The process that uses this disk dies, and the disk is replaced by an empty one. */
  wipe(): void {
    this.#operations.die()
    this.#directories.clear()
  }

  /** How well the disk works just now. */
  get settings(): DiskSettings {
    return this.#faults.settings
  }

  /**
   * Makes the disk slow, full, failing or untrue from now on, or as it was. Lasts, whatever happens to the process.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  configure(change: DiskChange): void {
    this.#faults.configure(change)
  }

  /**
   * Lets the next operation of a kind fail, or a later one.
   * @param kind Which operation.
   * @param error What the system says: the `cause` of the rejection. Default: an error with the code `EIO`.
   * @param skip How many operations of the kind succeed before; default 0.
   */
  failNext(kind: DiskOperation, error: Error = systemError('EIO', 'i/o error'), skip = 0): void {
    this.#operations.failNext(kind, error, skip)
  }

  /**
   * Changes one byte, on the disk and in the cache.
   * @param path Which file.
   * @param position Which byte of it.
   * @param mask The bits to flip; default: the lowest.
   * @returns Whether there is such a byte.
   */
  corrupt(path: string, position: number, mask = 0x01): boolean {
    const [directory, name] = this.#place(path)
    return directory.get(name)?.flip(position, mask) ?? false
  }

  /** A copy of a file as programs see it, at once; `undefined` when there is none. */
  peek(path: string): Uint8Array | undefined {
    const cut = path.lastIndexOf('/')
    const inode = this.#directories.get(normal(path.slice(0, Math.max(cut, 0))))?.get(path.slice(cut + 1))
    return inode?.read(0, inode.size)
  }

  /** What is not safe yet. */
  get pending(): DiskPending {
    let writes = 0
    let names = 0
    for (const directory of this.#directories.values()) {
      names += directory.pendingChanges
      for (const inode of directory.inodes()) writes += inode.pendingChanges
    }
    return { operations: this.#operations.count, writes, names }
  }

  #run<Result>(operation: Operation<Result>): Promise<Result> {
    return this.#operations.run(operation, this.#operations.life)
  }

  #inode(path: string, create: boolean): Inode {
    const [directory, name] = this.#place(path)
    const found = directory.get(name)
    if (found !== undefined) return found
    if (!create) throw systemError('ENOENT', 'no such file')
    const made = new Inode()
    directory.edit([[name, made]])
    return made
  }

  #place(path: string): [Directory, string] {
    const cut = path.lastIndexOf('/')
    const directory = this.#directories.get(normal(path.slice(0, Math.max(cut, 0))))
    if (directory === undefined) throw systemError('ENOENT', `no such directory: ${path.slice(0, cut)}`)
    return [directory, path.slice(cut + 1)]
  }

  #usedBytes(): number {
    let used = 0
    for (const directory of this.#directories.values()) {
      for (const name of directory.names()) used += directory.get(name)?.size ?? 0
    }
    return used
  }

  #names(directory: string): readonly string[] {
    const names = this.#directories.get(directory)?.names() ?? []
    const inside = directory === '' ? '' : `${directory}/`
    for (const path of this.#directories.keys()) {
      const name = path.startsWith(inside) ? path.slice(inside.length) : ''
      if (name !== '' && !name.includes('/')) names.push(name)
    }
    return names.sort()
  }

  #makeDirectory(directory: string): void {
    if (!this.#directories.has(directory)) this.#directories.set(directory, new Directory())
    const cut = directory.lastIndexOf('/')
    if (cut > 0) this.#makeDirectory(directory.slice(0, cut))
  }
}

function normal(directory: string): string {
  return directory.replace(/\/+$/, '')
}
