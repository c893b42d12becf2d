import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { eventually } from './node/sockets.ts'

const execute = promisify(execFile)

/** Where Debian puts it, and where others do. `SERF` names another. */
const PLACES = [process.env['SERF'], '/usr/bin/serf', '/usr/local/bin/serf']

/** The program, if it is there. */
export const serfProgram: string | undefined = PLACES.find((path) => path !== undefined && existsSync(path))

/** How to get it, for the name of a test that is skipped. */
export const NO_SERF = 'needs serf: apt-get install serf, or name one in SERF'

/** Whether a missing program is a failure, as in CI, and not a reason to skip. */
export const serfRequired: boolean = process.env['COLONY_REQUIRE_SERVERS'] === '1'

/**
 * Runs the program and says its number; kills it when its own input ends, which it does when this process is gone, however it ended.
 */
const GUARD = '"$@" >"$LOG" 2>&1 </dev/null & echo $!; read -r _; kill -9 $! 2>/dev/null'

/** How an agent is started. */
export interface AgentOptions {
  readonly join?: string
  readonly key?: string
}

/** What `serf members` says of one. */
export interface AgentMember {
  readonly name: string
  readonly status: string
  readonly tags: Readonly<Record<string, string>>
}

/** A real agent of Serf on loopback, with timings for one machine. */
export class SerfAgent implements AsyncDisposable {
  readonly name: string
  readonly address: string
  readonly #rpc: string
  readonly #guard: ChildProcess
  readonly #pid: number
  readonly #events: string

  private constructor(
    name: string,
    ports: readonly number[],
    guard: ChildProcess,
    pid: number,
    events: string,
  ) {
    this.name = name
    this.address = `127.0.0.1:${ports[0]}`
    this.#rpc = `127.0.0.1:${ports[1]}`
    this.#guard = guard
    this.#pid = pid
    this.#events = events
  }

  /** Starts one; its files are `<directory>/<name>.*`. Another process may take its port first: then it is tried again. */
  static async start(name: string, directory: string, options: AgentOptions = {}): Promise<SerfAgent> {
    for (let attempt = 1; ; attempt++) {
      const agent = await SerfAgent.#spawn(name, directory, options)
      try {
        await eventually(
          async () => await agent.members().catch(() => []),
          ({ length }) => length > 0,
          10_000,
        )
        return agent
      } catch (error) {
        await agent[Symbol.asyncDispose]()
        if (attempt === 3) throw error
      }
    }
  }

  /** Several that know each other. */
  static async startMany(names: readonly string[], directory: string, key?: string): Promise<SerfAgent[]> {
    const agents: SerfAgent[] = []
    for (const name of names) {
      const [first] = agents
      const options = { ...(first && { join: first.address }), ...(key !== undefined && { key }) }
      agents.push(await SerfAgent.start(name, directory, options))
    }
    for (const agent of agents) {
      await eventually(
        () => agent.members(),
        ({ length }) => length === names.length,
        10_000,
      )
    }
    return agents
  }

  static async #spawn(
    name: string,
    directory: string,
    { join: seed, key }: AgentOptions,
  ): Promise<SerfAgent> {
    const ports = await freePorts(2)
    const events = join(directory, `${name}.events`)
    const args = [
      ...['agent', `-node=${name}`, `-bind=127.0.0.1:${ports[0]}`, `-rpc-addr=127.0.0.1:${ports[1]}`],
      ...['-profile=local', '-log-level=debug'],
      `-event-handler=user=echo "$SERF_USER_EVENT $(cat)" >> ${events}`,
      ...(seed === undefined ? [] : [`-join=${seed}`]),
      ...(key === undefined ? [] : [`-encrypt=${key}`]),
    ]
    const guard = spawn('sh', ['-c', GUARD, 'sh', serfProgram ?? 'serf', ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, LOG: join(directory, `${name}.log`) },
    })
    const lines = createInterface({ input: guard.stdout! })
    const [pid] = (await once(lines, 'line')) as [string]
    return new SerfAgent(name, ports, guard, Number(pid), events)
  }

  /** Whom it knows, itself included. */
  async members(): Promise<AgentMember[]> {
    const text = await this.command('members', '-format=json')
    return (JSON.parse(text) as { members: AgentMember[] }).members
  }

  /** How it sees a member. */
  async status(name: string): Promise<string> {
    return (await this.members()).find((member) => member.name === name)?.status ?? 'unknown'
  }

  /** User events that it heard, each as `name payload`. */
  async events(): Promise<string[]> {
    const text = await readFile(this.#events, 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }

  /** Runs a command against it: what it prints. */
  async command(verb: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await execute(serfProgram ?? 'serf', [verb, `-rpc-addr=${this.#rpc}`, ...args], {
      timeout: 20_000,
    })
    return stdout
  }

  /** The same, again and again until it succeeds and prints what is wanted: queries are asked once, by datagrams that may miss somebody. */
  async insist(wanted: string, verb: string, ...args: readonly string[]): Promise<void> {
    const look = async (): Promise<string> => await this.command(verb, ...args).catch(String)
    await eventually(look, (text) => text.includes(wanted) && !text.includes('Command failed'), 45_000)
  }

  /** Ends it at once, or stops and continues it. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.#pid, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#guard.exitCode !== null) return
    const ended = once(this.#guard, 'exit')
    this.#guard.stdin?.end()
    await ended
  }
}

/** Loopback ports that are free just now for TCP and for UDP. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const udp = createSocket('udp4')
    const isFree = new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false))
      udp.bind(port, '127.0.0.1', () => resolve(true))
    })
    if ((await isFree) && !ports.includes(port)) ports.push(port)
    udp.close()
    server.close()
    await once(server, 'close')
  }
  return ports
}
