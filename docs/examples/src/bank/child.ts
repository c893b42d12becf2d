import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Makes a plain Node process run TypeScript. */
const LOADER = ['--import', import.meta.resolve('tsx')]

const STDERR_TAIL_CHARACTERS = 4_000

/** How a child process ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What the maker of a child wants to hear of it. */
export interface ChildListener<Incoming> {
  onMessage(message: Incoming): void
  /** It ended though nobody killed it. */
  onLost(error: Error): void
}

/** One operating-system process of the demo, and the line to it. */
export class Child<Outgoing, Incoming> {
  /** For messages. */
  readonly name: string
  /** Resolves when it is gone. */
  readonly ended: Promise<ChildEnd>
  readonly #process: ChildProcess
  #stderr = ''
  #killed = false

  /** Starts `file`, a module beside this one. */
  constructor(name: string, file: string, listener: ChildListener<Incoming>) {
    this.name = name
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
      execArgv: LOADER,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARACTERS)
    })
    this.#process.on('message', (message) => {
      if (!this.#killed) listener.onMessage(message as Incoming)
    })
    this.ended = new Promise((resolve) => {
      // `close` and not `exit`: by then everything that it wrote has been read.
      this.#process.once('close', (code, signal) => resolve({ code, signal }))
    })
    this.#process.once('error', (error) => {
      if (!this.#killed) listener.onLost(new Error(`${name}: ${error.message}`))
    })
    void this.ended.then((end) => {
      if (!this.#killed) listener.onLost(new Error(this.#obituary(end)))
    })
  }

  /** Its process id; `undefined` when it could not even be started. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Whether it was killed by {@link Child.kill}. */
  get killed(): boolean {
    return this.#killed
  }

  /** Tells it something. What a process that is about to end does not hear is no error: its end is heard. */
  send(message: Outgoing & object): void {
    if (this.#process.connected) this.#process.send(message, () => {})
  }

  /** `kill -STOP` or `kill -CONT`. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(signal)
  }

  /** `kill -9`: no farewell, no flush, no close. Also ends a paused process. */
  kill(): void {
    this.#killed = true
    this.#process.kill('SIGKILL')
  }

  #obituary({ code, signal }: ChildEnd): string {
    const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
    return `${this.name} ${how} on its own${this.#stderr === '' ? '' : `:\n${this.#stderr.trimEnd()}`}`
  }
}
