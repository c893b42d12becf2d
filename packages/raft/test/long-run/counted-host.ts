import type { Host } from '@colony/host'

/** What a node has asked its host for and not yet got or given back. */
export interface HostUse {
  timers: number
  afterInputs: number
  receivers: number
}

/** A host that counts what its node holds of it. */
export function countedHost(host: Host, use: HostUse): Host {
  const { clock, transport } = host
  return {
    ...{ clusterId: host.clusterId, random: host.random, addresses: host.addresses },
    ...(host.observer && { observer: host.observer }),
    open: (id) => host.open(id),
    clock: {
      now: () => clock.now(),
      after: (delayMs, task) => {
        use.timers++
        let isHeld = true
        const release = (): void => {
          if (isHeld) use.timers--
          isHeld = false
        }
        const timer = clock.after(delayMs, () => {
          release()
          task()
        })
        return {
          [Symbol.dispose]: () => {
            release()
            timer[Symbol.dispose]()
          },
        }
      },
      afterInput: (task) => {
        use.afterInputs++
        clock.afterInput(() => {
          use.afterInputs--
          task()
        })
      },
    },
    transport: {
      capabilities: transport.capabilities,
      open: (id) => transport.open(id),
      close: () => transport.close(),
      send: (to, channel, frame) => transport.send(to, channel, frame),
      receive: (channel, handler) => {
        use.receivers++
        const receiving = transport.receive(channel, handler)
        return {
          [Symbol.dispose]: () => {
            use.receivers--
            receiving[Symbol.dispose]()
          },
        }
      },
    },
  }
}
