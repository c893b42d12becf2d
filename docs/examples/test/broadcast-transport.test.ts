import { type TransportFactory, transportConformance } from '@colony/testing/conformance'
import { describe, test } from 'vitest'
import { BroadcastTransport } from '../src/broadcast-transport.ts'

let networks = 0

const factory: TransportFactory = {
  supports: ['ordered', 'reliable', 'observer'],
  deadlineMs: 15_000,
  network: () => {
    // Every case has a medium of its own.
    const name = `conformance ${process.pid} ${(networks += 1)}`
    return { transport: (_id, observer) => new BroadcastTransport(name, observer) }
  },
}

describe('the transport of the guide', () => {
  for (const { name, run } of transportConformance(factory)) test(name, run)
})
