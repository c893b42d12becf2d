import { join } from 'node:path'
import type { Address, NodeId } from '@colony/host'
import type { ProcessGroup, RealProcess } from '@colony/testing/node'
import type { FromClient, Progress, ToClient } from './control-messages.ts'
import type { OperationRecord } from './operation-record.ts'
import { readRecords } from './record-file.ts'
import { waitUntil } from './wait-until.ts'

const PROGRAM = new URL('./client-process.ts', import.meta.url)

/** Who works how much. */
export interface ClientPoolOptions {
  readonly clients: readonly NodeId[]
  readonly nodes: readonly NodeId[]
  readonly accounts: readonly string[]
  /** Operations under way in each process. */
  readonly concurrency: number
  readonly seed: number
  readonly directory: string
  readonly processes: ProcessGroup
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  readonly onLost: (error: Error) => void
}

/** The client processes. */
export class ClientPool {
  readonly #options: ClientPoolOptions
  readonly #children = new Map<NodeId, RealProcess<ToClient, FromClient>>()
  readonly #addresses = new Map<NodeId, Address>()
  #stopped = 0

  constructor(options: ClientPoolOptions) {
    this.#options = options
  }

  /** Starts the processes; resolves with where they gossip. */
  async open(): Promise<readonly Address[]> {
    const { clients, nodes, accounts, concurrency, seed, processes, onLost } = this.#options
    for (const id of clients) {
      const child = processes.start<ToClient, FromClient>(PROGRAM, {
        name: `client ${id}`,
        onMessage: (message) => this.#onMessage(id, message),
        onLost,
      })
      this.#children.set(id, child)
      const config = { id, nodes, accounts, concurrency, seed, file: this.#fileOf(id) }
      child.send({ type: 'open', config })
    }
    await this.#wait('every client is up', () => this.#addresses.size === clients.length)
    return [...this.#addresses.values()]
  }

  /** Begins the load. */
  run(): void {
    this.#tell({ type: 'run' })
  }

  /** Ends the load; resolves when the last operation has its outcome, or was given up. */
  async stop(): Promise<void> {
    this.#tell({ type: 'stop' })
    const { size } = this.#children
    await this.#wait('every client has finished', () => this.#stopped === size)
  }

  /** What all clients recorded. */
  async records(): Promise<OperationRecord[]> {
    const files = this.#options.clients.map((id) => this.#fileOf(id))
    return (await Promise.all(files.map(readRecords))).flat()
  }

  #onMessage(id: NodeId, message: FromClient): void {
    switch (message.type) {
      case 'listening':
        this.#addresses.set(id, message.address)
        return
      case 'progress':
        this.#options.onProgress(message)
        return
      case 'stopped':
        this.#stopped++
    }
  }

  #tell(message: ToClient): void {
    for (const child of this.#children.values()) child.send(message)
  }

  #fileOf(id: NodeId): string {
    return join(this.#options.directory, `${id}.jsonl`)
  }

  async #wait(what: string, condition: () => boolean): Promise<void> {
    await waitUntil(condition, { what, signal: this.#options.signal })
  }
}
