import type { Random } from '@colony/host'
import type { CrashMood, Inode } from './inode.ts'

/** One change of names that happens as a whole: a creation, a removal, or both at once in a rename. */
type Edit = readonly (readonly [name: string, inode: Inode | undefined])[]

/** The names of files in one directory: as programs see them, and as the disk has them. */
export class Directory {
  readonly #cached = new Map<string, Inode>()
  readonly #durable = new Map<string, Inode>()
  // In the order in which they were made.
  #pending: { readonly id: number; readonly edit: Edit }[] = []
  #lastId = 0

  /** Number of changes that a power failure may undo. */
  get pendingChanges(): number {
    return this.#pending.length
  }

  /** Marks this moment for {@link Directory.syncUpTo}. */
  get mark(): number {
    return this.#lastId
  }

  /** Names as programs see them. */
  names(): string[] {
    return [...this.#cached.keys()]
  }

  /** Files as programs see them, and those that only the disk still has a name for. */
  inodes(): Set<Inode> {
    return new Set([...this.#cached.values(), ...this.#durable.values()])
  }

  /** The file of a name. */
  get(name: string): Inode | undefined {
    return this.#cached.get(name)
  }

  /** Changes names, in the cache. */
  edit(edit: Edit): void {
    apply(this.#cached, edit)
    this.#pending.push({ id: ++this.#lastId, edit })
  }

  /** Makes every change up to a {@link Directory.mark} durable. */
  syncUpTo(mark: number): void {
    for (const { id, edit } of this.#pending) if (id <= mark) apply(this.#durable, edit)
    this.#pending = this.#pending.filter(({ id }) => id > mark)
  }

  /** Power failure: of the changes that were not synced the first few are there, however many that are. */
  crash(random: Random, mood: CrashMood): void {
    const count = this.#pending.length
    const kept = mood === 'kept' ? count : mood === 'lost' ? 0 : random.integer(0, count)
    for (const { edit } of this.#pending.slice(0, kept)) apply(this.#durable, edit)
    this.#pending = []
    this.#cached.clear()
    for (const [name, inode] of this.#durable) this.#cached.set(name, inode)
  }
}

function apply(names: Map<string, Inode>, edit: Edit): void {
  for (const [name, inode] of edit) {
    if (inode === undefined) names.delete(name)
    else names.set(name, inode)
  }
}
