import { fork, type ChildProcess } from 'node:child_process'
import { requireRange, TestingError } from '../../errors.ts'

/**
 * How a process ended: with an exit code, or by a signal.
 * @category Processes
 */
export interface ProcessEnd {
  /** The exit code; `null` when a signal ended it. */
  readonly code: number | null
  /** The signal; `null` when it exited. */
  readonly signal: NodeJS.Signals | null
}

/**
 * What a process is doing, as far as the operating system is concerned.
 * @category Processes
 */
export type ProcessState = 'up' | 'paused' | 'down'

/**
 * How to start a process.
 * @category Processes
 */
export interface ProcessOptions<Incoming> {
  /** For messages. Default: the file's name. */
  readonly name?: string
  /** Arguments of the program. Default: none. */
  readonly args?: readonly string[]
  /** Options of Node itself, such as `--import` of a loader. Default: those of this process. */
  readonly nodeOptions?: readonly string[]
  /** Environment variables beside those of this process; `undefined` removes one. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Called with everything that it tells ({@link tellParent}), until it is killed. */
  readonly onMessage?: (message: Incoming) => void
  /** Called when it could not be started, or has ended though nobody killed it: code `TESTING_PROCESS_FAILED`, with the end of what it wrote to its error output. */
  readonly onLost?: (error: TestingError) => void
}

/**
 * What is waited for.
 * @category Processes
 */
export interface HearOptions {
  /** For the error: "… has not said that it listens". Default: "something that was waited for". */
  readonly what?: string
  /** How long at most, in milliseconds, 1 to 10^9. Default 30,000: a machine with much to do may need seconds to start a process. */
  readonly withinMs?: number
}

const STDERR_TAIL_CHARACTERS = 4000

/**
 * A Node process under the control of this one: it can be told things, be killed, stopped and continued. Made by {@link ProcessGroup.start}.
 * @category Processes
 */
export class RealProcess<Outgoing = unknown, Incoming = unknown> {
  /** For messages. */
  readonly name: string
  /** Resolves when it is gone and everything that it wrote has been read. */
  readonly ended: Promise<ProcessEnd>
  readonly #process: ChildProcess
  readonly #options: ProcessOptions<Incoming>
  readonly #hearers = new Set<Hearer<Incoming>>()
  #state: ProcessState = 'up'
  #wasKilled = false
  #stderr = ''
  #startError: Error | undefined

  /** @internal */
  constructor(file: string, options: ProcessOptions<Incoming>) {
    const { name = file.slice(file.lastIndexOf('/') + 1), args = [], nodeOptions, env = {} } = options
    this.name = name
    this.#options = options
    this.#process = fork(file, [...args], {
      ...(nodeOptions !== undefined && { execArgv: [...nodeOptions] }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARACTERS)
    })
    this.#process.on('message', (message) => this.#onMessage(message as Incoming))
    this.ended = new Promise((resolve) => {
      // `close` and not `exit`: by then everything that it wrote has been read.
      this.#process.once('close', (code, signal) => resolve({ code, signal }))
      this.#process.once('error', (error) => {
        this.#startError = error
        if (this.pid === undefined) resolve({ code: null, signal: null })
      })
    })
    void this.ended.then((end) => this.#onEnd(end))
  }

  /** Its process id; `undefined` when it could not even be started. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** What it is doing. */
  get state(): ProcessState {
    return this.#state
  }

  /** Tells it something, as JSON. What a process that is about to end does not hear is no error: its end is heard. */
  send(message: Outgoing & object): void {
    if (this.#process.connected) this.#process.send(message, () => {})
  }

  /**
   * Waits for the first message from now on for which `select` gives something other than `undefined`, and resolves with that: for its address, say.
   * @throws A {@link TestingError} with code `TESTING_PROCESS_FAILED` when the process ends before, or too much time passes.
   */
  async hear<Heard>(
    select: (message: Incoming) => Heard | undefined,
    options: HearOptions = {},
  ): Promise<Heard> {
    const { what = 'something that was waited for', withinMs = 30_000 } = options
    requireRange('withinMs', withinMs, 1, 1e9)
    return await new Promise<Heard>((resolve, reject) => {
      const hearer: Hearer<Incoming> = {
        take: (message) => {
          const heard = select(message)
          if (heard === undefined) return
          leave()
          resolve(heard)
        },
        giveUp: (why) => {
          leave()
          reject(new TestingError('TESTING_PROCESS_FAILED', `${this.name} has not said ${what}: ${why}`))
        },
      }
      const timer = setTimeout(() => hearer.giveUp(`not within ${withinMs} ms${this.#said()}`), withinMs)
      const leave = (): void => {
        clearTimeout(timer)
        this.#hearers.delete(hearer)
      }
      this.#hearers.add(hearer)
      if (this.#state === 'down') hearer.giveUp('it is down')
    })
  }

  /** `kill -STOP`: it stops in the middle of whatever it does. Sockets stay open and buffers fill. Not on Windows. */
  pause(): void {
    if (this.#state !== 'up') return
    this.#process.kill('SIGSTOP')
    this.#state = 'paused'
  }

  /** `kill -CONT`: it goes on, unaware of the time that has passed. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#process.kill('SIGCONT')
    this.#state = 'up'
  }

  /** `kill -9`: no farewell, no flush, no close; ends a paused process too. Resolves when it is gone. */
  async kill(): Promise<ProcessEnd> {
    this.killNow()
    return await this.ended
  }

  /** @internal The same without waiting, for the very end of this process. */
  killNow(): void {
    this.#wasKilled = true
    this.#state = 'down'
    this.#process.kill('SIGKILL')
  }

  #onMessage(message: Incoming): void {
    // What was on its way is not heard any more: whoever kills a process is done with it.
    if (this.#wasKilled) return
    for (const hearer of [...this.#hearers]) hearer.take(message)
    this.#options.onMessage?.(message)
  }

  #onEnd(end: ProcessEnd): void {
    this.#state = 'down'
    const how = this.#wasKilled ? 'it was killed' : this.#obituary(end)
    for (const hearer of [...this.#hearers]) hearer.giveUp(how)
    if (this.#wasKilled) return
    this.#options.onLost?.(new TestingError('TESTING_PROCESS_FAILED', `${this.name}: ${how}`))
  }

  #obituary({ code, signal }: ProcessEnd): string {
    if (this.#startError !== undefined && this.pid === undefined) return this.#startError.message
    const how = signal === null ? `it exited with code ${code} on its own` : `it was ended by ${signal}`
    return `${how}${this.#said()}`
  }

  #said(): string {
    return this.#stderr === '' ? '' : `:\n${this.#stderr.trimEnd()}`
  }
}

interface Hearer<Incoming> {
  take(message: Incoming): void
  giveUp(why: string): void
}
