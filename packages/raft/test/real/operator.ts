import type { NodeId, Random } from '@colony/host'
import type { MemberChange, Request } from './protocol.ts'

/** How long whoever asks for a change waits for it; the group goes on with it all the same. */
const PATIENCE_MS = 4000

/** What those do who run a cluster: nothing that clients see. */
export interface OperatorRequest {
  readonly kind: 'members' | 'transfer' | 'snapshot'
  readonly request: Request
}

/** Draws one. */
export function drawOperation(random: Random, ids: readonly NodeId[]): OperatorRequest {
  const choice = random.float()
  if (choice < 0.4) return { kind: 'members', request: changeMembers(drawChange(random, ids)) }
  if (choice > 0.8) return { kind: 'snapshot', request: { do: 'snapshot' } }
  const to = random.float() < 0.5 ? {} : { to: anyOf(random, ids) }
  return { kind: 'transfer', request: { do: 'transfer', ...to, timeoutMs: PATIENCE_MS } }
}

/** The request for a change of members. */
export function changeMembers(change: MemberChange): Request {
  return { do: 'members', change, timeoutMs: PATIENCE_MS }
}

function drawChange(random: Random, ids: readonly NodeId[]): MemberChange {
  const choice = random.float()
  // Mostly five again, so that most faults meet a whole cluster.
  if (choice < 0.35) return { to: 'set', voters: ids }
  if (choice < 0.5) return { to: 'set', voters: drawVoters(random, ids) }
  if (choice < 0.65) return { to: 'remove', id: anyOf(random, ids) }
  if (choice < 0.75) {
    const old = anyOf(random, ids)
    const others = ids.filter((id) => id !== old)
    return { to: 'replace', old, by: anyOf(random, others) }
  }
  return { to: 'add', id: anyOf(random, ids), role: random.float() < 0.7 ? 'voter' : 'learner' }
}

function drawVoters(random: Random, ids: readonly NodeId[]): readonly NodeId[] {
  const left = [...ids]
  const size = random.float() < 0.7 ? 3 : 4
  return Array.from({ length: size }, () => left.splice(random.integer(0, left.length - 1), 1)[0] ?? '')
}

function anyOf(random: Random, ids: readonly NodeId[]): NodeId {
  return ids[random.integer(0, ids.length - 1)] ?? ''
}
