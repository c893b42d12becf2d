import type { NodeId } from '@colony/host'
import type { Verdict } from '../core/members/member.ts'
import type { Peer } from './peer.ts'

/** What led to how a member stands, in words: a line for each verdict, with how long ago it was. */
export function explainText(
  peer: Peer<unknown>,
  verdicts: readonly Verdict[],
  self: NodeId,
  now: number,
): string {
  const { epoch, counter } = peer.incarnation
  const zone = peer.zone === '' ? '' : `, zone ${peer.zone}`
  const head = `${peer.id} is ${peer.status} (${peer.address}${zone}, incarnation ${epoch}.${counter})`
  if (verdicts.length === 0) return `${head}; nothing is remembered of how it came to that`
  return [head, ...verdicts.map((verdict) => `  ${verdictText(verdict, self, now)}`)].join('\n')
}

function verdictText(verdict: Verdict, self: NodeId, now: number): string {
  const { status, accuser, confirmations, path, roundTripMs, localHealth, at, text } = verdict
  const facts = [
    `by ${accuser === self ? 'this node' : accuser}`,
    `path: ${path}`,
    ...(confirmations.length > 0 ? [`confirmed by ${confirmations.join(', ')}`] : []),
    ...(roundTripMs === undefined ? [] : [`round trip ${roundTripMs.toFixed(1)} ms`]),
    ...(localHealth > 0 ? [`own health ${localHealth} of 8`] : []),
  ]
  return `${((now - at) / 1000).toFixed(1)} s ago ${status}: ${text} (${facts.join('; ')})`
}
