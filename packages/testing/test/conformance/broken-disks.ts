import type { Disk, DiskFile } from '@colony/host'
import type { DiskFactory } from '../../src/conformance/index.ts'
import { BROKEN_FILES } from './broken-files.ts'
import { BROKEN_NAMES } from './broken-names.ts'
import type { DiskFault, MakeDiskFault } from './disk-fault.ts'
import { simulatedDisks } from './disk-factories.ts'

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_DISKS: Readonly<Record<string, MakeDiskFault>> = { ...BROKEN_FILES, ...BROKEN_NAMES }

/** Every disk has the fault. */
export function brokenDisks(makeFault: MakeDiskFault): DiskFactory {
  const factory = simulatedDisks()
  return {
    ...factory,
    place: async () => {
      const place = await factory.place()
      const sound = place.disk
      let wasCrashed = false
      const fault = makeFault(sound, () => wasCrashed)
      const crash = async (): Promise<void> => {
        await place.crash?.()
        wasCrashed = true
      }
      return { ...place, disk: replaced(sound, fault), crash }
    },
  }
}

function replaced(sound: Disk, { disk = {}, file }: DiskFault): Disk {
  const open = disk.open ?? (async (path, options) => await sound.open(path, options))
  return {
    list: disk.list ?? (async (directory) => await sound.list(directory)),
    makeDirectory: disk.makeDirectory ?? (async (directory) => await sound.makeDirectory(directory)),
    rename: disk.rename ?? (async (from, to) => await sound.rename(from, to)),
    remove: disk.remove ?? (async (path) => await sound.remove(path)),
    syncDirectory: disk.syncDirectory ?? (async (directory) => await sound.syncDirectory(directory)),
    open: async (path, options) => {
      const inner = await open(path, options)
      return file === undefined ? inner : replacedFile(inner, file(inner, path))
    },
  }
}

function replacedFile(inner: DiskFile, methods: Partial<DiskFile>): DiskFile {
  return {
    size: methods.size ?? (async () => await inner.size()),
    read: methods.read ?? (async (position, length) => await inner.read(position, length)),
    write: methods.write ?? (async (position, bytes) => await inner.write(position, bytes)),
    writeDurable:
      methods.writeDurable ?? (async (position, bytes) => await inner.writeDurable(position, bytes)),
    sync: methods.sync ?? (async () => await inner.sync()),
    truncate: methods.truncate ?? (async (size) => await inner.truncate(size)),
    close: methods.close ?? (async () => await inner.close()),
  }
}
