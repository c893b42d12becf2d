import { isIPv6 } from 'node:net'
import type { Address } from '../core/identity.ts'

/** How the address of a transport begins. UDP listens for connections at the same port, so either leads to both. */
export type Scheme = 'tcp' | 'udp'

/** A host name or IP address, and a port. */
export interface TcpEndpoint {
  /** Host name, IPv4 or IPv6 address (without brackets). */
  readonly host: string
  /** 0 to 65535. */
  readonly port: number
}

const PATTERN = /^(?:(?:tcp|udp):\/\/)?(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|([\w.-]{1,253})):(\d{1,5})\/?$/

/** Reads `tcp://host:port`, `udp://host:port` or `host:port`, an IPv6 address in brackets; `undefined` when it is anything else. */
export function parseTcpAddress(address: Address): TcpEndpoint | undefined {
  const match = PATTERN.exec(address)
  if (match === null) return undefined
  const [, bracketed, name, digits] = match
  const host = bracketed ?? name
  const port = Number(digits)
  if (host === undefined || port > 65_535) return undefined
  return bracketed !== undefined && !isIPv6(bracketed) ? undefined : { host, port }
}

/** Spells an endpoint as `tcp://host:port` or `udp://host:port`. */
export function formatTcpAddress({ host, port }: TcpEndpoint, scheme: Scheme = 'tcp'): Address {
  return host.includes(':') ? `${scheme}://[${host}]:${port}` : `${scheme}://${host}:${port}`
}
