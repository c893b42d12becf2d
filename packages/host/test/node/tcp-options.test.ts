import { describe, expect, it } from 'vitest'
import { AddressBook } from '../../src/address-book.ts'
import { nodeHost, tcpTransport, type TcpTransportOptions } from '../../src/node/index.ts'
import { resolveTcpOptions } from '../../src/node/options.ts'
import { codedError } from '../coded-error.ts'

const GOOD: TcpTransportOptions = { clusterId: 'c', addresses: new AddressBook(), listen: 0 }

/** Options with one that the types would not allow. */
function bad(fields: Readonly<Record<string, unknown>>): TcpTransportOptions {
  return { ...GOOD, ...fields }
}

describe('options of tcpTransport', () => {
  it.each([
    ['clusterId', { clusterId: undefined }],
    ['clusterId', { clusterId: 'x'.repeat(256) }],
    ['addresses', { addresses: undefined }],
    ['listen', { listen: undefined }],
    ['listen', { listen: 65_536 }],
    ['listen', { listen: 1.5 }],
    ['listen', { listen: 'nowhere' }],
    ['listen.port', { listen: { host: '127.0.0.1', port: -1 } }],
    ['listen.host', { listen: { host: '', port: 1 } }],
    ['advertise', { advertise: 'http://x' }],
    ['tls.ca', { tls: { key: 'k', cert: 'c' } }],
    ['tls', { tls: { key: 'k', cert: 'c', ca: 'a' } }],
    ['tls.minVersion', { tls: { key: 'k', cert: 'c', ca: 'a', minVersion: 'TLSv1.1' } }],
    ['maxFrameBytes', { maxFrameBytes: 1023 }],
    ['maxFrameBytes', { maxFrameBytes: 2 ** 30 + 1 }],
    ['maxQueueBytes', { maxQueueBytes: 1024 }],
    ['maxConnections', { maxConnections: 0 }],
    ['handshakeTimeoutMs', { handshakeTimeoutMs: 0 }],
    ['handshakeTimeoutMs', { handshakeTimeoutMs: Number.NaN }],
    ['pingIntervalMs', { pingIntervalMs: '5s' }],
    ['idleTimeoutMs', { pingIntervalMs: 1000, idleTimeoutMs: 1000 }],
    ['lingerMs', { lingerMs: -1 }],
    ['closeTimeoutMs', { closeTimeoutMs: 60_001 }],
    ['reconnect.minMs', { reconnect: { minMs: 0 } }],
    ['reconnect.maxMs', { reconnect: { minMs: 100, maxMs: 50 } }],
    ['observer', { observer: 'stdout' }],
    ['clock', { clock: {} }],
    ['random', { random: {} }],
  ])('a bad %s is refused at once, by name', (name, fields) => {
    expect(() => tcpTransport(bad(fields))).toThrow(codedError('HOST_INVALID_OPTION', name))
    // A host makes its own address book.
    if (name !== 'addresses')
      expect(() => nodeHost(bad(fields))).toThrow(codedError('HOST_INVALID_OPTION', name))
  })

  it('names the range', () => {
    expect(() => tcpTransport(bad({ maxConnections: 0 }))).toThrow('from 1 to 100000, not 0')
  })

  it('refuses what is no options at all', () => {
    expect(() => tcpTransport(undefined as unknown as TcpTransportOptions)).toThrow(
      codedError('HOST_INVALID_OPTION'),
    )
    expect(() => nodeHost(null as unknown as TcpTransportOptions)).toThrow(codedError('HOST_INVALID_OPTION'))
  })

  it('has the defaults that it documents', () => {
    expect(resolveTcpOptions(GOOD)).toMatchObject({
      listen: { host: undefined, port: 0 },
      maxFrameBytes: 16 * 1024 * 1024,
      maxQueueBytes: 32 * 1024 * 1024,
      maxConnections: 4096,
      handshakeTimeoutMs: 5000,
      pingIntervalMs: 5000,
      idleTimeoutMs: 15_000,
      lingerMs: 60_000,
      closeTimeoutMs: 1000,
      reconnect: { minMs: 50, maxMs: 2000 },
    })
  })

  it('lets the queue grow with the frame', () => {
    const { maxQueueBytes } = resolveTcpOptions(bad({ maxFrameBytes: 2 ** 30 }))
    expect(maxQueueBytes).toBe(2 ** 30)
  })

  it('reads every spelling of listen', () => {
    expect(resolveTcpOptions(bad({ listen: '127.0.0.1:7001' })).listen).toEqual({
      host: '127.0.0.1',
      port: 7001,
    })
    expect(resolveTcpOptions(bad({ listen: { host: '::1', port: 1 } })).listen).toEqual({
      host: '::1',
      port: 1,
    })
  })
})
