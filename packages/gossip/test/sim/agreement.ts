import type { NodeId } from '@colony/host'
import type { GossipCore } from '../../src/core/gossip-core.ts'
import type { Run } from './gossip-run.ts'

/** Whether everybody who lives is alive in everybody's eyes, and all know the same. */
export function converged(run: Run): boolean {
  for (const _difference of differences(run)) return false
  return true
}

/** What nodes do not agree about, in words. */
export function* differences(run: Run): Generator<string> {
  const { nodes } = run.state
  const cores = new Map<NodeId, GossipCore>()
  for (const id of nodes) {
    const core = run.world.node(id).service?.core
    if (core === undefined || run.state.left.has(id)) {
      yield `${id} is not there`
      return
    }
    cores.set(id, core)
  }
  for (const [id, core] of cores) {
    yield* memberDifferences(id, core, cores)
    yield* stateDifferences(id, core, cores)
  }
  const [first, ...others] = cores.values()
  for (const core of others) {
    if (
      first !== undefined &&
      (core.fingerprint.members !== first.fingerprint.members ||
        core.fingerprint.contents !== first.fingerprint.contents)
    )
      yield 'summaries differ'
    yield* sharedDifferences(first, core)
  }
}

function* memberDifferences(
  id: NodeId,
  core: GossipCore,
  cores: ReadonlyMap<NodeId, GossipCore>,
): Generator<string> {
  if (core.members.size !== cores.size) yield `${id} counts ${core.members.size} members`
  for (const [other, otherCore] of cores) {
    const known = core.members.get(other)
    const own = otherCore.members.get(other)
    if (known?.status !== 'alive') yield `${id} holds ${other} for ${known?.status ?? 'nobody'}`
    else if (
      known.incarnation.epoch !== own?.incarnation.epoch ||
      known.incarnation.counter !== own.incarnation.counter
    )
      yield `${id} knows another word of ${other} than it says itself`
  }
}

function* stateDifferences(
  id: NodeId,
  core: GossipCore,
  cores: ReadonlyMap<NodeId, GossipCore>,
): Generator<string> {
  for (const [owner, ownerCore] of cores) {
    const own = ownerCore.copyOf(owner)
    const copy = core.copyOf(owner)
    if ((own?.version ?? 0) === 0 && copy === undefined) continue
    if (own?.life !== copy?.life || own?.version !== copy?.version)
      yield `${id} has ${owner}'s state at ${copy?.version ?? 0} of life ${copy?.life ?? 0}, not ${own?.version ?? 0} of ${own?.life ?? 0}`
    else if (text(core.state(owner)) !== text(ownerCore.state(owner)))
      yield `${id} has another state of ${owner}`
  }
}

function* sharedDifferences(one: GossipCore | undefined, other: GossipCore): Generator<string> {
  for (const key of ['load', 'role', 'shards', 'zone']) {
    const [left, right] = [one?.sharedValue(key), other.sharedValue(key)]
    if (left?.by !== right?.by || decode(left?.value) !== decode(right?.value)) yield `shared ${key} differs`
  }
}

function text(entries: Iterable<readonly [key: string, value: Uint8Array]>): string {
  const all = [...entries].map(([key, value]) => `${key}=${decode(value)}`)
  return all.sort().join(' ')
}

function decode(value: Uint8Array | undefined): string {
  return value === undefined ? '' : new TextDecoder().decode(value)
}
