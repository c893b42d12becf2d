/**
 * Locks on etcd.
 * @module etcd
 */
export {}
