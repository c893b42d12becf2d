/**
 * Locks on one Redis server, on a Cluster, and by a majority of independent servers.
 * @module redis
 */
export {}
