// Run as a process of its own: two nodes meet, a third cannot be reached, all is closed. Nothing may keep the process alive then.
import { AddressBook } from '../../src/address-book.ts'
import { nodeHost } from '../../src/node/index.ts'

const addresses = new AddressBook()
const [a, b] = ['a', 'b'].map((id) => {
  return { id, host: nodeHost({ clusterId: 'c', addresses, listen: { host: '127.0.0.1', port: 0 } }) }
})
if (a === undefined || b === undefined) throw new Error('two nodes expected')
const leases = await Promise.all([a, b].map(({ id, host }) => host.open(id)))
addresses.set('dead', 'tcp://127.0.0.1:1')
a.host.transport.send('dead', 'x', Uint8Array.of(1))
await new Promise<void>((resolve) => {
  b.host.transport.receive('ping', (from, bytes) => b.host.transport.send(from, 'pong', bytes))
  a.host.transport.receive('pong', () => resolve())
  a.host.transport.send('b', 'ping', Uint8Array.of(1))
})
for (const lease of leases) await lease[Symbol.asyncDispose]()
process.stdout.write('closed')
