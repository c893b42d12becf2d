/**
 * A network within one process: transports and hosts for tests, examples and web pages.
 * @module memory
 */
export {
  createMemoryNetwork,
  type MemoryHostOptions,
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryTransportOptions,
} from './memory-network.ts'
