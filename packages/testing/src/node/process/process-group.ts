import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TestingError } from '../../errors.ts'
import { ProcessGuard } from './process-guard.ts'
import { type ProcessOptions, RealProcess } from './real-process.ts'

/**
 * How to make a {@link ProcessGroup}.
 * @category Processes
 */
export interface ProcessGroupOptions {
  /** Begins the name of the directory. Default `colony-`. */
  readonly prefix?: string
}

/**
 * Makes a group of processes with a directory for their files. Neither outlives this process: not when it throws, exits or crashes, and not even when
 * it is ended by `kill -9`, for which a small process of its own stands by.
 * @category Processes
 */
export async function createProcessGroup(options: ProcessGroupOptions = {}): Promise<ProcessGroup> {
  const { prefix = 'colony-' } = options
  return new ProcessGroup(await mkdtemp(join(tmpdir(), prefix)))
}

/**
 * Processes that end together, and their files. Made by {@link createProcessGroup}; close it, or use `await using`.
 * @category Processes
 */
export class ProcessGroup implements AsyncDisposable {
  /** An empty directory of this group, removed at the end with all that is in it. */
  readonly directory: string
  readonly #guard: ProcessGuard
  readonly #running = new Set<RealProcess<never, never>>()
  readonly #onExit = (): void => this.#endNow()
  #closed: Promise<void> | undefined

  /** @internal */
  constructor(directory: string) {
    this.directory = directory
    this.#guard = new ProcessGuard(directory)
    process.on('exit', this.#onExit)
  }

  /** The processes that run, or are paused. */
  get running(): number {
    return this.#running.size
  }

  /** @internal The process that stands by. */
  get guardPid(): number | undefined {
    return this.#guard.pid
  }

  /**
   * Starts a Node program, which should call {@link serveParent}.
   * @param file A path, or the URL of a module: `new URL('./node.ts', import.meta.url)`.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when the group is closed.
   */
  start<Outgoing = unknown, Incoming = unknown>(
    file: string | URL,
    options: ProcessOptions<Incoming> = {},
  ): RealProcess<Outgoing, Incoming> {
    if (this.#closed !== undefined) {
      throw new TestingError(
        'TESTING_INVALID_OPTION',
        'a process cannot be started in a group that is closed',
      )
    }
    const path = file instanceof URL ? fileURLToPath(file) : file
    const started = new RealProcess<Outgoing, Incoming>(path, options)
    const { pid } = started
    if (pid === undefined) return started
    const member = started as unknown as RealProcess<never, never>
    this.#running.add(member)
    this.#guard.watch(pid)
    void started.ended.then(() => {
      this.#running.delete(member)
      this.#guard.forget(pid)
    })
    return started
  }

  /** Kills everything that still runs, and waits until it is gone. The group can go on. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#running].map(async (member) => await member.kill()))
  }

  /** Kills everything that still runs and removes the directory. Idempotent. */
  async close(): Promise<void> {
    this.#closed ??= this.#close()
    await this.#closed
  }

  /** The same as {@link ProcessGroup.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    await this.killAll()
    // It removes the directory, with patience: a file may have been made at the very last moment.
    await this.#guard.close()
    this.#endNow()
    process.off('exit', this.#onExit)
  }

  #endNow(): void {
    for (const member of this.#running) member.killNow()
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}
