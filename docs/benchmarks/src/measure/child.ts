import { type ChildProcess, fork, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onEnd } from './cleanup.ts'

/** What a forked module offers: methods of one argument, called over the process's own message channel. */
export type Methods = Readonly<Record<string, (argument: never) => unknown>>

interface Request {
  readonly id: number
  readonly method: string
  readonly argument: unknown
}

interface Response {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** The URL of the module `name` beside the one whose URL is `from`: a `.ts` file beside a `.ts` file, and `.js` beside `.js` once compiled. */
export function besides(from: string, name: string): URL {
  return new URL(`${name}${from.slice(from.lastIndexOf('.'))}`, from)
}

/** A forked module whose methods can be called. Disposing of it kills the process, as the end of this one does. */
export class Worker<Served extends Methods> implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #owned: OwnedProcess
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1

  /** Forks `module` (a file URL), which must call {@link serve}. */
  constructor(module: URL) {
    this.#child = fork(fileURLToPath(module), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#owned = new OwnedProcess(this.#child)
    this.#child.on('message', (message) => this.#settle(message as Response))
    this.#child.on('exit', (code, signal) => this.#fail(new Error(`child ended: ${signal ?? code}`)))
  }

  /** The process. */
  get pid(): number {
    return this.#owned.pid
  }

  /** Calls one method in the child. Rejects when it throws, when the child ends, or after `timeoutMs`. */
  call<Name extends keyof Served & string>(
    method: Name,
    argument: Parameters<Served[Name]>[0],
    timeoutMs = 60_000,
  ): Promise<Awaited<ReturnType<Served[Name]>>> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.get(id)?.reject(new Error(`${method}: no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      const settled = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(id)
      }
      this.#waiting.set(id, {
        resolve: (value) => {
          settled()
          resolve(value as Awaited<ReturnType<Served[Name]>>)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      })
      this.#child.send({ id, method, argument } satisfies Request)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]()
  }

  #settle(response: Response): void {
    const waiting = this.#waiting.get(response.id)
    if (response.error === undefined) waiting?.resolve(response.value)
    else waiting?.reject(new Error(response.error))
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error)
  }
}

/** A process that ends with this one at the latest. */
export class OwnedProcess implements AsyncDisposable {
  /** Its number; 0 when it could not be started. */
  readonly pid: number
  readonly #kill: Disposable
  readonly #ended: Promise<void>

  constructor(child: ChildProcess) {
    this.pid = child.pid ?? 0
    this.#ended = new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    this.#kill = onEnd(() => child.kill('SIGKILL'))
  }

  /** Starts a program that is not ours; its output goes nowhere. */
  static spawn(program: string, options: readonly string[]): OwnedProcess {
    return new OwnedProcess(spawn(program, options, { stdio: 'ignore' }))
  }

  /** Kills it and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill[Symbol.dispose]()
    await this.#ended
  }
}

/** The child's side: answers calls, and ends when the parent is gone. */
export function serve(methods: Methods): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (message) => {
    const { id, method, argument } = message as Request
    const run = async (): Promise<unknown> => await methods[method]?.(argument as never)
    run().then(
      (value) => process.send?.({ id, value } satisfies Response),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Response),
    )
  })
}
