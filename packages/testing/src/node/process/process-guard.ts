import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'

/**
 * Runs in a process of its own, and does what this one cannot do after `kill -9`: end every process that is left (a paused one would stay for
 * good, since it notices nothing) and remove the directory. That its input ends tells it that the parent is gone. A text and not a module: it must run in a plain
 * Node, whatever loader, bundler or compiler its parent came from.
 */
const PROGRAM = `
const { rmSync } = require('node:fs')
const pids = new Set()
let directory
let rest = ''
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => {})
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    const order = JSON.parse(line)
    if (order.watch) pids.add(order.watch)
    if (order.forget) pids.delete(order.forget)
    if (order.directory) directory = order.directory
  }
})
function cleanUp() {
  for (const pid of pids) {
    try { process.kill(pid, 'SIGKILL') } catch {}
  }
  if (directory) rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  process.exit()
}
process.stdin.on('end', cleanUp)
process.stdin.on('error', cleanUp)
`

type Order = { readonly watch: number } | { readonly forget: number } | { readonly directory: string }

/** Ends processes and removes a directory when this process ends, however it does. */
export class ProcessGuard {
  readonly #process: ChildProcess
  readonly #input: Socket

  constructor(directory: string) {
    const { NODE_OPTIONS: _, ...env } = process.env
    // A session of its own: what a terminal sends to all of a job must not reach it.
    this.#process = spawn(process.execPath, ['-e', PROGRAM], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env,
    })
    this.#input = this.#process.stdin as Socket
    // Without it the processes are still ended by whoever started them, in every end but the hardest.
    this.#process.on('error', () => {})
    this.#input.on('error', () => {})
    this.#process.unref()
    this.#input.unref()
    this.#order({ directory })
  }

  /** Its process id. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Takes a process under guard. */
  watch(pid: number): void {
    this.#order({ watch: pid })
  }

  /** The process is gone: its id may soon be another's. */
  forget(pid: number): void {
    this.#order({ forget: pid })
  }

  /** Has it clean up, and waits for its end. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null || this.pid === undefined) return
    this.#process.ref()
    const ended = once(this.#process, 'exit')
    this.#input.end()
    await ended
  }

  #order(order: Order): void {
    if (this.#input.writable) this.#input.write(`${JSON.stringify(order)}\n`)
  }
}
