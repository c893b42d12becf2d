import { ColonyError, type ColonyErrorOptions } from '@colony/host'

/**
 * Every code that `@colony/gossip` raises. `docs/guides/errors.md` has one heading for each.
 * @category Errors
 */
export type GossipErrorCode =
  | 'GOSSIP_INVALID_OPTION'
  | 'GOSSIP_CLOSED'
  | 'GOSSIP_NOT_READY'
  | 'GOSSIP_VALUE_NOT_ENCODABLE'
  | 'GOSSIP_TOO_LARGE'
  | 'GOSSIP_STATE_FULL'
  | 'GOSSIP_OVERLOADED'
  | 'GOSSIP_INVARIANT_BROKEN'

/**
 * What this package throws and rejects with.
 * @category Errors
 */
export class GossipError<Code extends GossipErrorCode = GossipErrorCode> extends ColonyError<Code> {
  /** Makes an error with a documented code. */
  constructor(code: Code, message: string, options?: ColonyErrorOptions) {
    super(code, message, options)
    this.name = 'GossipError'
  }
}
