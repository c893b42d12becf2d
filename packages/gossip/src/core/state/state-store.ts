import type { NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { Member } from '../members/member.ts'
import { hashNumber, memberPlace } from '../sync/item-hash.ts'
import type { Fingerprint } from '../sync/fingerprint.ts'
import { entryBytes, OwnerState, type StateEntry, type StateMark } from './owner-state.ts'
import type { StateLimits } from './state-limits.ts'
import type { StateRun } from './state-run.ts'

/**
 * What became of a run.
 *
 * - `'taken'`: something of it was new;
 * - `'old'`: nothing was;
 * - `'gap'`: what comes before it is missing here, so it was not taken;
 * - `'refused'`: its owner is not known, or a limit is reached.
 */
export type MergeOutcome = 'taken' | 'old' | 'gap' | 'refused'

/** What is known of one member's state. */
interface Owner {
  /** What is told to whoever asks. */
  shown: OwnerState | undefined
  /** A new beginning under way, of a new life or from above the floor: shown in one piece as soon as it is complete, never mixed with what it replaces. */
  staged: OwnerState | undefined
  /** What of it is in the fingerprint: 0 for nothing. */
  hash: number
}

/** Nothing known. */
const NOTHING: StateMark = { life: 0, version: 0, floor: 0 }

/**
 * Copies of the state of all members, kept by Scuttlebutt's rule (van Renesse, Dumitriu, Gough, Thomas 2008, section 3): a copy is the owner's changes up to some version, less those that
 * were overwritten, and takes in nothing but what follows that version at once, or a new beginning. So two versions compared say all that one copy lacks of another.
 */
export class StateStore {
  readonly #context: CoreContext
  readonly #fingerprint: Fingerprint
  readonly #limits: StateLimits
  readonly #owners = new Map<NodeId, Owner>()
  #totalBytes = 0
  #tombstones = false

  constructor(context: CoreContext, fingerprint: Fingerprint, limits: StateLimits) {
    this.#context = context
    this.#fingerprint = fingerprint
    this.#limits = limits
  }

  /** Bytes of keys and values of all members. */
  get totalBytes(): number {
    return this.#totalBytes
  }

  /** Whether any copy may hold tombstones. */
  get hasTombstones(): boolean {
    return this.#tombstones
  }

  /** Members of whom some state is known. */
  owners(): Iterable<NodeId> {
    return this.#owners.keys()
  }

  /** The value of a key; `undefined` when there is none. */
  value(id: NodeId, key: string): Uint8Array | undefined {
    return this.#owners.get(id)?.shown?.get(key)?.value
  }

  /** The keys of a member with their values, in the order of their last changes. */
  *entries(id: NodeId): IterableIterator<[key: string, value: Uint8Array]> {
    for (const { key, value } of this.#owners.get(id)?.shown?.entries() ?? []) {
      if (value !== undefined) yield [key, value]
    }
  }

  /** The copy that is told to whoever asks. */
  shown(id: NodeId): OwnerState | undefined {
    return this.#owners.get(id)?.shown
  }

  /** The copy that is being kept up, from which others are told: the staged one while there is one. */
  copy(id: NodeId): OwnerState | undefined {
    const owner = this.#owners.get(id)
    return owner?.staged ?? owner?.shown
  }

  /** How far it goes. */
  mark(id: NodeId): StateMark {
    return this.copy(id) ?? NOTHING
  }

  /** Makes the copy of this node's own state, which only {@link StateStore.append} changes. */
  begin(life: number, floor: number, entries: Iterable<StateEntry>): OwnerState {
    const state = new OwnerState(life, floor)
    for (const entry of entries) state.put(entry)
    const owner = this.#owner(this.#context.self)
    this.#totalBytes += state.bytes - (owner.shown?.bytes ?? 0)
    owner.shown = state
    this.#rehash(this.#context.self, owner)
    return state
  }

  /** Gives this node's own state, in which there is nothing, a version all the same: so it can be told that there is nothing. */
  void(state: OwnerState): void {
    state.version = 1
    state.target = 1
    this.#rehash(this.#context.self, this.#owner(this.#context.self))
  }

  /** Puts this node's own next change. */
  append(state: OwnerState, entry: StateEntry): void {
    this.#put(state, entry)
    this.#rehash(this.#context.self, this.#owner(this.#context.self))
    this.#emit(this.#context.self, entry)
  }

  /** Takes in what is new of a run. Never about this node itself. */
  merge(run: StateRun): MergeOutcome {
    const outcome = this.#merge(run)
    if (outcome === 'refused') this.#context.drop('state-refused')
    return outcome
  }

  #merge(run: StateRun): MergeOutcome {
    if (run.target === 0 || run.id === this.#context.self) return 'refused'
    const member = this.#context.members.get(run.id)
    if (member === undefined) return 'refused'
    if (run.life < member.incarnation.epoch) return 'old'
    const known = this.copy(run.id)
    if (known !== undefined && run.life < known.life) return 'old'
    if (known !== undefined && run.life === known.life && run.floor <= Math.max(known.version, known.floor)) {
      if (run.upTo <= known.version) return 'old'
      return run.base <= known.version ? this.#extend(run.id, known, run) : 'gap'
    }
    // Another life, or one from which tombstones are gone that this copy never saw: only a beginning anew helps.
    return run.base === 0 ? this.#restart(run) : 'gap'
  }

  #restart(run: StateRun): MergeOutcome {
    if (!this.#owners.has(run.id) && this.#owners.size >= this.#limits.owners) return 'refused'
    const owner = this.#owner(run.id)
    const fresh = new OwnerState(run.life, run.floor, run.target)
    if (owner.staged !== undefined) this.#totalBytes -= owner.staged.bytes
    owner.staged = fresh
    if (owner.shown === undefined || owner.shown.life < run.life) {
      // What an earlier life said is void at once: there is nothing to keep until the new one is complete.
      this.#show(run.id, owner)
    }
    return this.#extend(run.id, fresh, run)
  }

  /** Appends what `state` lacks of a run that begins at or before its end. */
  #extend(id: NodeId, state: OwnerState, run: StateRun): MergeOutcome {
    const owner = this.#owner(id)
    const before = state.version
    let upTo = run.upTo
    for (const { key, value, version } of run.entries) {
      if (version <= before) continue
      if (value !== undefined && (this.lacksRoom(state, key, value) || !this.#fitsAll(value))) {
        // Skipping one change and taking the next would be a gap: the copy ends here, until there is room.
        upTo = version - 1
        this.#context.drop('state-limit')
        break
      }
      const entry: StateEntry = { key, value, version, at: this.#context.now }
      const changed = state === owner.shown && (value ?? state.get(key)?.value) !== undefined
      this.#put(state, entry)
      if (changed) this.#emit(id, entry)
    }
    state.version = Math.max(state.version, upTo)
    state.target = Math.max(state.target, run.target)
    if (state === owner.staged && state.complete) this.#show(id, owner)
    this.#rehash(id, owner)
    return state.version > before ? 'taken' : 'refused'
  }

  /** Puts the staged copy in the place of the shown one, and tells what differs. */
  #show(id: NodeId, owner: Owner): void {
    const { shown, staged } = owner
    if (staged === undefined) return
    owner.shown = staged
    owner.staged = undefined
    if (shown !== undefined) this.#totalBytes -= shown.bytes
    for (const { key, value, version } of shown?.entries() ?? []) {
      if (value === undefined || staged.get(key)?.value !== undefined) continue
      // At which version it was deleted is forgotten; in another life it was not, there only is none.
      const at = shown?.life === staged.life ? staged.version : version
      this.#emit(id, { key, value: undefined, version: at, at: 0 })
    }
    for (const entry of staged.entries()) {
      if (entry.value === undefined) continue
      if (shown?.life !== staged.life || shown.get(entry.key)?.version !== entry.version) {
        this.#emit(id, entry)
      }
    }
  }

  /** Which limit of one member's state a new value would break. */
  lacksRoom(
    state: OwnerState,
    key: string,
    value: Uint8Array,
  ): 'too-many-keys' | 'too-many-bytes' | undefined {
    const previous = state.get(key)
    const keys = state.keys + (previous?.value === undefined ? 1 : 0)
    if (keys > this.#limits.keys) return 'too-many-keys'
    const freed = previous === undefined ? 0 : entryBytes(key, previous.value)
    return state.bytes - freed + entryBytes(key, value) > this.#limits.bytes ? 'too-many-bytes' : undefined
  }

  #fitsAll(value: Uint8Array): boolean {
    return this.#totalBytes + value.length <= this.#limits.totalBytes
  }

  #put(state: OwnerState, entry: StateEntry): void {
    const before = state.bytes
    state.put(entry)
    if (entry.value === undefined) {
      this.#tombstones = true
      state.dropTombstones(Number.NEGATIVE_INFINITY, this.#limits.keys)
    }
    this.#totalBytes += state.bytes - before
  }

  /** The table of members has changed: states come and go with their owners, and those of earlier lives are void. */
  memberChanged(id: NodeId, after: Member | undefined): void {
    const owner = this.#owners.get(id)
    if (owner === undefined) return
    if (id !== this.#context.self) {
      const epoch = after?.incarnation.epoch ?? Number.POSITIVE_INFINITY
      if (owner.staged !== undefined && owner.staged.life < epoch) this.#forgetStaged(owner)
      if (owner.shown !== undefined && owner.shown.life < epoch) this.#forgetShown(id, owner)
    }
    this.#rehash(id, owner)
    if (owner.shown === undefined && owner.staged === undefined) this.#owners.delete(id)
  }

  #forgetStaged(owner: Owner): void {
    this.#totalBytes -= owner.staged?.bytes ?? 0
    owner.staged = undefined
  }

  #forgetShown(id: NodeId, owner: Owner): void {
    const { shown } = owner
    owner.shown = undefined
    this.#totalBytes -= shown?.bytes ?? 0
    for (const { key, value, version } of shown?.entries() ?? []) {
      if (value !== undefined) this.#emit(id, { key, value: undefined, version, at: 0 })
    }
  }

  /** Drops tombstones that were learned before `learnedBefore`. */
  dropTombstones(learnedBefore: number): void {
    this.#tombstones = false
    for (const { shown, staged } of this.#owners.values()) {
      for (const state of [shown, staged]) {
        if (state === undefined) continue
        const before = state.bytes
        state.dropTombstones(learnedBefore, this.#limits.keys)
        this.#totalBytes += state.bytes - before
        if (state.tombstones > 0) this.#tombstones = true
      }
    }
  }

  #owner(id: NodeId): Owner {
    let owner = this.#owners.get(id)
    if (owner === undefined) {
      owner = { shown: undefined, staged: undefined, hash: 0 }
      this.#owners.set(id, owner)
    }
    return owner
  }

  /** Keeps in the fingerprint how far the copy of a present member goes. */
  #rehash(id: NodeId, owner: Owner): void {
    const copy = owner.staged ?? owner.shown
    const place = memberPlace(id)
    const counts = copy !== undefined && copy.version > 0 && this.#context.members.isPresent(id)
    const hash = counts ? hashNumber(hashNumber(place, copy.life), copy.version) : 0
    if (hash === owner.hash) return
    this.#fingerprint.toggle('contents', place, hash ^ owner.hash)
    owner.hash = hash
  }

  #emit(id: NodeId, { key, value, version }: StateEntry): void {
    this.#context.emit({ type: 'state', id, key, value, version })
  }
}
