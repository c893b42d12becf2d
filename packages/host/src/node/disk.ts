import * as fs from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import { ColonyError } from '../core/error.ts'
import type { Disk, DiskFile } from '../disk.ts'

// Windows has no O_DSYNC. macOS has, but there it does not empty the drive's cache; Node's fdatasync does (F_FULLFSYNC).
const WRITES_THROUGH = process.platform !== 'win32' && process.platform !== 'darwin'

/** Windows cannot open a directory, and needs no sync to keep names. */
const SYNCS_DIRECTORIES = process.platform !== 'win32'

/**
 * The files of this machine.
 *
 * `writeDurable` is one trip through Node's thread pool: a write to a second descriptor that was opened with
 * `O_DSYNC`; write and `fdatasync` where the platform's flag is missing or too weak (Windows, macOS).
 * @throws Nothing itself; every operation rejects with a {@link ColonyError} with code `HOST_DISK_FAILED` as {@link Disk} says.
 * @category Disk
 */
export function nodeDisk(): Disk {
  return new NodeDisk()
}

class NodeDisk implements Disk {
  async open(path: string, options: { readonly create?: boolean } = {}): Promise<DiskFile> {
    const flags = fs.constants.O_RDWR | (options.create === true ? fs.constants.O_CREAT : 0)
    const descriptor = await openDescriptor(path, flags)
    if (!WRITES_THROUGH) return new NodeFile(path, descriptor, undefined)
    try {
      // At once and not at the first durable write, when the file may have another name already.
      const durable = await openDescriptor(path, fs.constants.O_WRONLY | fs.constants.O_DSYNC)
      return new NodeFile(path, descriptor, durable)
    } catch (error) {
      fs.close(descriptor)
      throw error
    }
  }

  async list(directory: string): Promise<readonly string[]> {
    try {
      return (await fs.promises.readdir(directory)).sort()
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw diskFailed('list', directory, error)
    }
  }

  async makeDirectory(directory: string): Promise<void> {
    try {
      const first = await fs.promises.mkdir(directory, { recursive: true })
      if (first === undefined) return
      // Each directory that was made is a name in its parent, up to the first one that was there before.
      const end = dirname(resolvePath(first))
      for (let made = resolvePath(directory); made !== end && made !== dirname(made); made = dirname(made)) {
        await this.syncDirectory(dirname(made))
      }
    } catch (error) {
      throw diskFailed('make directory', directory, error)
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await fs.promises.rename(from, to).catch((error: unknown) => fail('rename', from, error))
  }

  async remove(path: string): Promise<void> {
    await fs.promises.rm(path, { force: true }).catch((error: unknown) => fail('remove', path, error))
  }

  async syncDirectory(directory: string): Promise<void> {
    if (!SYNCS_DIRECTORIES) return
    try {
      const handle = await fs.promises.open(directory, fs.constants.O_RDONLY)
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    } catch (error) {
      throw diskFailed('sync directory', directory, error)
    }
  }
}

/**
 * Callbacks instead of `FileHandle`: a durable write is the hot path, and this costs one promise where that costs several.
 * Descriptors are closed only when nothing is under way, because the system gives their numbers to the next file opened.
 */
class NodeFile implements DiskFile {
  readonly #path: string
  readonly #descriptor: number
  readonly #durable: number | undefined
  #inFlight = 0
  #closed: Promise<void> | undefined
  #whenIdle: (() => void) | undefined

  constructor(path: string, descriptor: number, durable: number | undefined) {
    this.#path = path
    this.#descriptor = descriptor
    this.#durable = durable
  }

  size(): Promise<number> {
    return this.#run('size', (done) => fs.fstat(this.#descriptor, (error, stats) => done(error, stats?.size)))
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return this.#run('read', (done) => {
      const bytes = new Uint8Array(length)
      const readOn = (filled: number): void => {
        fs.read(this.#descriptor, bytes, filled, length - filled, position + filled, (error, count) => {
          if (error !== null || count === 0) done(error, bytes.subarray(0, filled))
          else if (filled + count === length) done(null, bytes)
          else readOn(filled + count)
        })
      }
      if (length === 0) done(null, bytes)
      else readOn(0)
    })
  }

  write(position: number, bytes: Uint8Array): Promise<void> {
    return this.#run('write', (done) => writeAll(this.#descriptor, bytes, 0, position, done))
  }

  writeDurable(position: number, bytes: Uint8Array): Promise<void> {
    return this.#run('write', (done) => {
      if (this.#durable !== undefined) {
        writeAll(this.#durable, bytes, 0, position, done)
        return
      }
      writeAll(this.#descriptor, bytes, 0, position, (error) => {
        if (error === null) fs.fdatasync(this.#descriptor, done)
        else done(error)
      })
    })
  }

  sync(): Promise<void> {
    return this.#run('sync', (done) => fs.fdatasync(this.#descriptor, done))
  }

  truncate(size: number): Promise<void> {
    return this.#run('truncate', (done) => fs.ftruncate(this.#descriptor, size, done))
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
    // Both are tried: a descriptor is gone even when closing it reports an error.
    const results = await Promise.allSettled([
      this.#closeDescriptor(this.#descriptor),
      this.#durable === undefined ? undefined : this.#closeDescriptor(this.#durable),
    ])
    for (const result of results) if (result.status === 'rejected') throw result.reason as Error
  }

  #closeDescriptor(descriptor: number): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.close(descriptor, (error) => (error ? reject(diskFailed('close', this.#path, error)) : resolve()))
    })
  }

  #run<Result>(
    operation: string,
    start: (done: (error: Error | null, result?: Result) => void) => void,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw diskFailed(operation, this.#path, new Error('the file is closed'))
      this.#inFlight++
      start((error, result) => {
        if (--this.#inFlight === 0) this.#whenIdle?.()
        if (error === null) resolve(result as Result)
        else reject(diskFailed(operation, this.#path, error))
      })
    })
  }
}

/** A write may be short (a signal, a nearly full disk): the rest is written by the next one. */
function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  from: number,
  position: number,
  done: (error: Error | null) => void,
): void {
  fs.write(descriptor, bytes, from, bytes.byteLength - from, position, (error, count) => {
    if (error !== null) done(error)
    else if (from + count >= bytes.byteLength) done(null)
    else if (count === 0) done(new Error('the system wrote nothing'))
    else writeAll(descriptor, bytes, from + count, position + count, done)
  })
}

function openDescriptor(path: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, (error, descriptor) =>
      error ? reject(diskFailed('open', path, error)) : resolve(descriptor),
    )
  })
}

function fail(operation: string, path: string, error: unknown): never {
  throw diskFailed(operation, path, error)
}

function diskFailed(operation: string, path: string, cause: unknown): ColonyError {
  if (cause instanceof ColonyError) return cause as ColonyError
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ColonyError('HOST_DISK_FAILED', `${operation} ${path}: ${reason}`, { cause })
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
