import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import type { TransportFactory } from '@colony/testing/conformance'
import { AddressBook } from '../../src/address-book.ts'
import {
  type TlsOptions,
  type UdpTransport,
  udpTransport,
  type UdpTransportOptions,
} from '../../src/node/index.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

/** Small limits, because the suite goes to them; quick reconnects, because it waits for them. */
const LIMITS = {
  clusterId: 'conformance',
  maxFrameBytes: 256 * 1024,
  maxQueueBytes: 1024 * 1024,
  reconnect: { minMs: 5, maxMs: 100 },
}

/** Transports over UDP of the loopback interface; `tlsOf` says what a node's connections are secured with. */
export function udpTransports(tlsOf: (id: string) => TlsOptions | undefined): TransportFactory {
  return {
    supports: ['addresses', 'bounded', 'observer', 'contact', 'stream', 'occupied'],
    deadlineMs: 15_000,
    network: () => {
      const addresses = new AddressBook()
      const made: UdpTransport[] = []
      const options = (id: string): UdpTransportOptions => {
        const tls = tlsOf(id)
        return { ...LIMITS, addresses, listen: LOOPBACK, ...(tls !== undefined && { tls }) }
      }
      return {
        transport: (id, observer) => {
          // A node that comes back has another port: whoever restarts it says so.
          addresses.delete(id)
          const transport = udpTransport({ ...options(id), observer })
          made.push(transport)
          return transport
        },
        settle: async () => await quiet(made),
        occupied: async (id) => {
          const server = createServer().unref()
          await new Promise<void>((resolve) => {
            server.listen(0, '127.0.0.1', resolve)
          })
          const { port } = server.address() as AddressInfo
          return {
            transport: udpTransport({ ...options(id), listen: { host: '127.0.0.1', port } }),
            free: async () => {
              await new Promise((resolve) => server.close(resolve))
            },
          }
        },
      }
    },
  }
}

/** Waits until no counter has moved for a while. */
async function quiet(transports: readonly UdpTransport[]): Promise<void> {
  let before = ''
  for (let calm = 0; calm < 4; calm++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    const now = JSON.stringify(transports.map((transport) => transport.stats()))
    if (now !== before) calm = 0
    before = now
  }
}

function pem(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8')
}

/** The nodes that talk in the suite are a, b and c; what others present is never looked at. */
export function keysOf(id: string): TlsOptions {
  const name = ['a', 'b', 'c'].includes(id) ? id : 'd'
  return { key: pem(`${name}.key`), cert: pem(`${name}.cert`), ca: pem('ca.cert') }
}
