import { describe, expect, it } from 'vitest'
import { formatTcpAddress, parseTcpAddress } from '../../src/node/tcp-address.ts'

describe('TCP addresses', () => {
  it.each([
    ['tcp://10.0.0.1:7001', { host: '10.0.0.1', port: 7001 }],
    ['10.0.0.1:7001', { host: '10.0.0.1', port: 7001 }],
    ['tcp://node-1.example:65535', { host: 'node-1.example', port: 65_535 }],
    ['tcp://[::1]:0', { host: '::1', port: 0 }],
    ['[fe80::1%eth0]:1', { host: 'fe80::1%eth0', port: 1 }],
  ])('%s is read', (address, endpoint) => {
    expect(parseTcpAddress(address)).toEqual(endpoint)
  })

  it.each([
    '',
    'tcp://',
    '10.0.0.1',
    'tcp://10.0.0.1:65536',
    'http://a:1',
    'a b:1',
    '::1:7001',
    '[nonsense]:1',
    'a\0b:1',
    'x@y:1',
  ])('%j is none', (address) => {
    expect(parseTcpAddress(address)).toBeUndefined()
  })

  it.each(['tcp://10.0.0.1:7001', 'tcp://[::1]:7001'])('%s is spelled as it was read', (address) => {
    const endpoint = parseTcpAddress(address)
    expect(endpoint && formatTcpAddress(endpoint)).toBe(address)
  })
})
