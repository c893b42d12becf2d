/// <reference lib="esnext.disposable" preserve="true" />
import type { Host, NodeId } from '@colony/host'
import { RaftError } from '../../errors.ts'
import { startRaft } from '../create-raft.ts'
import type { AnyMachine } from '../machine.ts'
import { resolveOptions } from '../options.ts'
import type { RaftNode } from '../raft-node.ts'
import type { Raft } from '../raft.ts'
import { NodeTransport } from './node-transport.ts'
import {
  requireGroupOptions,
  resolveGroupsOptions,
  type GroupOptions,
  type RaftGroupsOptions,
  type ResolvedGroupsOptions,
} from './raft-groups-options.ts'
import type { RaftGroups, RaftGroupsMetrics } from './raft-groups.ts'
import { SlottedClock } from './slotted-clock.ts'

/** Timers of groups that are due within so much of a heartbeat interval ring together. */
const SLOT = 0.1

/** Lets a test look at what passes between the members of one group. */
export type WatchGroup = (group: string, host: Host) => Host

/**
 * Takes part in many groups as one node: with one channel on the transport, whose frames carry what all groups have to say to a node at that moment; one log, with one sync of the disk for
 * whatever they write together; and quiet when nothing happens. Members of a group must all be made in this way.
 *
 * @throws A {@link RaftError}: `RAFT_INVALID_OPTION` for options that can't be; what {@link RaftGroupStorage} says when the storage can't be used. An error of the host when its
 *   transport can't be opened. Nothing is left open in any of these cases.
 * @category Node
 */
export async function createRaftGroups(options: RaftGroupsOptions): Promise<RaftGroups> {
  return await startRaftGroups(options)
}

/** The same, with somebody who watches. */
export async function startRaftGroups(options: RaftGroupsOptions, watch?: WatchGroup): Promise<RaftGroups> {
  const resolved = resolveGroupsOptions(options)
  const { host, storage, id } = resolved
  await storage.open({ clusterId: host.clusterId, nodeId: id })
  try {
    return new RaftGroupsNode(resolved, await host.open(id), watch)
  } catch (error) {
    await storage.close()
    throw error
  }
}

class RaftGroupsNode implements RaftGroups {
  readonly id: NodeId
  readonly #options: ResolvedGroupsOptions
  readonly #lease: AsyncDisposable
  readonly #transport: NodeTransport
  readonly #clock: SlottedClock
  readonly #watch: WatchGroup | undefined
  readonly #open = new Map<string, RaftNode<AnyMachine>>()
  readonly #starting = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(options: ResolvedGroupsOptions, lease: AsyncDisposable, watch: WatchGroup | undefined) {
    const { host, id, quietAfterMs, heartbeatIntervalMs: intervalMs, electionTimeoutMs: patienceMs } = options
    this.id = id
    this.#options = options
    this.#lease = lease
    this.#watch = watch
    this.#transport = new NodeTransport(host, id, quietAfterMs, { intervalMs, patienceMs })
    this.#clock = new SlottedClock(host.clock, SLOT * intervalMs)
  }

  get names(): readonly string[] {
    return [...this.#open.keys()].sort()
  }

  async create<Machine extends AnyMachine>(options: GroupOptions<Machine>): Promise<Raft<Machine>> {
    this.#requireOpen()
    requireGroupOptions(options)
    const starting = this.#start(options)
    this.#starting.add(starting)
    try {
      return await starting
    } finally {
      this.#starting.delete(starting)
    }
  }

  async #start<Machine extends AnyMachine>(options: GroupOptions<Machine>): Promise<Raft<Machine>> {
    const { id, storage, electionTimeoutMs, heartbeatIntervalMs } = this.#options
    const { group } = options
    const host = this.#hostOf(group)
    const resolved = resolveOptions<Machine>({
      ...options,
      ...{ id, host, electionTimeoutMs, heartbeatIntervalMs },
      storage: storage.group(group),
    })
    const raft = await startRaft<Machine>({ ...resolved, shared: this.#transport })
    this.#open.set(group, raft as unknown as RaftNode<AnyMachine>)
    return raft
  }

  /** The world as one group sees it. */
  #hostOf(group: string): Host {
    const { clusterId, random, addresses, observer } = this.#options.host
    const host: Host = {
      ...{ clusterId, random, addresses },
      clock: this.#clock,
      transport: this.#transport.transportOf(group),
      ...(observer !== undefined && { observer }),
      // Left when the member closes.
      open: async () => ({ [Symbol.asyncDispose]: async () => void this.#open.delete(group) }),
    }
    return this.#watch?.(group, host) ?? host
  }

  metrics(): RaftGroupsMetrics {
    const { outbox, received } = this.#transport
    let quietGroups = 0
    for (const { core } of this.#open.values()) if (core.quiet) quietGroups++
    return {
      groups: this.#open.size,
      quietGroups,
      framesSent: outbox.frames,
      messagesSent: outbox.messages,
      framesReceived: received.frames,
      messagesReceived: received.messages,
      dropped: { malformed: received.malformed, unknownGroup: received.unknownGroup },
    }
  }

  async close({ handOver = false }: { readonly handOver?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(handOver)
    return await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(handOver: boolean): Promise<void> {
    await Promise.allSettled(this.#starting)
    await Promise.allSettled(Array.from(this.#open.values(), (raft) => raft.close({ handOver })))
    this.#transport.close()
    try {
      await this.#options.storage.close()
    } finally {
      await this.#lease[Symbol.asyncDispose]()
    }
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new RaftError('RAFT_CLOSED', 'the node was closed')
  }
}
