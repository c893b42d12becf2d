import { transportConformance } from '@colony/testing/conformance'
import { describe, test } from 'vitest'
import { WebSocketNodes } from './ws-nodes.ts'

const cases = transportConformance({
  supports: ['ordered', 'reliable', 'addresses', 'connections', 'bounded', 'observer', 'contact'],
  deadlineMs: 15_000,
  network: () => {
    const nodes = new WebSocketNodes()
    return {
      transport: async (id, observer) => {
        // A node that comes back has another port: whoever restarts it says so.
        nodes.addresses.delete(id)
        return await nodes.server({ observer })
      },
    }
  },
})

describe('WebSockets of the package ws', () => {
  for (const { name, run } of cases) test(name, run)
})
