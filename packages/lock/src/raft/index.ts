/**
 * Locks as a replicated state machine on `@colony/raft`.
 * @module raft
 */
export {}
