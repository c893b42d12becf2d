import type { Address, NodeId } from '@colony/host'
import type { LogIndex, RaftStatus } from '@colony/raft'
import { Child } from './child.ts'
import type { FromNode, NodeConfig, ToNode } from './control-messages.ts'
import type { Guard } from './guard.ts'
import { monotonicMs } from './monotonic.ts'
import { waitUntil } from './wait-until.ts'

const AUDIT_TIMEOUT_MS = 20_000

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
  readonly #guard: Guard
  readonly #listener: NodeListener
  #child: Child<ToNode, FromNode> | undefined
  #state: ProcessState = 'down'
  #status: RaftStatus | undefined
  #statusAt = Number.NEGATIVE_INFINITY
  #auditedAt: LogIndex | undefined

  constructor(config: NodeConfig, guard: Guard, listener: NodeListener) {
    this.id = config.id
    this.#config = config
    this.#guard = guard
    this.#listener = listener
  }

  get state(): ProcessState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** What it said last, which is old news while it is not up. */
  get status(): RaftStatus | undefined {
    return this.#status
  }

  /** Whether it is up and has spoken within `ms`. */
  heardWithin(ms: number): boolean {
    return this.#state === 'up' && monotonicMs() - this.#statusAt <= ms
  }

  /** Starts its process, on the files that an earlier one left. `extra` addresses are told on the way. */
  start(extra: Readonly<Record<NodeId, Address>>): void {
    this.#state = 'starting'
    const child = new Child<ToNode, FromNode>(`node ${this.id}`, './node-process.ts', {
      onMessage: (message) => this.#onMessage(message),
      onLost: this.#listener.onLost,
    })
    this.#guard.watch(child)
    this.#child = child
    const addresses = { ...this.#config.addresses, ...extra }
    child.send({ type: 'start', config: { ...this.#config, addresses } })
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#state = 'down'
    this.#child?.kill()
    await this.#child?.ended
  }

  /** Stops its process in the middle of whatever it does. */
  pause(): void {
    this.#child?.signal('SIGSTOP')
    this.#state = 'paused'
  }

  /** Lets it go on, unaware of the time that has passed. */
  resume(): void {
    this.#child?.signal('SIGCONT')
    this.#state = 'up'
  }

  /** Has it write down its state machine; resolves with the index up to which that has applied the log. */
  async audit(file: string, signal: AbortSignal): Promise<LogIndex> {
    this.#auditedAt = undefined
    this.#child?.send({ type: 'audit', file })
    const what = `${this.id} has written down its state`
    await waitUntil(() => this.#auditedAt !== undefined, { what, timeoutMs: AUDIT_TIMEOUT_MS, signal })
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
        this.#statusAt = monotonicMs()
        return
      case 'audited':
        this.#auditedAt = message.appliedIndex
    }
  }
}
