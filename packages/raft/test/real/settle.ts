import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeId } from '@colony/host'
import type { NodeDump } from './evidence.ts'
import { changeMembers } from './operator.ts'
import type { Dump, Request } from './protocol.ts'
import { NoAnswer, type RealCluster } from './real-cluster.ts'

const CALL_MS = 10_000
const DUMP_MS = 60_000
const POLL_MS = 25

/** Asks one node after the other until the whole cluster votes again. `told` hears why one does not do it. */
export async function makeWhole(
  cluster: RealCluster,
  signal: AbortSignal,
  told: (refusal: string) => void,
): Promise<void> {
  const request = changeMembers({ to: 'set', voters: cluster.ids })
  for (;;) {
    for (const id of cluster.ids) if (await succeeds(cluster, id, request, signal, told)) return
  }
}

async function succeeds(
  cluster: RealCluster,
  id: NodeId,
  request: Request,
  signal: AbortSignal,
  told: (refusal: string) => void,
): Promise<boolean> {
  signal.throwIfAborted()
  cluster.requireWhole()
  try {
    await cluster.call(id, request, CALL_MS)
    return true
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    told(error.message)
    await sleep(POLL_MS)
    return false
  }
}

/** What all machines hold, at one index: again while something still comes, as after an election. */
export async function dumpAll(cluster: RealCluster, signal: AbortSignal): Promise<readonly NodeDump[]> {
  for (;;) {
    await settled(cluster, signal)
    const dumping = cluster.ids.map(async (node): Promise<NodeDump> => {
      const { value } = await cluster.call(node, { do: 'dump' }, DUMP_MS)
      return { node, ...(value as Dump) }
    })
    const dumps = await Promise.all(dumping)
    if (new Set(dumps.map(({ index }) => index)).size === 1) return dumps
  }
}

/** Resolves when all nodes follow one leader, have applied all that there is, and try nothing any more. */
async function settled(cluster: RealCluster, signal: AbortSignal): Promise<void> {
  const isSettled = (): boolean => {
    const { leader } = cluster
    const last = leader === undefined ? undefined : cluster.status(leader)?.lastIndex
    if (last === undefined) return false
    return cluster.ids.every((id) => {
      const status = cluster.status(id)
      if (status === undefined || status.leader !== leader || status.pending > 0) return false
      return status.lastIndex === last && status.appliedIndex === last
    })
  }
  while (!isSettled()) {
    signal.throwIfAborted()
    cluster.requireWhole()
    await sleep(POLL_MS)
  }
}
