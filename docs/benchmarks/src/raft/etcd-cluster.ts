import { existsSync, mkdirSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { OwnedProcess } from '../measure/child.ts'
import { freePorts } from '../measure/free-ports.ts'

const PROGRAM = '/usr/bin/etcd'
const MEMBERS = ['a', 'b', 'c'] as const
const START_TIMEOUT_MS = 30_000

/** What to tell someone who has no etcd. */
export const HOW_TO_GET_ETCD = 'apt-get install -y --no-install-recommends etcd-server'

/** The installed etcd's version, or `undefined` when Debian's `etcd-server` is not there. */
export function etcdVersion(): string | undefined {
  if (!existsSync(PROGRAM)) return undefined
  return /etcd Version: (\S+)/.exec(execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' }))?.[1]
}

/** Three etcd servers with their defaults, as three processes on loopback, writing under one scratch directory. */
export class EtcdCluster implements AsyncDisposable {
  readonly #servers: readonly OwnedProcess[]
  /** Client port of every member, the leader's first. */
  readonly ports: readonly number[]

  private constructor(servers: readonly OwnedProcess[], ports: readonly number[]) {
    this.#servers = servers
    this.ports = ports
  }

  /** Starts the servers and waits until all of them know one leader. */
  static async start(directory: string): Promise<EtcdCluster> {
    const ports = await freePorts(2 * MEMBERS.length)
    const clientPorts = ports.slice(0, MEMBERS.length)
    const peerUrls = ports.slice(MEMBERS.length).map(urlOf)
    const founders = MEMBERS.map((name, at) => `${name}=${peerUrls[at]}`).join(',')
    const servers = MEMBERS.map((name, at) => {
      const data = join(directory, name)
      mkdirSync(data, { mode: 0o700 })
      return OwnedProcess.spawn(PROGRAM, [
        ...['--name', name, '--data-dir', data],
        ...['--listen-client-urls', urlOf(clientPorts[at] ?? 0)],
        ...['--advertise-client-urls', urlOf(clientPorts[at] ?? 0)],
        ...['--listen-peer-urls', peerUrls[at] ?? '', '--initial-advertise-peer-urls', peerUrls[at] ?? ''],
        ...['--initial-cluster', founders, '--initial-cluster-state', 'new'],
        ...['--initial-cluster-token', 'colony-bench', '--logger', 'zap', '--log-level', 'error'],
      ])
    })
    try {
      const leader = await findLeader(clientPorts)
      return new EtcdCluster(servers, [leader, ...clientPorts.filter((port) => port !== leader)])
    } catch (error) {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
      throw error
    }
  }

  /** The server processes. */
  get pids(): number[] {
    return this.#servers.map((server) => server.pid)
  }

  /** Kills the servers; a benchmark's data needs no farewell. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()))
  }
}

interface MemberStatus {
  readonly header: { readonly member_id: string }
  readonly leader?: string
}

async function findLeader(ports: readonly number[]): Promise<number> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    const statuses = await Promise.all(ports.map(statusOf))
    const leaders = new Set(statuses.map((status) => status?.leader))
    const [leader] = leaders
    const at = statuses.findIndex((status) => status !== undefined && status.header.member_id === leader)
    const port = ports[at]
    if (leaders.size === 1 && port !== undefined) return port
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`etcd: no leader within ${START_TIMEOUT_MS} ms`)
}

/** Asks a member through etcd's JSON gateway. */
async function statusOf(port: number): Promise<MemberStatus | undefined> {
  try {
    const response = await fetch(`${urlOf(port)}/v3/maintenance/status`, {
      method: 'POST',
      body: '{}',
      signal: AbortSignal.timeout(2_000),
    })
    return (await response.json()) as MemberStatus
  } catch {
    return undefined // not up yet
  }
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`
}
