/**
 * What gossip needs of Node: keys, epochs that outlive the process, seeds from DNS.
 * @module node
 */
export { createKeyring, type KeyringOptions, type KeyringStats, type RotatingKeyring } from './keyring.ts'
export { dnsSeeds, type DnsLookups, type HostAddress, type ServiceRecord } from './dns-seeds.ts'
export { fileEpoch } from './file-epoch.ts'
