import { join } from 'node:path'
import { createRandom, type NodeId } from '@colony/host'
import {
  createProcessGroup,
  createProcessNode,
  createProxyNetwork,
  createRealNemesis,
  machineClock,
  type ProcessGroup,
  type ProcessNode,
  type ProxyNetwork,
  type RealNemesis,
  type RealProcess,
} from '@colony/testing/node'
import type { RaftStatus } from '../../src/index.ts'
import type { Answer, FromNode, NodeConfig, Refusal, Request, ToNode } from './protocol.ts'

type NodeProcess = RealProcess<ToNode, FromNode>

const PROGRAM = new URL('./node-program.ts', import.meta.url)
/** What makes a plain Node run TypeScript. */
const LOADER: readonly string[] = ['--import', import.meta.resolve('tsx')]
/** A machine with much to do may take long to start a process. */
const START_TIMEOUT_MS = 120_000
/** What was heard longer ago says nothing of now. */
const FRESH_STATUS_MS = 1000

/** A call that did not succeed: certainly (`fail`: it has no effect and never will), or nobody knows. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly outcome: 'fail' | 'unknown'
  /** What the node said, if it did. */
  readonly refusal: Refusal | undefined

  constructor(outcome: 'fail' | 'unknown', message: string, refusal?: Refusal) {
    super(message)
    this.outcome = outcome
    this.refusal = refusal
  }
}

interface Pending {
  readonly process: NodeProcess
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

/** What all nodes of a cluster have in common. */
export type ClusterSettings = Pick<NodeConfig, 'snapshots' | 'maxClockDrift'>

/** Real processes, the proxies between them, and what harms both. */
export class RealCluster implements AsyncDisposable {
  readonly ids: readonly NodeId[]
  readonly network: ProxyNetwork
  readonly nemesis: RealNemesis
  /** Where their files are: each has a directory of its name. */
  readonly directory: string
  /** Processes that were started. */
  starts = 0
  readonly #processes: ProcessGroup
  readonly #nodes: Record<NodeId, ProcessNode<NodeProcess>> = {}
  readonly #statuses = new Map<NodeId, { readonly status: RaftStatus; readonly at: number }>()
  readonly #pending = new Map<number, Pending>()
  #requests = 0
  #lost: Error | undefined

  private constructor(ids: readonly NodeId[], processes: ProcessGroup, network: ProxyNetwork) {
    this.ids = ids
    this.network = network
    this.directory = processes.directory
    this.#processes = processes
    const roles = (): { readonly leader: NodeId | undefined } => ({ leader: this.leader })
    this.nemesis = createRealNemesis({ nodes: this.#nodes, network, roles })
  }

  /** Starts all nodes. `seed` decides the delays of proxies. */
  static async start(ids: readonly NodeId[], settings: ClusterSettings, seed: string): Promise<RealCluster> {
    const processes = await createProcessGroup({ prefix: 'colony-raft-real-' })
    try {
      const network = await createProxyNetwork(ids, { random: createRandom(seed, 'proxies') })
      const cluster = new RealCluster(ids, processes, network)
      await Promise.all(ids.map(async (id) => await cluster.#startNode(id, settings)))
      return cluster
    } catch (error) {
      await processes.close()
      throw error
    }
  }

  /** The leader of the latest term that a running node says it leads. */
  get leader(): NodeId | undefined {
    let latest: RaftStatus | undefined
    for (const id of this.ids) {
      const status = this.status(id)
      if (status?.role === 'leader' && status.term > (latest?.term ?? 0)) latest = status
    }
    return latest?.id
  }

  /** What a node that is up said last, if that was lately. */
  status(id: NodeId): RaftStatus | undefined {
    const heard = this.#statuses.get(id)
    if (heard === undefined || this.#nodes[id]?.state !== 'up') return undefined
    return machineClock.now() - heard.at <= FRESH_STATUS_MS ? heard.status : undefined
  }

  /** @throws What a process wrote that ended though nobody had killed it. */
  requireWhole(): void {
    if (this.#lost !== undefined) throw this.#lost
  }

  /**
   * Asks a node, and waits for its answer at most `withinMs`.
   * @throws A {@link NoAnswer}.
   */
  async call(id: NodeId, request: Request, withinMs: number): Promise<Answer> {
    const node = this.#nodes[id]?.process
    if (node === undefined || node.state === 'down') throw new NoAnswer('fail', `${id} is down`)
    const number = ++this.#requests
    return await new Promise((resolve, reject) => {
      const giveUp = (): void => this.#fail(number, new NoAnswer('unknown', `${id} did not answer in time`))
      const timer = setTimeout(giveUp, withinMs)
      const end =
        <Value>(settle: (value: Value) => void) =>
        (value: Value): void => {
          clearTimeout(timer)
          this.#pending.delete(number)
          settle(value)
        }
      this.#pending.set(number, { process: node, resolve: end(resolve), reject: end(reject) })
      node.send({ type: 'request', number, request })
    })
  }

  /** Kills every process, and leaves the files. */
  async killAll(): Promise<void> {
    await this.#processes.killAll()
  }

  /** Kills every process and removes the files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.close()
    await this.network.close()
  }

  async #startNode(id: NodeId, settings: ClusterSettings): Promise<void> {
    const config: NodeConfig = {
      ...settings,
      id,
      voters: this.ids,
      peers: this.network.addressesFor(id),
      directory: join(this.directory, id),
    }
    this.#nodes[id] = await createProcessNode(async () => await this.#startProcess(config))
  }

  async #startProcess(config: NodeConfig): Promise<NodeProcess> {
    const { id } = config
    this.starts++
    const started: NodeProcess = this.#processes.start<ToNode, FromNode>(PROGRAM, {
      name: `node ${id}`,
      nodeOptions: LOADER,
      onMessage: (message) => this.#onMessage(id, message),
      onLost: (error) => (this.#lost ??= error),
    })
    void started.ended.then(() => this.#onEnd(started))
    started.send({ type: 'start', config })
    const address = await started.hear((message) => addressIn(message), {
      what: 'where it listens',
      withinMs: START_TIMEOUT_MS,
    })
    this.network.attach(id, address)
    return started
  }

  #onMessage(id: NodeId, message: FromNode): void {
    switch (message.type) {
      case 'listening':
        return
      case 'status':
        this.#statuses.set(id, { status: message.status, at: machineClock.now() })
        return
      case 'answer':
        this.#pending.get(message.number)?.resolve(message.answer)
        return
      case 'refusal': {
        const { refusal, number } = message
        const outcome = refusal.outcome === 'rejected' ? 'fail' : 'unknown'
        this.#fail(number, new NoAnswer(outcome, `${id}: ${refusal.code}: ${refusal.message}`, refusal))
      }
    }
  }

  #onEnd(ended: NodeProcess): void {
    for (const [number, { process }] of this.#pending) {
      if (process === ended) this.#fail(number, new NoAnswer('unknown', `${ended.name} was killed`))
    }
  }

  #fail(number: number, error: NoAnswer): void {
    this.#pending.get(number)?.reject(error)
  }
}

function addressIn(message: FromNode): string | undefined {
  return message.type === 'listening' ? message.address : undefined
}
