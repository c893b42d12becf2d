/**
 * Locks as a replicated state machine on `@colony/raft`.
 * @module raft
 */
export { lockTable, type LockAnswer, type LockCommand, type LockStateMachine } from './lock-state-machine.ts'
export { raftBackend, type RaftBackendOptions, type RaftCapabilities } from './raft-backend.ts'
