import { diskError, type MakeDiskFault } from './disk-fault.ts'

/** What goes wrong with names, by the name of the case that finds it. */
export const BROKEN_NAMES: Readonly<Record<string, MakeDiskFault>> = {
  'a file is made, and kept when it is there already': (sound) => {
    const synced = new Set<string>()
    return {
      disk: {
        open: async (path, options) => {
          const file = await sound.open(path, options)
          if (options?.create === true && !synced.has(path)) await file.truncate(0)
          return file
        },
      },
      file: (inner, path) => ({
        sync: async () => {
          synced.add(path)
          await inner.sync()
        },
      }),
    }
  },
  'without create a missing file is not made': (sound) => ({
    disk: {
      open: async (path, options) => {
        try {
          return await sound.open(path, options)
        } catch (error) {
          await sound.open(path, { create: true })
          throw error
        }
      },
    },
  }),
  'an open file can be both read and written': (sound) => {
    const readOnly = new Set<string>()
    return {
      disk: {
        open: async (path, options) => {
          if (options?.create === true) readOnly.delete(path)
          else readOnly.add(path)
          return await sound.open(path, options)
        },
      },
      file: (inner, path) => ({
        write: async (position, bytes) => {
          if (readOnly.has(path)) throw diskError('EBADF')
          await inner.write(position, bytes)
        },
      }),
    }
  },
  'names are listed in order, files and directories alike': (sound) => ({
    disk: {
      list: async (directory) => {
        const names = await sound.list(directory)
        return [...names].sort((left, right) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1))
      },
    },
  }),
  'a directory that is not there is empty': (sound) => ({
    disk: {
      list: async (directory) => {
        if (directory.endsWith('/nowhere')) throw diskError('ENOENT')
        return await sound.list(directory)
      },
    },
  }),
  'a file is renamed over another': (sound) => ({
    disk: {
      rename: async (from, to) => {
        const target = await sound.open(to).catch(() => undefined)
        const before = (await target?.read(0, 100)) ?? new Uint8Array(0)
        await sound.rename(from, to)
        const file = await sound.open(to)
        const size = await file.size()
        // What was longer before sticks out.
        if (size < before.length) await file.write(size, before.subarray(size))
      },
    },
  }),
  'a file stays usable by those who had it open when its name changed': (sound) => {
    const moved = new Set<string>()
    return {
      disk: {
        rename: async (from, to) => {
          moved.add(from)
          await sound.rename(from, to)
        },
      },
      file: (inner, path) => ({
        writeDurable: async (position, bytes) => {
          if (moved.has(path)) throw diskError('ENOENT')
          await inner.writeDurable(position, bytes)
        },
      }),
    }
  },
  'a file is removed': (sound) => {
    let syncs = 0
    return {
      disk: {
        // Only what is on the disk.
        remove: async (path) => {
          if (syncs > 0 || path.endsWith('there')) await sound.remove(path)
        },
        syncDirectory: async (directory) => {
          syncs += 1
          await sound.syncDirectory(directory)
        },
      },
    }
  },
  'removing what is not there is no failure': (sound) => ({
    disk: {
      remove: async (path) => {
        await (await sound.open(path)).close()
        await sound.remove(path)
      },
    },
  }),
  'a directory is made with its parents, and making it again does nothing': (sound) => {
    const made = new Set<string>()
    return {
      disk: {
        makeDirectory: async (directory) => {
          if (made.has(directory)) throw diskError('EEXIST')
          made.add(directory)
          await sound.makeDirectory(directory)
        },
      },
    }
  },
  'a path leads through directories, with a slash between them': (sound) => ({
    disk: {
      open: async (path, options) => await sound.open(path.replace('/x/y/', '/x/y\\'), options),
    },
  }),
  'what is missing is told by an error with the code of the system': (sound) => ({
    disk: {
      rename: async (from, to) => {
        await sound.rename(from, to).catch(() => {
          throw new Error('no such file')
        })
      },
    },
  }),
  'a name that was made and synced survives a crash': (sound) => {
    let open = 0
    return {
      disk: {
        open: async (path, options) => {
          open += 1
          return await sound.open(path, options)
        },
        // Passes over the names of files that somebody has open.
        syncDirectory: async (directory) => {
          if (open === 0 || directory.endsWith('/x')) await sound.syncDirectory(directory)
        },
      },
      file: (inner) => ({
        close: async () => {
          open -= 1
          await inner.close()
        },
      }),
    }
  },
  'a rename and a removal that were synced survive a crash': (sound) => {
    let hasRemoved = false
    return {
      disk: {
        remove: async (path) => {
          hasRemoved = true
          await sound.remove(path)
        },
        syncDirectory: async (directory) => {
          if (!hasRemoved) await sound.syncDirectory(directory)
        },
      },
    }
  },
  'a rename that was not synced leaves the old file or the new one': (sound) => {
    const owed: (() => Promise<void>)[] = []
    return {
      disk: {
        // By copying, when there is something to replace.
        rename: async (from, to) => {
          const target = await sound.open(to).catch(() => undefined)
          if (target === undefined) {
            await sound.rename(from, to)
            return
          }
          const source = await sound.open(from)
          await target.truncate(0)
          await target.sync()
          await target.write(0, await source.read(0, await source.size()))
          owed.push(() => target.sync())
          await sound.remove(from)
        },
        syncDirectory: async (directory) => {
          for (const sync of owed) await sync()
          await sound.syncDirectory(directory)
        },
      },
    }
  },
  'a directory that was made survives a crash': (sound, wasCrashed) => ({
    disk: {
      list: async (directory) =>
        wasCrashed() && directory.endsWith('/x') ? [] : await sound.list(directory),
    },
  }),
}
