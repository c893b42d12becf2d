export { GossipError, type GossipErrorCode } from './core/error.ts'
