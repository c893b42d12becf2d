import type { NodeId } from '@colony/host'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { OwnerState, StateEntry } from '../../../src/core/state/owner-state.ts'
import type { Facts, Watcher } from './facts.ts'

/** What an owner wrote in one life, by version. */
type Log = Map<number, StateEntry>

/**
 * The rule of Scuttlebutt (section 3): a copy is what is left of everything that its owner wrote up to some version, and nothing above it. So it may lack a key only where the owner has
 * written it again since, above that version, or where the key was deleted.
 */
export class CopyRules implements Watcher {
  readonly #facts: Facts
  readonly #logs = new Map<NodeId, Map<number, Log>>()
  /** How far each observer's copy of each owner went at its last step. */
  readonly #marks = new Map<NodeId, Map<NodeId, { life: number; version: number }>>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onBoot(node: NodeId): void {
    this.#marks.set(node, new Map())
  }

  onStep(node: NodeId, core: GossipCore): void {
    for (const owner of this.#facts.nodes) {
      const copy = core.copyOf(owner)
      const marks = this.#marks.get(node)
      const mark = marks?.get(owner)
      if (copy === undefined) {
        marks?.delete(owner)
        continue
      }
      if (mark !== undefined && mark.life === copy.life && mark.version === copy.version) continue
      marks?.set(owner, { life: copy.life, version: copy.version })
      if (owner === node) this.#write(node, copy)
      else this.#compare(node, owner, copy, mark)
    }
  }

  /** Notes what an owner has written since its last step: each version still stands, since none is older than the step. */
  #write(owner: NodeId, copy: OwnerState): void {
    let lives = this.#logs.get(owner)
    if (lives === undefined) this.#logs.set(owner, (lives = new Map<number, Log>()))
    let log = lives.get(copy.life)
    if (log === undefined) lives.set(copy.life, (log = new Map<number, StateEntry>()))
    for (const entry of copy.entries()) {
      const known = log.get(entry.version)
      if (known === undefined) log.set(entry.version, entry)
      else if (!isSame(known, entry))
        this.#facts.broken(
          'copies are what their owner wrote',
          `${owner} wrote version ${entry.version} twice, ${told(known)} and ${told(entry)}`,
        )
    }
  }

  #compare(
    node: NodeId,
    owner: NodeId,
    copy: OwnerState,
    mark: { readonly life: number; readonly version: number } | undefined,
  ): void {
    const where = `${node}'s copy of ${owner}, life ${copy.life}, version ${copy.version}`
    if (mark !== undefined) this.#compareMarks(where, copy, mark)
    const log = this.#logs.get(owner)?.get(copy.life)
    if (log === undefined) {
      if (copy.version > 0)
        this.#facts.broken('copies are what their owner wrote', `${where}: the owner wrote nothing`)
      return
    }
    for (const entry of copy.entries()) {
      const written = log.get(entry.version)
      if (entry.version > copy.version || written === undefined || !isSame(written, entry))
        this.#facts.broken(
          'copies are what their owner wrote',
          `${where}: ${told(entry)}, and the owner wrote ${written === undefined ? 'nothing' : told(written)}`,
        )
    }
    for (const newest of newestOf(log).values()) {
      if (newest.version > copy.version) continue
      const held = copy.get(newest.key)
      if (held?.version === newest.version || (held === undefined && newest.value === undefined)) continue
      const rule =
        newest.value === undefined ? 'deleted keys stay deleted' : 'copies are what their owner wrote'
      this.#facts.broken(
        rule,
        `${where} lacks ${told(newest)}${held === undefined ? '' : ` and has ${told(held)}`}`,
      )
    }
    this.#note(copy, mark)
  }

  #compareMarks(
    where: string,
    copy: OwnerState,
    mark: { readonly life: number; readonly version: number },
  ): void {
    const isOlder = copy.life < mark.life || (copy.life === mark.life && copy.version < mark.version)
    if (isOlder)
      this.#facts.broken(
        'copies never go back',
        `${where} was at ${mark.version} of life ${mark.life} before`,
      )
  }

  #note(copy: OwnerState, mark: { readonly life: number; readonly version: number } | undefined): void {
    if (mark === undefined) return
    if (mark.life < copy.life) return this.#facts.sometimes('a copy was replaced by that of a new life')
    if (copy.version > mark.version + 1) this.#facts.sometimes('a copy lacked several changes')
    for (const { value, version } of copy.after(mark.version))
      if (value === undefined && version > 1)
        this.#facts.sometimes('a key was deleted and its copies followed')
  }
}

function newestOf(log: Log): ReadonlyMap<string, StateEntry> {
  const newest = new Map<string, StateEntry>()
  for (const entry of log.values()) {
    const known = newest.get(entry.key)
    if (known === undefined || entry.version > known.version) newest.set(entry.key, entry)
  }
  return newest
}

function isSame(one: StateEntry, other: StateEntry): boolean {
  if (one.key !== other.key || one.value?.length !== other.value?.length) return false
  return one.value?.every((byte, index) => byte === other.value?.[index]) ?? true
}

function told({ key, value, version }: StateEntry): string {
  return `${key} = ${value === undefined ? 'nothing' : new TextDecoder().decode(value)} at ${version}`
}
