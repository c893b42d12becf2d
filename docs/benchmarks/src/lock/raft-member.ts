import { type NodeHost, nodeHost } from '@colony/host/node'
import type { LockBackend } from '@colony/lock'
import { lockTable, type LockStateMachine, raftBackend } from '@colony/lock/raft'
import { createRaft, type Raft, type RaftStatus } from '@colony/raft'
import { fileStorage } from '@colony/raft/node'
import { serve } from '../measure/child.ts'
import type { Load, LoadResult } from '../measure/closed-loop.ts'
import type { Locker } from './locker.ts'
import { colony } from './lockers.ts'
import { drive } from './uncontended.ts'

/** One member of a durable group of locks, in its own process: defaults throughout. */
export type RaftMember = typeof methods

const CLUSTER_ID = 'bench'
let host: NodeHost | undefined
let raft: Raft<LockStateMachine> | undefined
let locker: Locker | undefined

const methods = {
  /** Takes a free port and returns its address. */
  async listen(id: string): Promise<string> {
    host = nodeHost({ clusterId: CLUSTER_ID, listen: '127.0.0.1:0' })
    await host.open(id)
    return host.transport.localAddress ?? ''
  },

  /** Joins the group. */
  async join(options: {
    readonly id: string
    readonly members: Readonly<Record<string, string>>
    readonly directory: string
  }): Promise<void> {
    const { id, members, directory } = options
    if (host === undefined) throw new Error('called out of turn: listen, then join')
    const storage = await fileStorage(directory)
    raft = await createRaft({ id, members, storage, host, machine: lockTable() })
    const backend: LockBackend = raftBackend(raft)
    locker = colony(backend)
  },

  /** The node's view of itself. */
  status(): RaftStatus {
    if (raft === undefined) throw new Error('called out of turn: join comes before status')
    return raft.status()
  },

  /** Takes and gives back locks in this process. */
  async load(load: Load): Promise<LoadResult> {
    if (locker === undefined) throw new Error('called out of turn: join comes before load')
    return await drive(locker, load)
  },
}

serve(methods)
