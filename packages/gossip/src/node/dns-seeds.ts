import { lookup, resolveSrv } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import { type Address, showValue } from '@colony/host'
import { GossipError } from '../errors.ts'

/** Addresses that are taken of one answer: some of them are enough to find all. */
const MAX_ADDRESSES = 256

const PATTERN = /^(?:dns:)?(?:([\w.-]{1,253}):(\d{1,5})|(_[\w-]+\._[\w-]+\.[\w.-]{1,200}))$/

/**
 * One address of a host.
 * @category Node
 */
export interface HostAddress {
  /** In digits: `10.0.0.1`, `fd00::1`. */
  readonly address: string
}

/**
 * Where a service is (RFC 2782).
 * @category Node
 */
export interface ServiceRecord {
  /** The host. */
  readonly name: string
  /** Its port. */
  readonly port: number
}

/**
 * How names are resolved; what `node:dns/promises` does, for tests and for resolvers of your own.
 * @category Node
 */
export interface DnsLookups {
  /** Every address of a host. */
  lookup(host: string): Promise<readonly HostAddress[]>
  /** Every service that a name stands for. */
  resolveSrv(name: string): Promise<readonly ServiceRecord[]>
}

const SYSTEM: DnsLookups = {
  lookup: async (host) => await lookup(host, { all: true, verbatim: true }),
  resolveSrv: async (name) => await resolveSrv(name),
}

/**
 * Seeds by a name of DNS, resolved again whenever they are asked for: `'gossip.internal:7946'` for all addresses of a host (of a headless service, say), `'_gossip._udp.example.com'` for the
 * hosts and ports of its SRV records. With or without `dns:` before it.
 * @returns What `createGossip` takes as `seeds`: up to 256 addresses, sorted. It rejects while the name cannot be resolved, which counts as not having been asked: gossip asks again.
 * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a name of neither form.
 * @example
 * ```ts
 * createGossip({ id: 'api-7', host, seeds: dnsSeeds('gossip.internal:7946') })
 * ```
 * @category Node
 */
export function dnsSeeds(
  name: string,
  options: { readonly dns?: DnsLookups } = {},
): () => Promise<readonly Address[]> {
  const match = typeof name === 'string' ? PATTERN.exec(name) : null
  const [, host, digits, service] = match ?? []
  const port = Number(digits)
  if (match === null || port > 65_535 || port === 0) {
    throw new GossipError(
      'GOSSIP_INVALID_OPTION',
      `a name for seeds is like 'gossip.internal:7946' or '_gossip._udp.example.com', not ${showValue(name)}`,
    )
  }
  const { dns = SYSTEM } = options
  return async () => {
    const found =
      service === undefined
        ? await addressesOf(dns, host ?? '', port)
        : await addressesOfService(dns, service)
    return [...new Set(found)].sort().slice(0, MAX_ADDRESSES)
  }
}

async function addressesOf(dns: DnsLookups, host: string, port: number): Promise<readonly Address[]> {
  const found = await dns.lookup(host)
  return found.map(({ address }) => (isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`))
}

/** Hosts that have no address just now are left out, unless none has. */
async function addressesOfService(dns: DnsLookups, service: string): Promise<readonly Address[]> {
  const records = (await dns.resolveSrv(service)).slice(0, MAX_ADDRESSES)
  const found = await Promise.allSettled(records.map(({ name, port }) => addressesOf(dns, name, port)))
  const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const failed = found.find((one) => one.status === 'rejected')
  if (addresses.length === 0 && failed !== undefined) throw failed.reason
  return addresses
}
