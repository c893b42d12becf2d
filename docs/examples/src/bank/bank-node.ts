import type { Address, NodeId } from '@colony/host'
import type { LogIndex, RaftStatus } from '@colony/raft'
import type { ProcessGroup, RealProcess } from '@colony/testing/node'
import type { FromNode, NodeConfig, ToNode } from './control-messages.ts'
import { waitUntil } from './wait-until.ts'

const PROGRAM = new URL('./node-process.ts', import.meta.url)

/** How a node's process fares, as far as the operating system is concerned. */
export type ProcessState = 'down' | 'starting' | 'up' | 'paused'

/** What the maker of a node wants to hear of it. */
export interface NodeListener {
  onListening(id: NodeId, address: Address): void
  onLost(error: Error): void
}

/** One node as the orchestrator sees it: a process that it starts, kills, pauses, and that tells how it is. */
export class BankNode {
  readonly id: NodeId
  readonly #config: NodeConfig
  readonly #processes: ProcessGroup
  readonly #listener: NodeListener
  #process: RealProcess<ToNode, FromNode> | undefined
  #state: ProcessState = 'down'
  #status: RaftStatus | undefined
  #heard = 0
  #auditedAt: LogIndex | undefined

  constructor(config: NodeConfig, processes: ProcessGroup, listener: NodeListener) {
    this.id = config.id
    this.#config = config
    this.#processes = processes
    this.#listener = listener
  }

  get state(): ProcessState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** What it said last, which is old news while it is not up. */
  get status(): RaftStatus | undefined {
    return this.#status
  }

  /** How often it has told its status since it was started or continued last: 0 as long as what it said before is all that is known. */
  get heard(): number {
    return this.#state === 'up' ? this.#heard : 0
  }

  /** Starts its process, on the files that an earlier one left. `seeds`: where it hears of everybody else. */
  start(seeds: readonly Address[]): void {
    this.#state = 'starting'
    this.#heard = 0
    this.#process = this.#processes.start<ToNode, FromNode>(PROGRAM, {
      name: `node ${this.id}`,
      onMessage: (message) => this.#onMessage(message),
      onLost: this.#listener.onLost,
    })
    this.#process.send({ type: 'start', config: { ...this.#config, seeds } })
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#state = 'down'
    await this.#process?.kill()
  }

  /** Stops its process in the middle of whatever it does. */
  pause(): void {
    this.#process?.pause()
    this.#state = 'paused'
  }

  /** Lets it go on, unaware of the time that has passed. */
  resume(): void {
    this.#heard = 0
    this.#process?.resume()
    this.#state = 'up'
  }

  /** Has it write down its state machine; resolves with the index up to which that has applied the log. */
  async audit(file: string, signal: AbortSignal): Promise<LogIndex> {
    this.#auditedAt = undefined
    this.#process?.send({ type: 'audit', file })
    const what = `${this.id} has written down its state`
    await waitUntil(() => this.#auditedAt !== undefined, { what, signal })
    return this.#auditedAt ?? 0
  }

  #onMessage(message: FromNode): void {
    switch (message.type) {
      case 'listening':
        this.#listener.onListening(this.id, message.address)
        return
      case 'status':
        // What a paused process had written before it stopped is still to be read.
        if (this.#state === 'starting') this.#state = 'up'
        this.#status = message.status
        this.#heard++
        return
      case 'audited':
        this.#auditedAt = message.appliedIndex
    }
  }
}
