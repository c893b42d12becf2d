import type { NodeId } from '@colony/host'
import { sameBytes } from '../../../src/core/state/own-state.ts'
import type { OwnerState } from '../../../src/core/state/owner-state.ts'
import type { StateNode } from './state-net.ts'

/** One change that an owner made. */
interface Change {
  readonly key: string
  readonly value: Uint8Array | undefined
  readonly version: number
}

/** What must hold after every step: checked against all that owners ever said. */
export class StateRules {
  readonly broken: string[] = []
  /** By owner and life. */
  readonly #histories = new Map<string, Change[]>()
  /** What was seen before, by node, owner and copy. */
  readonly #seen = new Map<string, { life: number; version: number; floor: number }>()
  resets = 0

  /** Looks at all that `node` knows. */
  check(node: StateNode): void {
    this.#record(node)
    for (const id of node.state.store.owners()) {
      const { store } = node.state
      const [shown, copy] = [store.shown(id), store.copy(id)]
      if (shown !== undefined) this.#checkCopy(node, id, 'shown', shown)
      if (copy !== undefined && copy !== shown) this.#checkCopy(node, id, 'staged', copy)
      if (shown !== undefined) this.#checkMonotone(`${node.self}#${node.process}/${id}`, shown)
    }
  }

  /** The owner's own copy is the truth: what is new in it is written down. */
  #record(node: StateNode): void {
    const own = node.state.store.shown(node.self)
    if (own === undefined) return
    const key = `${node.self}@${own.life}`
    const history = this.#histories.get(key) ?? []
    this.#histories.set(key, history)
    for (const { key: name, value, version } of own.after(history.at(-1)?.version ?? 0)) {
      history.push({ key: name, value, version })
    }
  }

  #checkCopy(node: StateNode, id: NodeId, kind: string, copy: OwnerState): void {
    const where = `${node.self} about ${id} (${kind}, ${copy.version} of ${copy.target}, floor ${copy.floor})`
    const history = this.#histories.get(`${id}@${copy.life}`) ?? []
    const latest = new Map<string, Change>()
    const latestKnowable = new Map<string, Change>()
    for (const change of history) {
      latest.set(change.key, change)
      if (change.version <= copy.version) latestKnowable.set(change.key, change)
    }
    for (const entry of copy.entries()) {
      const said = history[entry.version - 1]
      if (said === undefined || said.key !== entry.key || !sameBytes(said.value, entry.value)) {
        this.broken.push(`${where}: ${entry.key} at ${entry.version} was never said`)
      }
      if (entry.version > copy.version) this.broken.push(`${where}: ${entry.key} is ahead of its copy`)
    }
    for (const [key, change] of latestKnowable) {
      // What was overwritten later may have been left out.
      if (latest.get(key) !== change) continue
      const entry = copy.get(key)
      const dropped = change.value === undefined && change.version <= copy.floor && entry === undefined
      if (entry?.version !== change.version && !dropped) {
        this.broken.push(`${where}: ${key} at ${change.version} is missing, there is ${entry?.version}`)
      }
    }
  }

  #checkMonotone(key: string, { life, version, floor }: OwnerState): void {
    const before = this.#seen.get(key)
    this.#seen.set(key, { life, version, floor })
    if (before === undefined) return
    if (life < before.life) this.broken.push(`${key}: from life ${before.life} back to ${life}`)
    if (life !== before.life) return
    if (version < before.version) this.broken.push(`${key}: from ${before.version} back to ${version}`)
    if (floor > before.floor && version > before.version) this.resets++
  }
}

/** All that a fingerprint is of, as text. */
export function contentsOf(node: StateNode): { members: string; contents: string } {
  const members: string[] = []
  const contents: string[] = []
  for (const { id, incarnation } of node.rows.values()) {
    if (!node.members.isPresent(id)) continue
    members.push(`${id}:${incarnation.epoch}.${incarnation.counter}`)
    const { life, version } = node.state.store.mark(id)
    if (version > 0) contents.push(`${id}:${life}.${version}`)
  }
  for (const key of node.shared.values.keys()) {
    const { stamp, by, life } = node.shared.values.record(key)!
    contents.push(`${key}=${stamp.wall}.${stamp.logical}.${by}.${life}`)
  }
  return { members: members.sort().join(), contents: contents.sort().join() }
}
