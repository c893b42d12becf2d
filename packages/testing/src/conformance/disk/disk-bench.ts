import type { Disk, DiskFile } from '@colony/host'
import { TestingError } from '../../errors.ts'
import type { CaseSpec } from '../conformance-case.ts'
import { expectEqual } from '../expectations.ts'
import type { DiskAbility, DiskPlace } from './disk-factory.ts'

/** A case of the suite. */
export type DiskCase = CaseSpec<DiskBench, DiskAbility>

const LETTERS_FROM = 0x61

/** One place on a disk, and the few things that nearly every case does with it. */
export class DiskBench {
  readonly disk: Disk
  /** Where the case works. */
  readonly directory: string
  readonly #place: DiskPlace

  constructor(place: DiskPlace) {
    this.disk = place.disk
    this.directory = place.directory
    this.#place = place
  }

  /** The path of a name in the directory of the case. */
  path(name: string): string {
    return `${this.directory}/${name}`
  }

  /** Opens a file of that directory, which is made if it is missing. */
  async file(name: string): Promise<DiskFile> {
    return await this.disk.open(this.path(name), { create: true })
  }

  /** Makes a file with this content, not durably. */
  async write(name: string, content: string): Promise<void> {
    const file = await this.file(name)
    await file.write(0, bytes(content))
    await file.close()
  }

  /** Makes a file with this content, durably, name and all. */
  async save(name: string, content: string): Promise<void> {
    const file = await this.file(name)
    await file.write(0, bytes(content))
    await file.sync()
    await file.close()
    await this.disk.syncDirectory(this.directory)
  }

  /** Throws unless a file that exists has this content. */
  async expectContent(name: string, content: string): Promise<void> {
    const file = await this.disk.open(this.path(name))
    expectEqual(text(await file.read(0, content.length + 100)), content, `the content of '${name}'`)
    await file.close()
  }

  /** Cuts the power. */
  async crash(): Promise<void> {
    if (this.#place.crash === undefined)
      throw new TestingError('TESTING_INVALID_OPTION', "the ability 'crash' needs a place with crash()")
    await this.#place.crash()
  }
}

/** Text as bytes, one each: plain letters only. */
export function bytes(content: string): Uint8Array {
  return Uint8Array.from(content, (letter) => letter.charCodeAt(0))
}

/** Bytes as text, one character each. */
export function text(read: Uint8Array): string {
  return Array.from(read, (byte) => String.fromCharCode(byte)).join('')
}

/** So many bytes, of which neighbours differ. */
export function manyBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => LETTERS_FROM + (at % 23))
}
