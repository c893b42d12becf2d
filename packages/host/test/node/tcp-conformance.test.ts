import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { type TransportFactory, transportConformance } from '@colony/testing/conformance'
import { describe, test } from 'vitest'
import { AddressBook } from '../../src/address-book.ts'
import { tcpTransport, type TcpTransportOptions, type TlsOptions } from '../../src/node/index.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

/** Small limits, because the suite goes to them; quick reconnects, because it waits for them. */
const LIMITS = {
  clusterId: 'conformance',
  maxFrameBytes: 256 * 1024,
  maxQueueBytes: 1024 * 1024,
  reconnect: { minMs: 5, maxMs: 100 },
}

function factory(tlsOf: (id: string) => TlsOptions | undefined): TransportFactory {
  return {
    supports: [
      'ordered',
      'reliable',
      'addresses',
      'connections',
      'bounded',
      'observer',
      'contact',
      'occupied',
    ],
    deadlineMs: 15_000,
    network: () => {
      const addresses = new AddressBook()
      const options = (id: string): TcpTransportOptions => {
        const tls = tlsOf(id)
        return { ...LIMITS, addresses, listen: LOOPBACK, ...(tls !== undefined && { tls }) }
      }
      return {
        transport: (id, observer) => {
          // A node that comes back has another port: whoever restarts it says so.
          addresses.delete(id)
          return tcpTransport({ ...options(id), observer })
        },
        occupied: async (id) => {
          const server = createServer()
          await new Promise<void>((resolve) => {
            server.listen(0, '127.0.0.1', resolve)
          })
          const { port } = server.address() as AddressInfo
          return {
            transport: tcpTransport({ ...options(id), listen: { host: '127.0.0.1', port } }),
            free: async () => {
              await new Promise((resolve) => server.close(resolve))
            },
          }
        },
      }
    },
  }
}

function pem(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8')
}

/** The nodes that talk in the suite are a, b and c; what others present is never looked at. */
function keys(id: string): TlsOptions {
  const name = ['a', 'b', 'c'].includes(id) ? id : 'd'
  return { key: pem(`${name}.key`), cert: pem(`${name}.cert`), ca: pem('ca.cert') }
}

describe('TCP, plain', () => {
  for (const { name, run } of transportConformance(factory(() => undefined))) test(name, run)
})

describe('TCP, through mutual TLS', () => {
  for (const { name, run } of transportConformance(factory(keys))) test(name, run)
})
