import type { Channel, Clock, FrameHandler, NodeId, Transport } from '@colony/host'
import { ColonyError } from '@colony/host'
import type { TransportFactory } from '../../src/conformance/index.ts'
import { memoryTransports } from './transport-factories.ts'

/** What a broken transport is made of. */
interface Parts {
  readonly id: NodeId
  readonly clock: Clock
  /** For the nodes of a network to keep notes of openings, as they would in an address book. */
  readonly opened: NodeId[]
}

/** Methods that take the place of the sound ones. */
type Fault = (inner: Transport, parts: Parts) => Partial<Transport>

const MAX_FRAME_BYTES = 65_536

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_TRANSPORTS: Readonly<Record<string, Fault>> = {
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

/** Every node of it has the fault. */
export function brokenTransports(fault: Fault): TransportFactory {
  const factory = memoryTransports({ maxFrameBytes: MAX_FRAME_BYTES })
  return {
    ...factory,
    network: async () => {
      const network = await factory.network()
      const { occupied, clock } = network
      if (occupied === undefined || clock === undefined) throw new Error('the network in memory has both')
      const opened: NodeId[] = []
      const broken = (id: NodeId, inner: Transport): Transport => {
        return replaced(inner, fault(inner, { id, clock, opened }))
      }
      return {
        ...network,
        transport: async (id, observer) => broken(id, await network.transport(id, observer)),
        occupied: async (id) => {
          const { transport, free } = await occupied(id)
          return { transport: broken(id, transport), free }
        },
      }
    },
  }
}

function replaced(inner: Transport, methods: Partial<Transport>): Transport {
  return {
    get capabilities() {
      return methods.capabilities ?? inner.capabilities
    },
    open: methods.open ?? (async (self) => await inner.open(self)),
    send: methods.send ?? ((to, channel, frame) => inner.send(to, channel, frame)),
    receive: methods.receive ?? ((channel, handler) => inner.receive(channel, handler)),
    close: methods.close ?? (async () => await inner.close()),
  }
}

function altered(frame: Uint8Array): Uint8Array {
  const copy = frame.slice()
  copy[500] = (copy[500] ?? 0) ^ 0x10
  return copy
}
