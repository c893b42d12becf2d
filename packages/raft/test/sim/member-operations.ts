import type { NodeId, Random } from '@colony/host'
import type { ClientCall } from '@colony/testing'
import { RaftError } from '../../src/index.ts'
import type { RaftRun, Service } from './raft-run.ts'
import { drawVoters, membersChange } from './spares.ts'

type Call = ClientCall<Service, RaftRun>

/** How long whoever asks for a change waits for it. The group goes on with it all the same. */
const PATIENCE_MS = 2500

/** Operations that change who takes part, who leads, and where the log begins, but nothing that clients see. */
export const OPERATORS: readonly string[] = ['members', 'transfer', 'snapshot']

/** Draws one. Where members change at all, they do often. */
export function drawOperator(random: Random, nodes: readonly NodeId[]): string {
  const choice = random.float()
  // Not where one node is all there is to ask: then a quorum has to work alone, and must not be changed.
  if (membersChange(nodes) && nodes.length > 1 && choice < 0.7) return 'members'
  return choice < 0.85 ? 'transfer' : 'snapshot'
}

/** Carries out one of them. What may fail in the middle of faults does; that it leaves everything intact is what the rules see to. */
export async function operate(call: Call): Promise<null> {
  switch (call.operation.f) {
    case 'members':
      await changeMembers(call)
      break
    case 'transfer':
      await transfer(call)
      break
    default:
      await call.node.call((raft) => raft.snapshot())
  }
  return null
}

async function changeMembers({ node, run, random }: Call): Promise<void> {
  const { nodes } = run.scenario
  const timeoutMs = PATIENCE_MS
  const id = nodes[random.integer(0, nodes.length - 1)] ?? ''
  const choice = random.float()
  await node.call(async ({ members }) => {
    const { voters } = members.list()
    const [old = id] = voters.filter(() => random.float() < 0.5)
    // Of three, one may be wiped, and of fewer none.
    if (run.state.wiped.wipes) return await members.set(drawVoters(random, nodes, 3), { timeoutMs })
    if (choice < 0.4) return await members.set(drawVoters(random, nodes), { timeoutMs })
    if (choice < 0.55) return await members.add(id, undefined, { timeoutMs })
    if (choice < 0.65) return await members.add(id, undefined, { timeoutMs, role: 'learner' })
    if (choice < 0.8) return await members.remove(old, { timeoutMs })
    return await members.replace(old, id, undefined, { timeoutMs })
  })
  run.sometimes('members were changed')
}

async function transfer({ node, run, random }: Call): Promise<void> {
  const { nodes } = run.scenario
  const to = random.float() < 0.5 ? undefined : nodes[random.integer(0, nodes.length - 1)]
  try {
    await node.call((raft) => raft.transferLeadership(to, { timeoutMs: PATIENCE_MS }))
    run.sometimes('leadership was handed over')
  } catch (error) {
    if (error instanceof RaftError && error.code === 'RAFT_TRANSFER_FAILED')
      run.sometimes('leadership could not be handed over')
    throw error
  }
}
