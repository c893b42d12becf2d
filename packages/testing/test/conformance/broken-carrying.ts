import type { Channel, FrameHandler } from '@colony/host'
import { MAX_FRAME_BYTES, type TransportFault } from './transport-fault.ts'

/** What goes wrong with nodes and with frames between them, by the name of the case that finds it. */
export const BROKEN_CARRYING: Readonly<Record<string, TransportFault>> = {
  'a node that is open, and has not sent anything yet, is reached': (inner) => {
    let hasSent = false
    return {
      send: (to, channel, frame) => {
        hasSent = true
        return inner.send(to, channel, frame)
      },
      receive: (channel, handler) =>
        inner.receive(channel, (from, frame) => void (hasSent && handler(from, frame))),
    }
  },
  'what was received before opening is received after it': (inner) => {
    const early: Disposable[] = []
    let isOpen = false
    return {
      receive: (channel, handler) => {
        const registration = inner.receive(channel, handler)
        if (!isOpen) early.push(registration)
        return registration
      },
      open: async (self) => {
        for (const registration of early) registration[Symbol.dispose]()
        await inner.open(self)
        isOpen = true
      },
    }
  },
  'opening that is impossible is rejected, with a code that says so': (inner) => ({
    open: async (self) => {
      await inner.open(self).catch((error: unknown) => {
        throw new Error('in use', { cause: error })
      })
    },
  }),
  'opening that was rejected may be tried again': (inner) => {
    let opening: Promise<void> | undefined
    return { open: (self) => (opening ??= inner.open(self)) }
  },
  'the capabilities do not change, and are those that the factory claims': (inner) => {
    let isOpen = false
    return {
      get capabilities() {
        return isOpen ? inner.capabilities : { ...inner.capabilities, maxFrameBytes: 1000 }
      },
      open: async (self) => {
        await inner.open(self)
        isOpen = true
      },
    }
  },
  'a closed transport delivers nothing more': (inner, { clock }) => {
    const handlers: FrameHandler[] = []
    return {
      receive: (channel, handler) => {
        handlers.push(handler)
        return inner.receive(channel, handler)
      },
      close: async () => {
        await inner.close()
        clock.after(5, () => handlers.forEach((handler) => handler('a', Uint8Array.of(1, 2, 3, 4))))
      },
    }
  },
  'what was accepted before close arrives': (inner, { clock }) => {
    let isClosed = false
    return {
      send: (to, channel, frame) => {
        if (isClosed || channel !== 'flushed') return inner.send(to, channel, frame)
        clock.after(0.5, () => void (isClosed || inner.send(to, channel, frame)))
        return true
      },
      close: async () => {
        isClosed = true
        await inner.close()
      },
    }
  },
  'closing again, or before opening, does nothing': (inner) => {
    let isClosed = false
    return {
      close: async () => {
        if (isClosed) throw new Error('closed already')
        isClosed = true
        await inner.close()
      },
    }
  },
  'a frame reaches the node that it is for, and no other': (inner) => ({
    send: (to, channel, frame) => {
      for (const other of ['a', 'b', 'c']) if (other !== to) inner.send(other, channel, frame)
      return inner.send(to, channel, frame)
    },
  }),
  'a node that comes back under its id is found again, and finds others': (inner, { opened }) => ({
    open: async (self) => {
      await inner.open(self)
      opened.push(self)
    },
    send: (to, channel, frame) => {
      const lives = opened.filter((id) => id === to).length
      return lives < 2 && inner.send(to, channel, frame)
    },
  }),
  'frames arrive as they were sent, whatever their size': (inner) => ({
    send: (to, channel, frame) => inner.send(to, channel, frame.length === 1023 ? altered(frame) : frame),
  }),
  'a frame that is a view into a larger array arrives without what is around it': (inner) => ({
    send: (to, channel, frame) => {
      const isView = frame.length < frame.buffer.byteLength
      return inner.send(to, channel, isView ? new Uint8Array(frame.buffer, 0, frame.length) : frame)
    },
  }),
  'channels are kept apart': (inner) => {
    const handlers = new Map<Channel, FrameHandler>()
    return {
      receive: (channel, handler) => {
        handlers.set(channel, handler)
        return inner.receive(channel, (from, frame) => {
          handler(from, frame)
          if (channel === 'group:0') handlers.get('group:ééééé1')?.(from, frame)
        })
      },
    }
  },
  'the receiver is told who sent a frame': (inner) => ({
    receive: (channel, handler) => inner.receive(channel, (_from, frame) => handler('a', frame)),
  }),
  'bytes that a receiver keeps stay as they are': (inner) => {
    const buffer = new Uint8Array(2 * MAX_FRAME_BYTES)
    return {
      receive: (channel, handler) => {
        return inner.receive(channel, (from, frame) => {
          // Only what is small enough not to be looked at later by other cases.
          if (frame.length < 100 || frame.length > 119) return handler(from, frame)
          buffer.set(frame)
          handler(from, buffer.subarray(0, frame.length))
        })
      },
    }
  },
  'frames of one channel arrive in the order of sending': (inner, { clock }) => ({
    receive: (channel, handler) => {
      return inner.receive(channel, (from, frame) => {
        if (frame.length === 1500) clock.after(0.01, () => handler(from, frame))
        else handler(from, frame)
      })
    },
  }),
  'no accepted frame is lost while the link stays up': (inner) => {
    let count = 0
    return {
      send: (to, channel, frame) =>
        (frame.length === 200 && (count += 1) % 100 === 0) || inner.send(to, channel, frame),
    }
  },
}

function altered(frame: Uint8Array): Uint8Array {
  const copy = frame.slice()
  copy[500] = (copy[500] ?? 0) ^ 0x10
  return copy
}
