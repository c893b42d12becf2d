import { rmSync } from 'node:fs'
import { Child } from './child.ts'
import type { ToGuard } from './control-messages.ts'

/** A process that can be killed. */
interface Killable {
  readonly pid: number | undefined
  readonly ended: Promise<unknown>
  kill(): void
}

/**
 * Sees to it that no process and no file outlives the run: at any exit of this process by itself, and by a process of its own when
 * this one cannot (`kill -9`).
 */
export class Guard {
  readonly #directory: string
  readonly #child: Child<ToGuard, never>
  readonly #watched = new Set<Killable>()
  readonly #onExit = (): void => this.#cleanUp()

  constructor(directory: string, onLost: (error: Error) => void) {
    this.#directory = directory
    process.on('exit', this.#onExit)
    this.#child = new Child('guard', './guard-process.ts', { onMessage: () => {}, onLost })
    this.#child.send({ type: 'directory', path: directory })
  }

  /** Takes a process under guard until it is gone. */
  watch(process: Killable): void {
    const { pid } = process
    if (pid === undefined) return
    this.#watched.add(process)
    this.#child.send({ type: 'watch', pid })
    void process.ended.then(() => {
      this.#watched.delete(process)
      this.#child.send({ type: 'forget', pid })
    })
  }

  /** Kills everything that still runs, and waits until it is gone. */
  async killAll(): Promise<void> {
    const ended = [...this.#watched].map((watched) => watched.ended)
    for (const watched of this.#watched) watched.kill()
    await Promise.all(ended)
  }

  /** Kills everything that still runs, then removes the files. */
  async close(): Promise<void> {
    await this.killAll()
    this.#cleanUp()
    await this.#child.ended
    process.off('exit', this.#onExit)
  }

  #cleanUp(): void {
    for (const watched of this.#watched) watched.kill()
    // A process that dies right now may still make a file: then the directory is not empty at the first try.
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    this.#child.kill()
  }
}
