/** One node of the real cluster: a process with its own files and its own port, that does what its parent asks. */
import { AddressBook } from '@colony/host'
import { nodeHost } from '@colony/host/node'
import { serveParent, tellParent } from '@colony/testing/node'
import { createRaft, RaftError, type Raft } from '../../src/index.ts'
import { fileStorage } from '../../src/node/index.ts'
import { JournalMachine } from './journal-machine.ts'
import type { Answer, Dump, FromNode, MemberChange, NodeConfig, Request, ToNode } from './protocol.ts'

/** Names the cluster. */
const CLUSTER_ID = 'real'
const STATUS_INTERVAL_MS = 50
/** Small, so that a run goes through several. */
const SEGMENT_BYTES = 256 * 1024

let raft: Raft<JournalMachine> | undefined

serveParent<ToNode>(async (message) => {
  if (message.type === 'start') raft = await start(message.config)
  else await serve(message.number, message.request)
})

async function start(config: NodeConfig): Promise<Raft<JournalMachine>> {
  const { id, voters, directory, snapshots, maxClockDrift } = config
  const addresses = new AddressBook()
  for (const [peer, address] of Object.entries(config.peers)) addresses.set(peer, address)
  const host = nodeHost({ clusterId: CLUSTER_ID, listen: '127.0.0.1:0', addresses })
  const storage = await fileStorage(directory, { segmentBytes: SEGMENT_BYTES })
  const machine = new JournalMachine()
  const node = await createRaft({ id, members: voters, host, storage, machine, snapshots, maxClockDrift })
  node.on('stopped', ({ error }) => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  })
  tellParent<FromNode>({ type: 'listening', address: host.transport.localAddress ?? '' })
  const report = (): void => tellParent<FromNode>({ type: 'status', status: node.status() })
  node.on('role', report)
  node.on('leader', report)
  setInterval(report, STATUS_INTERVAL_MS)
  return node
}

async function serve(number: number, request: Request): Promise<void> {
  try {
    tellParent<FromNode>({ type: 'answer', number, answer: await answer(request) })
  } catch (error) {
    if (!(error instanceof RaftError)) throw error
    const { code, message, outcome } = error
    const refusal = { code, message, ...(outcome !== undefined && { outcome }) }
    tellParent<FromNode>({ type: 'refusal', number, refusal })
  }
}

async function answer(request: Request): Promise<Answer> {
  if (raft === undefined) throw new Error('asked before it was started')
  switch (request.do) {
    case 'propose': {
      const { command, idempotencyKey, timeoutMs } = request
      const options = { timeoutMs, ...(idempotencyKey !== undefined && { idempotencyKey }) }
      return await raft.propose(command, options)
    }
    case 'read': {
      const { key, demand, timeoutMs } = request
      const { value, index, staleMs } = await raft.read((map) => map.get(key), { ...demand, timeoutMs })
      return { value, index, staleMs: Number.isFinite(staleMs) ? staleMs : null }
    }
    case 'members':
      await changeMembers(raft, request.change, request.timeoutMs)
      return {}
    case 'transfer':
      return { value: await raft.transferLeadership(request.to, { timeoutMs: request.timeoutMs }) }
    case 'snapshot':
      return { value: await raft.snapshot() }
    case 'stall':
      stall(request.ms)
      return {}
    case 'dump': {
      const { value, index } = await raft.read((map) => map.holdings(), { consistency: 'local' })
      const { heapUsed: heapBytes } = process.memoryUsage()
      const dump: Dump = { ...value, index, heapBytes, handles: process.getActiveResourcesInfo().length }
      return { value: dump }
    }
  }
}

async function changeMembers(
  { members }: Raft<JournalMachine>,
  change: MemberChange,
  timeoutMs: number,
): Promise<void> {
  switch (change.to) {
    case 'set':
      await members.set(change.voters, { timeoutMs })
      return
    case 'add':
      await members.add(change.id, undefined, { role: change.role, timeoutMs })
      return
    case 'remove':
      await members.remove(change.id, { timeoutMs })
      return
    case 'replace':
      await members.replace(change.old, change.by, undefined, { timeoutMs })
  }
}

/** Does nothing else for a while, as a large computation or a long collection of garbage would. */
function stall(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
