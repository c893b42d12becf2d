/**
 * Locks on etcd.
 * @module etcd
 */
export { etcdBackend, type EtcdBackendOptions, type EtcdCapabilities } from './etcd-backend.ts'
export { etcdGateway, type EtcdGatewayOptions } from './etcd-gateway.ts'
export type { Fetch, FetchedResponse } from './fetch.ts'
export {
  type EtcdClient,
  type EtcdCompare,
  type EtcdDelete,
  type EtcdEntry,
  EtcdError,
  type EtcdKeys,
  type EtcdLease,
  type EtcdOperation,
  type EtcdPut,
  type EtcdRange,
  type EtcdResult,
  type EtcdTxn,
  type EtcdTxnReply,
  type EtcdWatcher,
} from './etcd-client.ts'
