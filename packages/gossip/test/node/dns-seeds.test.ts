import { describe, expect, it } from 'vitest'
import { dnsSeeds, type DnsLookups } from '../../src/node/index.ts'

/** A world of names that a test may change. */
class Names implements DnsLookups {
  readonly hosts = new Map<string, string[]>()
  readonly services = new Map<string, { name: string; port: number }[]>()
  readonly asked: string[] = []

  async lookup(host: string): Promise<readonly { address: string }[]> {
    this.asked.push(host)
    const found = this.hosts.get(host)
    if (found === undefined) throw Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' })
    return found.map((address) => ({ address }))
  }

  async resolveSrv(name: string): Promise<readonly { name: string; port: number }[]> {
    this.asked.push(name)
    const found = this.services.get(name)
    if (found === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' })
    return found
  }
}

describe('seeds from DNS', () => {
  it('are all addresses of a host, sorted and each once, looked up at every call', async () => {
    const dns = new Names()
    dns.hosts.set('gossip.internal', ['10.0.0.2', '10.0.0.1', 'fd00::1', '10.0.0.1'])
    const seeds = dnsSeeds('gossip.internal:7946', { dns })
    expect(dns.asked).toEqual([])
    expect(await seeds()).toEqual(['10.0.0.1:7946', '10.0.0.2:7946', '[fd00::1]:7946'])
    dns.hosts.set('gossip.internal', ['10.0.0.9'])
    expect(await seeds()).toEqual(['10.0.0.9:7946'])
    expect(dns.asked).toEqual(['gossip.internal', 'gossip.internal'])
  })

  it('are the hosts and ports of SRV records; hosts without an address are left out', async () => {
    const dns = new Names()
    dns.services.set('_gossip._udp.example.com', [
      { name: 'b.example.com', port: 2 },
      { name: 'a.example.com', port: 1 },
      { name: 'gone.example.com', port: 3 },
    ])
    dns.hosts.set('a.example.com', ['10.0.0.1'])
    dns.hosts.set('b.example.com', ['10.0.0.2', '10.0.0.3'])
    const seeds = dnsSeeds('dns:_gossip._udp.example.com', { dns })
    expect(await seeds()).toEqual(['10.0.0.1:1', '10.0.0.2:2', '10.0.0.3:2'])
  })

  it('reject while a name cannot be resolved', async () => {
    const dns = new Names()
    await expect(dnsSeeds('gossip.internal:7946', { dns })()).rejects.toMatchObject({ code: 'ENOTFOUND' })
    await expect(dnsSeeds('_g._udp.example.com', { dns })()).rejects.toMatchObject({ code: 'ENOTFOUND' })
    dns.services.set('_g._udp.example.com', [{ name: 'gone', port: 1 }])
    await expect(dnsSeeds('_g._udp.example.com', { dns })()).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it('are at most 256', async () => {
    const dns = new Names()
    dns.hosts.set(
      'many',
      Array.from({ length: 300 }, (_, at) => `10.0.${at >> 8}.${at & 255}`),
    )
    expect(await dnsSeeds('dns:many:1', { dns })()).toHaveLength(256)
  })

  it('of the system are looked up for real', async () => {
    const seeds = await dnsSeeds('localhost:7946')()
    expect(seeds.every((seed) => ['127.0.0.1:7946', '[::1]:7946'].includes(seed))).toBe(true)
    expect(seeds.length).toBeGreaterThan(0)
  })

  it('need a name of one of the two forms', () => {
    for (const name of ['', 'host', 'host:', 'host:0', 'host:65536', ':7946', '_gossip._udp', 'a b:1', 7]) {
      expect(() => dnsSeeds(name as string)).toThrow(/a name for seeds is like/)
    }
  })
})
