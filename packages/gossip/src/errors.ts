import { ColonyError, type ColonyErrorOptions } from '@colony/host'

/**
 * Every code that a {@link GossipError} may have.
 * @category Errors
 */
export type GossipErrorCode =
  /** An option is missing or impossible; the message says which, and what it takes. */
  'GOSSIP_INVALID_OPTION'

/**
 * What this package throws and rejects with.
 * @category Errors
 */
export class GossipError<Code extends GossipErrorCode = GossipErrorCode> extends ColonyError<Code> {
  /** @internal */
  constructor(code: Code, message: string, options?: ColonyErrorOptions) {
    super(code, message, options)
    this.name = 'GossipError'
  }
}
