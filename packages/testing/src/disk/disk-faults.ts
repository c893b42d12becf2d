import type { Random } from '@colony/host'
import type { DiskOperation } from './disk-options.ts'
import type { DiskChange, DiskSettings } from './disk-settings.ts'
import { changedDisk, SOUND_DISK, validateDiskChange } from './disk-settings.ts'
import type { Inode } from './inode.ts'
import { SECTOR_BYTES } from './inode.ts'
import { systemError } from './system-error.ts'

/** What a disk does wrong by chance. Each kind draws from a stream of its own, and only while it is on. */
export class DiskFaults {
  #settings: DiskSettings = SOUND_DISK
  readonly #failures: Random
  readonly #reads: Random
  readonly #rot: Random
  readonly #astray: Random
  readonly #short: Random
  readonly #used: () => number
  /** What the files may hold together. */
  #capacity = Number.POSITIVE_INFINITY

  /** `used` says how many bytes the files hold together. */
  constructor(random: Random, used: () => number) {
    this.#failures = random.fork('failures')
    this.#reads = random.fork('read corruption')
    this.#rot = random.fork('rot')
    this.#astray = random.fork('misdirection')
    this.#short = random.fork('short reads')
    this.#used = used
  }

  /** What applies just now. */
  get settings(): DiskSettings {
    return this.#settings
  }

  /** Changes what applies. */
  configure(change: DiskChange): void {
    this.#settings = changedDisk(this.#settings, validateDiskChange(change))
    const { freeBytes } = this.#settings
    if (freeBytes === SOUND_DISK.freeBytes) this.#capacity = Number.POSITIVE_INFINITY
    else if (change.freeBytes !== undefined) this.#capacity = this.#used() + freeBytes
  }

  /** The error that an operation of this kind fails with by chance, if it does. */
  failureOf(kind: DiskOperation): Error | undefined {
    const { writeFailure, syncFailure } = this.#settings
    const writes = kind === 'write' || kind === 'writeDurable'
    const chance = writes ? writeFailure : kind === 'sync' || kind === 'syncDirectory' ? syncFailure : 0
    return chance > 0 && this.#failures.float() < chance ? systemError('EIO', 'i/o error') : undefined
  }

  /** Bytes that a file may be long. */
  longest(inode: Inode): number {
    return this.#capacity === Number.POSITIVE_INFINITY
      ? this.#capacity
      : inode.size + Math.max(0, this.#capacity - this.#used())
  }

  /** What a read gives back. */
  read(inode: Inode, position: number, length: number): Uint8Array {
    const { rot, readCorruption, shortRead } = this.#settings
    const there = Math.min(length, inode.size - position)
    if (there <= 0) return inode.read(position, length)
    if (rot > 0 && this.#rot.float() < rot) {
      inode.flip(position + this.#rot.integer(0, there - 1), oneBit(this.#rot))
    }
    const bytes = inode.read(position, length)
    if (readCorruption > 0 && this.#reads.float() < readCorruption) {
      const place = this.#reads.integer(0, there - 1)
      bytes[place] = (bytes[place] ?? 0) ^ oneBit(this.#reads)
    }
    if (there > 1 && shortRead > 0 && this.#short.float() < shortRead)
      return bytes.slice(0, this.#short.integer(1, there - 1))
    return bytes
  }

  /** How many bytes away from its place a write to a file lands: 0 for nearly all. */
  misdirect(inode: Inode, position: number): number {
    const { misdirection } = this.#settings
    if (misdirection === 0 || this.#astray.float() >= misdirection) return 0
    const sectors = Math.floor(inode.size / SECTOR_BYTES)
    if (sectors < 2) return 0
    const own = Math.floor(position / SECTOR_BYTES)
    const other = this.#astray.integer(0, sectors - 1)
    return (other - own) * SECTOR_BYTES
  }
}

function oneBit(random: Random): number {
  return 1 << random.integer(0, 7)
}
