/// <reference lib="esnext.disposable" preserve="true" />

/**
 * One key, or all keys from `key` on and before `end`.
 * @category Etcd
 */
export interface EtcdKeys {
  /** The key, or the first one. */
  readonly key: string
  /** The first key that is not meant any more. Default: `key` alone is meant. */
  readonly end?: string
}

/**
 * Holds if the revision is this one, for every key that is meant; 0 stands for a key that is not there, and for a range without any.
 * @category Etcd
 */
export interface EtcdCompare extends EtcdKeys {
  /** Of its creation, or of its latest change. */
  readonly target: 'create' | 'mod'
  /** The revision. */
  readonly revision: number
}

/**
 * Writes a key.
 * @category Etcd
 */
export interface EtcdPut {
  /** Discriminant. */
  readonly type: 'put'
  /** The key. */
  readonly key: string
  /** What is written. Default: what is there stays, and only the lease changes. */
  readonly value?: string
  /** The lease with which the key ends. Default: none. */
  readonly lease?: string
}

/**
 * Deletes keys.
 * @category Etcd
 */
export interface EtcdDelete extends EtcdKeys {
  /** Discriminant. */
  readonly type: 'delete'
}

/**
 * Reads keys, the newest first (by creation).
 * @category Etcd
 */
export interface EtcdRange extends EtcdKeys {
  /** Discriminant. */
  readonly type: 'range'
  /** Only keys that were created before this revision. Default: all. */
  readonly createdBefore?: number
  /** How many at the most. Default: all. */
  readonly limit?: number
}

/**
 * One operation of a transaction.
 * @category Etcd
 */
export type EtcdOperation = EtcdPut | EtcdDelete | EtcdRange

/**
 * Operations that take effect together, in their order, if all comparisons hold; else nothing happens.
 * @category Etcd
 */
export interface EtcdTxn {
  /** What has to hold. */
  readonly compare: readonly EtcdCompare[]
  /** What is done then. */
  readonly success: readonly EtcdOperation[]
}

/**
 * A key as it was read.
 * @category Etcd
 */
export interface EtcdEntry {
  /** The key. */
  readonly key: string
  /** Its value. */
  readonly value: string
  /** The revision of the store at which it was created. */
  readonly createRevision: number
  /** The revision of the store at which it was written last. */
  readonly modRevision: number
}

/**
 * What came of one operation.
 * @category Etcd
 */
export interface EtcdResult {
  /** What a range has read. */
  readonly entries: readonly EtcdEntry[]
  /** How many keys were deleted. */
  readonly deleted: number
}

/**
 * What came of a transaction.
 * @category Etcd
 */
export interface EtcdTxnReply {
  /** Whether all comparisons held. */
  readonly succeeded: boolean
  /** The revision of the store after it. */
  readonly revision: number
  /** One for each operation; empty when the comparisons did not hold. */
  readonly results: readonly EtcdResult[]
}

/**
 * A lease that was granted.
 * @category Etcd
 */
export interface EtcdLease {
  /** Its number, in decimal digits: 63 bits. */
  readonly id: string
  /** How long it lasts, in seconds: as long as was asked for, or longer. */
  readonly ttlSeconds: number
}

/**
 * Told of keys that are deleted.
 * @category Etcd
 */
export interface EtcdWatcher {
  /** A key was deleted at this revision, or its lease has ended. */
  deleted(key: string, revision: number): void
  /** Nothing comes any more, for whatever reason. At most once, and not after it was disposed of. */
  ended(): void
}

/**
 * etcd, as the backend speaks to it; {@link etcdGateway} is one. No method sends anything twice, all reject with an {@link EtcdError} or with what a client throws; then it is
 * not known whether it was done, unless the error's code says so.
 * @category Etcd
 */
export interface EtcdClient {
  /** Runs a transaction; linearizable. */
  txn(txn: EtcdTxn, signal: AbortSignal): Promise<EtcdTxnReply>
  /** Grants a lease of as many seconds. */
  grantLease(ttlSeconds: number, signal: AbortSignal): Promise<EtcdLease>
  /** Lets a lease run anew: for how many seconds; 0 when it has ended. */
  keepAlive(lease: string, signal: AbortSignal): Promise<number>
  /** Ends a lease and its keys. One that has ended already is no error. */
  revokeLease(lease: string, signal: AbortSignal): Promise<void>
  /** Tells of keys that are deleted from a revision on, that one included, until disposed of. */
  watchDeletes(keys: EtcdKeys, fromRevision: number, watcher: EtcdWatcher): Disposable
}

/**
 * An answer of etcd that is an error, or a server that cannot be reached. No answer in time, and one that makes no sense, are a {@link LockError} with code `LOCK_NO_ANSWER`.
 * @category Etcd
 */
export class EtcdError extends Error {
  /** The status code of gRPC: 5 for a lease that is not there, 14 for a server that cannot be reached; any other is what etcd has said. */
  readonly code: number

  /** Makes one with a code of gRPC. */
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EtcdError'
    this.code = code
  }
}

/** Status codes of gRPC. */
export const NOT_FOUND = 5
export const UNAVAILABLE = 14
