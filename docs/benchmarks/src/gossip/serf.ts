import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { OwnedProcess } from '../measure/child.ts'
import { freePorts } from '../measure/free-ports.ts'

const PROGRAM = '/usr/bin/serf'

/** What to tell someone who has no serf. */
export const HOW_TO_GET_SERF = 'apt-get install -y --no-install-recommends serf'

/** The installed version; `undefined` when Debian's `serf` is not there. */
export function serfVersion(): string | undefined {
  if (!existsSync(PROGRAM)) return undefined
  const [first = ''] = execFileSync(PROGRAM, ['version'], { encoding: 'utf8' }).split('\n')
  return first.replace(/^Serf v?/, '')
}

/** An agent: its process, and when it declared others failed. */
export interface SerfAgent {
  readonly name: string
  readonly process: OwnedProcess
  /** By name, in milliseconds since 1970. */
  readonly failures: ReadonlyMap<string, number>
  /** Names of those that have joined here. */
  readonly joined: ReadonlySet<string>
}

/** Starts agents with the LAN's timing, all of which join the first. */
export async function startSerf(count: number): Promise<readonly SerfAgent[]> {
  const ports = await freePorts(2 * count)
  return Array.from({ length: count }, (_, at) => {
    const name = `s${at + 1}`
    const options = ['agent', `-node=${name}`, `-bind=127.0.0.1:${ports[2 * at]}`]
    options.push(`-rpc-addr=127.0.0.1:${ports[2 * at + 1]}`, '-profile=lan', '-log-level=info')
    if (at > 0) options.push(`-retry-join=127.0.0.1:${ports[0]}`, '-retry-interval=1s')
    return startAgent(name, options)
  })
}

function startAgent(name: string, options: readonly string[]): SerfAgent {
  const child = spawn(PROGRAM, options, { stdio: ['ignore', 'pipe', 'ignore'] })
  const failures = new Map<string, number>()
  const joined = new Set<string>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const [, what, whom = ''] of text.matchAll(/EventMember(Join|Failed): (\S+)/g)) {
      if (what === 'Join') joined.add(whom)
      else failures.set(whom, Date.now())
    }
  })
  return { name, process: new OwnedProcess(child), failures, joined }
}
