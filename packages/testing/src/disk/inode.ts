import type { Random } from '@colony/host'
import { Content } from './content.ts'

/** What a page cache writes back at once. */
export const PAGE_BYTES = 4096

/** What a drive writes whole or not at all. */
export const SECTOR_BYTES = 512

/** Part of one page, written to the cache and not yet known to be on the disk. */
interface PageWrite {
  readonly id: number
  readonly kind: 'page'
  readonly position: number
  readonly bytes: Uint8Array
  /** Where the drive puts it: elsewhere for a misdirected write. */
  readonly landsAt: number
}

/** A new size of the file, likewise. */
interface SizeChange {
  readonly id: number
  readonly kind: 'size'
  readonly size: number
  /** An extending write only ever lengthens, whatever happened to the changes before it. */
  readonly onlyGrows: boolean
}

/**
 * How a power failure treats writes that were not synced. `kept` and `lost` treat all alike, so that these two extremes are
 * never rare; `mixed` decides for each page alone.
 */
export type CrashMood = 'kept' | 'lost' | 'mixed'

/** A file without a name: what programs see of it, what the disk has of it, and the changes between the two. */
export class Inode {
  readonly #cached = new Content()
  readonly #durable = new Content()
  // In the order in which they were made; ids only grow.
  #pending: (PageWrite | SizeChange)[] = []
  #lastId = 0

  /** Length as programs see it. */
  get size(): number {
    return this.#cached.size
  }

  /** Number of changes that a power failure may undo. */
  get pendingChanges(): number {
    return this.#pending.length
  }

  /** Marks this moment for {@link Inode.syncUpTo}. */
  get mark(): number {
    return this.#lastId
  }

  /** Bytes as programs see them. */
  read(position: number, length: number): Uint8Array {
    return this.#cached.read(position, length)
  }

  /** Writes to the cache; `bytes` must not change any more. The drive will put them `astray` bytes away from where they belong. */
  write(position: number, bytes: Uint8Array, astray = 0): void {
    const end = position + bytes.byteLength
    if (end > this.#cached.size) {
      this.#cached.resize(end)
      this.#pending.push({ id: ++this.#lastId, kind: 'size', size: end, onlyGrows: true })
    }
    this.#cached.overwrite(position, bytes)
    for (const [at, piece] of pieces(position, bytes, PAGE_BYTES)) {
      this.#pending.push({
        id: ++this.#lastId,
        kind: 'page',
        position: at,
        bytes: piece,
        landsAt: at + astray,
      })
    }
  }

  /** Writes to cache and disk. Nothing else becomes durable, except changes of the size, which file systems keep in order. */
  writeDurable(position: number, bytes: Uint8Array, astray = 0): void {
    const mark = this.#lastId
    this.write(position, bytes, astray)
    this.#promote((change) => change.kind === 'size' || change.id > mark)
    // Older writes of the same bytes may reach the disk later, but as the cache has them by now.
    for (const change of this.#pending) {
      if (change.kind === 'page')
        change.bytes.set(this.#cached.read(change.position, change.bytes.byteLength))
    }
  }

  /** Cuts or extends, in the cache. */
  truncate(size: number): void {
    this.#cached.resize(size)
    this.#pending.push({ id: ++this.#lastId, kind: 'size', size, onlyGrows: false })
  }

  /** Makes every change up to a {@link Inode.mark} durable. */
  syncUpTo(mark: number): void {
    this.#promote((change) => change.id <= mark)
  }

  /**
   * A failed sync: some of the changes reached the disk and some never will, yet programs go on seeing them all, and a later sync succeeds
   * (what Linux did to PostgreSQL in 2018, "fsyncgate").
   */
  failSync(mark: number, random: Random): void {
    const later = this.#pending.filter((change) => change.id > mark)
    this.#pending = this.#pending.filter((change) => change.id <= mark)
    this.#settle(random, 'mixed')
    this.#pending = later
  }

  /** Power failure: each change that was not synced is there, or is not, or its page is torn; then programs see what is left. */
  crash(random: Random, mood: CrashMood): void {
    this.#settle(random, mood)
    this.#cached.resize(0)
    this.#cached.resize(this.#durable.size)
    this.#cached.overwrite(0, this.#durable.read(0, this.#durable.size))
  }

  /** Flips bits of one byte, wherever it is; `false` when there is no such byte. */
  flip(position: number, mask: number): boolean {
    this.#durable.flip(position, mask)
    return this.#cached.flip(position, mask)
  }

  #settle(random: Random, mood: CrashMood): void {
    const sizes = this.#pending.filter((change) => change.kind === 'size').length
    let keptSizes = mood === 'kept' ? sizes : mood === 'lost' ? 0 : random.integer(0, sizes)
    for (const change of this.#pending) {
      if (change.kind === 'page') this.#settlePage(change, random, mood)
      else if (keptSizes-- > 0) this.#apply(change)
    }
    this.#pending = []
  }

  #settlePage(change: PageWrite, random: Random, mood: CrashMood): void {
    const fate = mood === 'mixed' ? random.integer(0, 2) : mood === 'kept' ? 0 : 1
    if (fate === 0) this.#apply(change)
    if (fate !== 2) return
    for (const [at, piece] of pieces(change.landsAt, change.bytes, SECTOR_BYTES)) {
      if (random.integer(0, 1) === 1) this.#durable.overwrite(at, piece)
    }
  }

  #promote(isDue: (change: PageWrite | SizeChange) => boolean): void {
    for (const change of this.#pending) if (isDue(change)) this.#apply(change)
    this.#pending = this.#pending.filter((change) => !isDue(change))
  }

  #apply(change: PageWrite | SizeChange): void {
    if (change.kind === 'page') this.#durable.overwrite(change.landsAt, change.bytes)
    else if (!change.onlyGrows || change.size > this.#durable.size) this.#durable.resize(change.size)
  }
}

/** Cuts a write where the file's pages or sectors begin. */
export function* pieces(
  position: number,
  bytes: Uint8Array,
  unit: number,
): Generator<[number, Uint8Array], void, undefined> {
  for (let done = 0; done < bytes.byteLength;) {
    const length = Math.min(unit - ((position + done) % unit), bytes.byteLength - done)
    yield [position + done, bytes.subarray(done, done + length)]
    done += length
  }
}
