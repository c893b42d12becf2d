import type { MakeDiskFault } from './disk-fault.ts'

/** As much as a lazy system takes at once. */
const AT_ONCE = 65_536

/** What open files do wrong, by the name of the case that finds it. */
export const BROKEN_FILES: Readonly<Record<string, MakeDiskFault>> = {
  'bytes are written where they are told to be, over what is there and past the end': () => ({
    file: (inner) => ({
      write: (position, bytes) => inner.write(bytes.length === 2 ? position + 1 : position, bytes),
    }),
  }),
  'a large write is written whole': () => ({
    file: (inner) => ({ write: (position, bytes) => inner.write(position, bytes.subarray(0, AT_ONCE)) }),
  }),
  'the bytes of a write may be used again once it resolved': () => ({
    file: (inner) => {
      // Looks at the bytes when the next operation comes.
      let owed: (() => Promise<void>)[] = []
      let isClosed = false
      const first = async <Value>(act: () => Promise<Value>): Promise<Value> => {
        const due = owed
        owed = []
        for (const write of due) await write()
        return await act()
      }
      return {
        size: () => first(() => inner.size()),
        read: (position, length) => first(() => inner.read(position, length)),
        sync: () => first(() => inner.sync()),
        truncate: (size) => first(() => inner.truncate(size)),
        writeDurable: (position, bytes) => first(() => inner.writeDurable(position, bytes)),
        write: async (position, bytes) => {
          if (isClosed) await inner.write(position, bytes)
          else owed.push(() => inner.write(position, bytes))
        },
        close: async () => {
          isClosed = true
          await first(() => inner.close())
        },
      }
    },
  }),
  'a durable write is written as any other': () => ({
    file: (inner) => ({
      writeDurable: (position, bytes) => inner.writeDurable(position, bytes.subarray(0, AT_ONCE)),
    }),
  }),
  'reading gives what is there, and no more at the end': () => ({
    file: (inner) => ({
      read: async (position, length) => {
        if (position > (await inner.size())) throw new Error('read after the end')
        return await inner.read(position, length)
      },
    }),
  }),
  "bytes that were read are the reader's own": () => ({
    file: (inner) => {
      const cache = new Map<string, Uint8Array>()
      return {
        read: async (position, length) => {
          const key = `${position} ${length}`
          const bytes = cache.get(key) ?? (await inner.read(position, length))
          cache.set(key, bytes)
          return bytes
        },
        write: async (position, bytes) => {
          cache.clear()
          await inner.write(position, bytes)
        },
      }
    },
  }),
  'the size is that of the content': () => ({
    file: (inner) => {
      let end: number | undefined
      return {
        size: async () => end ?? (await inner.size()),
        write: async (position, bytes) => {
          end = position + bytes.length
          await inner.write(position, bytes)
        },
      }
    },
  }),
  'a file is cut': () => ({
    file: (inner) => {
      // Cut when something else makes it necessary.
      let owed: number | undefined
      const cut = async (): Promise<void> => {
        if (owed !== undefined) await inner.truncate(owed)
        owed = undefined
      }
      return {
        truncate: async (size) => {
          await cut()
          if (size < (await inner.size())) owed = size
          else await inner.truncate(size)
        },
        sync: async () => {
          await cut()
          await inner.sync()
        },
      }
    },
  }),
  'a file is extended with zeros, also where something was before': () => ({
    file: (inner) => {
      let before = new Uint8Array(0)
      return {
        truncate: async (size) => {
          const content = await inner.read(0, await inner.size())
          await inner.truncate(size)
          if (size > content.length) await inner.write(content.length, before.subarray(content.length, size))
          before = content.slice()
        },
      }
    },
  }),
  'operations of one file may be in flight together': () => ({
    file: (inner) => {
      let inFlight = 0
      return {
        write: async (position, bytes) => {
          inFlight += 1
          if (inFlight < 5) await inner.write(position, bytes)
          inFlight -= 1
        },
      }
    },
  }),
  'closing waits for what is under way, and is final': () => ({
    file: (inner) => {
      let isClosed = false
      return {
        write: async (position, bytes) => {
          if (!isClosed) await inner.write(position, bytes)
        },
        close: async () => {
          isClosed = true
          await inner.close()
        },
      }
    },
  }),
  'closing a file again does nothing': () => ({
    file: (inner) => {
      let isClosed = false
      return {
        close: async () => {
          if (isClosed) throw new Error('closed already')
          isClosed = true
          await inner.close()
        },
      }
    },
  }),
  'what was synced survives a crash': () => {
    const synced = new Set<string>()
    return {
      file: (inner, path) => {
        let hasWritten = false
        return {
          write: async (position, bytes) => {
            hasWritten = true
            await inner.write(position, bytes)
          },
          // Once is enough, it thinks.
          sync: async () => {
            if (!synced.has(path) || !hasWritten) await inner.sync()
            synced.add(path)
          },
        }
      },
    }
  },
  'a durable write survives a crash without a sync': () => ({
    file: (inner) => ({ writeDurable: (position, bytes) => inner.write(position, bytes) }),
  }),
  'a cut that was synced survives a crash': () => ({
    file: (inner) => {
      let hasCut = false
      return {
        truncate: async (size) => {
          hasCut = true
          await inner.truncate(size)
        },
        sync: async () => {
          if (!hasCut) await inner.sync()
        },
      }
    },
  }),
}
