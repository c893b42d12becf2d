import type { Channel, NodeId } from '@colony/host'
import { ColonyError } from '@colony/host'
import { MAX_FRAME_BYTES, type TransportFault } from './transport-fault.ts'

/** What `send` and `receive` do wrong, by the name of the case that finds it. */
export const BROKEN_CALLS: Readonly<Record<string, TransportFault>> = {
  'a frame of maxFrameBytes is accepted, and arrives whole': (inner) => ({
    send: (to, channel, frame) => frame.length < MAX_FRAME_BYTES && inner.send(to, channel, frame),
  }),
  'a frame above maxFrameBytes is refused, and does no harm': (inner) => ({
    send: (to, channel, frame) => frame.length > MAX_FRAME_BYTES || inner.send(to, channel, frame),
  }),
  'one array may be sent to many nodes': (inner) => ({
    send: (to, channel, frame) => {
      const accepted = inner.send(to, channel, frame.slice())
      if (accepted) frame.fill(0)
      return accepted
    },
  }),
  'a frame to oneself is refused': (inner, { id }) => ({
    send: (to, channel, frame) => (to === id && channel === 'self') || inner.send(to, channel, frame),
  }),
  'a frame to a node that nobody knows is refused': (inner) => ({
    send: (to, channel, frame) => to === 'stranger' || inner.send(to, channel, frame),
  }),
  'frames to a node that is gone are refused, sooner or later': (inner) => {
    let isOpen = false
    const known = new Set<NodeId>()
    return {
      open: async (self) => {
        await inner.open(self)
        isOpen = true
      },
      send: (to, channel, frame) => {
        const accepted = inner.send(to, channel, frame)
        if (accepted) known.add(to)
        return accepted || (isOpen && known.has(to) && frame.length === 16)
      },
      close: async () => {
        isOpen = false
        await inner.close()
      },
    }
  },
  'frames are refused when too many wait, and accepted again later': (inner) => ({
    send: (to, channel, frame) => {
      return inner.send(to, channel, frame) || (channel === 'flood' && frame.length <= MAX_FRAME_BYTES)
    },
  }),
  'a closed transport refuses every frame': (inner) => {
    let closings = 0
    return {
      send: (to, channel, frame) => inner.send(to, channel, frame) || (closings === 1 && to === 'b'),
      close: async () => {
        closings += 1
        await inner.close()
      },
    }
  },
  'send does not throw, whatever it is given and whenever': (inner) => ({
    send: (to, channel, frame) => {
      if (to === '' || channel.length > 255) throw new Error('impossible')
      return inner.send(to, channel, frame)
    },
  }),
  'a node knows where others reach it, once it is open': (inner, { id }) => ({
    get localAddress() {
      return inner.localAddress ?? id
    },
  }),
  'a frame to an address reaches whoever listens there': (inner) => ({
    contact: (address, _channel, frame) => inner.contact?.(address, 'lost', frame) ?? false,
  }),
  'a frame to an impossible address, or to one where nobody is, does no harm': (inner) => ({
    contact: (address, channel, frame) => {
      if (channel.length > 255) throw new Error('impossible')
      return inner.contact?.(address, channel, frame) ?? false
    },
  }),
  'frames that nobody receives are dropped, not kept for later': (inner) => {
    const kept: [NodeId, Uint8Array][] = []
    return {
      open: async (self) => {
        await inner.open(self)
        inner.receive('late', (from, frame) => kept.push([from, frame]))
      },
      receive: (channel, handler) => {
        if (channel !== 'late') return inner.receive(channel, handler)
        for (const [from, frame] of kept.splice(0)) handler(from, frame)
        return inner.receive('late ', handler)
      },
      send: (to, channel, frame) => {
        if (channel === 'late') inner.send(to, 'late ', frame)
        return inner.send(to, channel, frame)
      },
    }
  },
  'a handler that was disposed of gets nothing more': (inner) => {
    const stopped: Disposable[] = []
    return {
      receive: (channel, handler) => {
        for (const registration of stopped.splice(0)) registration[Symbol.dispose]()
        const registration = inner.receive(channel, handler)
        return { [Symbol.dispose]: () => void stopped.push(registration) }
      },
    }
  },
  'another handler may follow, and disposing of the first once more does not stop it': (inner) => {
    const registrations = new Map<Channel, Disposable>()
    return {
      receive: (channel, handler) => {
        registrations.set(channel, inner.receive(channel, handler))
        return { [Symbol.dispose]: () => registrations.get(channel)?.[Symbol.dispose]() }
      },
    }
  },
  'after a handler threw, it and the others go on receiving': (inner) => {
    let isDead = false
    return {
      receive: (channel, handler) =>
        inner.receive(channel, (from, frame) => {
          if (isDead) return
          try {
            handler(from, frame)
          } catch (error) {
            isDead = true
            throw error
          }
        }),
    }
  },
  'the observer is told of a handler that threw': (inner) => ({
    receive: (channel, handler) =>
      inner.receive(channel, (from, frame) => {
        try {
          handler(from, frame)
        } catch {
          // Swallowed.
        }
      }),
  }),
  'a channel has one handler': (inner) => ({
    receive: (channel, handler) => {
      try {
        return inner.receive(channel, handler)
      } catch (error) {
        if (channel !== 'taken') throw error
        return { [Symbol.dispose]: () => undefined }
      }
    },
  }),
  'a channel name above 255 bytes of UTF-8 is refused, one of 255 is not': (inner) => ({
    receive: (channel, handler) => {
      // Counts characters.
      if (channel.length > 255) throw new ColonyError('HOST_INVALID_OPTION', 'too long')
      return inner.receive(channel.slice(0, 127), handler)
    },
    send: (to, channel, frame) => inner.send(to, channel.slice(0, 127), frame),
  }),
}
