/**
 * Membership, failure detection and versioned shared state by gossip.
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export { GossipError, type GossipErrorCode } from './errors.ts'
