import type { Clock, Host } from '@colony/host'
import { ColonyError } from '@colony/host'
import type { ClockFactory, HostFactory } from '../../src/conformance/index.ts'
import { createWorld } from '../../src/index.ts'

type ClockFault = (inner: Clock) => Partial<Clock>
type HostFault = (inner: Host) => Partial<Host>

/** The clock of a world. */
export const SOUND_CLOCKS: ClockFactory = brokenClocks(() => ({}))

/** The hosts of simulated nodes. */
export const SOUND_HOSTS: HostFactory = brokenHosts(() => ({}))

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_CLOCKS: Readonly<Record<string, ClockFault>> = {
  'time never goes backwards': (inner) => {
    let readings = 0
    return { now: () => inner.now() - ((readings += 1) === 100 ? 5 : 0) }
  },
  'a task runs once, and not before its time': (inner) => ({
    after: (delayMs, task) => inner.after(delayMs > 7 ? delayMs / 2 : delayMs, task),
  }),
  'a task that was cancelled does not run': (inner) => ({
    after: (delayMs, task) => {
      const timer = inner.after(delayMs, task)
      return delayMs === 5 ? { [Symbol.dispose]: () => undefined } : timer
    },
  }),
  'afterInput runs a task once, and not at once': (inner) => ({
    afterInput: (task) => {
      inner.afterInput(task)
      inner.afterInput(task)
    },
  }),
}

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_HOSTS: Readonly<Record<string, HostFault>> = {
  'an open host reaches others under its id, however many have opened it': ({ transport }) => ({
    transport: {
      capabilities: transport.capabilities,
      open: (self) => transport.open(self),
      send: (to, channel, frame) => transport.send(to, channel, frame),
      receive: (channel, handler) => transport.receive(channel, (from, frame) => handler(`${from}?`, frame)),
      close: () => transport.close(),
    },
  }),
  'a host lives as long as the last of its users': (inner) => {
    let users = 0
    return {
      open: async (id) => {
        const lease = await inner.open(id)
        users += 1
        return {
          // Counts those who leave twice two times.
          [Symbol.asyncDispose]: async () => {
            users -= 1
            if (users === 0) await inner.transport.close()
            await lease[Symbol.asyncDispose]()
          },
        }
      },
    }
  },
  'a host that everybody has left stays closed': (inner) => ({
    open: (id) =>
      inner.open(id).catch((error: unknown) => {
        if (error instanceof ColonyError && error.code === 'HOST_CLOSED')
          return { [Symbol.asyncDispose]: async () => undefined }
        throw error
      }),
  }),
  'opening a host that is closed, or under another id, is refused by name': (inner) => ({
    open: (id) =>
      inner.open(id).catch((cause: unknown) => {
        throw new Error('refused', { cause })
      }),
  }),
}

/** Every clock has the fault. */
export function brokenClocks(fault: ClockFault): ClockFactory {
  return {
    clock: () => {
      const world = createWorld({ seed: 1 })
      const inner = world.clock
      const sound: Clock = {
        now: () => inner.now(),
        after: (delayMs, task) => inner.after(delayMs, task),
        afterInput: (task) => inner.afterInput(task),
      }
      return { clock: { ...sound, ...fault(sound) }, finish: async (work) => await world.finish(work) }
    },
  }
}

/** Every host has the fault. */
export function brokenHosts(fault: HostFault): HostFactory {
  return {
    place: () => {
      const world = createWorld({ seed: 1 })
      const host = (id: string): Host => {
        const inner = world.addNode(id).host
        const { clusterId, clock, random, transport, addresses } = inner
        const open = (self: string): Promise<AsyncDisposable> => inner.open(self)
        return { clusterId, clock, random, transport, addresses, open, ...fault(inner) }
      }
      return { host, finish: async (work) => await world.finish(work) }
    },
  }
}
