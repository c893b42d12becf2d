import { clockConformance, type HostFactory, hostConformance } from '@colony/testing/conformance'
import { describe, test } from 'vitest'
import { AddressBook } from '../src/address-book.ts'
import { createMemoryNetwork } from '../src/memory/index.ts'
import { nodeHost } from '../src/node/index.ts'
import { systemClock } from '../src/system/system-clock.ts'

describe('the clock of the platform', () => {
  for (const { name, run } of clockConformance({ clock: () => ({ clock: systemClock }) })) test(name, run)
})

const HOSTS: Readonly<Record<string, HostFactory>> = {
  'hosts in memory': {
    place: () => {
      const network = createMemoryNetwork()
      return { host: () => network.host() }
    },
  },
  'hosts of Node': {
    place: () => {
      const addresses = new AddressBook()
      const listen = { host: '127.0.0.1', port: 0 }
      return { host: () => nodeHost({ clusterId: 'conformance', addresses, listen }) }
    },
  },
}

describe.each(Object.entries(HOSTS))('%s', (_name, factory) => {
  for (const { name, run } of hostConformance(factory)) test(name, run)
})
